//! Answers, and how RESP2 writes them.

use std::borrow::Cow;
use std::io::Write as _;

use bytes::Bytes;

use crate::failure::Failure;

/// One answer to one command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reply {
    /// A status line such as `OK`.
    Simple(&'static str),
    /// An error line, its code first.
    Error(Cow<'static, str>),
    Integer(i64),
    /// A binary-safe string.
    Bulk(Bytes),
    /// No such string.
    Nil,
    /// No such array: what EXEC answers when a watched key has changed.
    NilArray,
    Array(Vec<Reply>),
}

impl Reply {
    pub(crate) const OK: Self = Self::Simple("OK");

    /// A string answer, copied.
    pub(crate) fn bulk(text: impl AsRef<[u8]>) -> Self {
        Self::Bulk(Bytes::copy_from_slice(text.as_ref()))
    }

    /// An array of strings.
    pub(crate) fn bulks<'a>(strings: impl IntoIterator<Item = &'a Bytes>) -> Self {
        Self::Array(strings.into_iter().cloned().map(Self::Bulk).collect())
    }

    /// A number of things.
    pub(crate) fn count(things: usize) -> Self {
        Self::Integer(i64::try_from(things).unwrap_or(i64::MAX))
    }

    /// Appends the answer's bytes to `out`.
    pub(crate) fn encode(&self, out: &mut Vec<u8>) {
        match self {
            Self::Simple(text) => line(out, b'+', text),
            Self::Error(text) => line(out, b'-', &text.replace(['\r', '\n'], " ")),
            Self::Integer(number) => header(out, b':', *number),
            Self::Bulk(bytes) => bulk(out, bytes),
            Self::Nil => out.extend_from_slice(b"$-1\r\n"),
            Self::NilArray => out.extend_from_slice(b"*-1\r\n"),
            Self::Array(items) => {
                header(out, b'*', items.len());
                for item in items {
                    item.encode(out);
                }
            }
        }
    }
}

impl From<Failure> for Reply {
    fn from(failure: Failure) -> Self {
        Self::Error(failure.to_string().into())
    }
}

impl From<Option<&Bytes>> for Reply {
    fn from(value: Option<&Bytes>) -> Self {
        value.map_or(Self::Nil, |value| Self::Bulk(value.clone()))
    }
}

impl From<bool> for Reply {
    fn from(done: bool) -> Self {
        Self::Integer(done.into())
    }
}

/// Appends a command in the form in which clients send it: an array of strings.
pub(crate) fn encode_command<'a>(out: &mut Vec<u8>, words: impl ExactSizeIterator<Item = &'a [u8]>) {
    header(out, b'*', words.len());
    words.for_each(|word| bulk(out, word));
}

fn bulk(out: &mut Vec<u8>, bytes: &[u8]) {
    header(out, b'$', bytes.len());
    out.extend_from_slice(bytes);
    out.extend_from_slice(b"\r\n");
}

fn line(out: &mut Vec<u8>, kind: u8, text: &str) {
    out.push(kind);
    out.extend_from_slice(text.as_bytes());
    out.extend_from_slice(b"\r\n");
}

fn header(out: &mut Vec<u8>, kind: u8, number: impl std::fmt::Display) {
    out.push(kind);
    // Writing to a vector cannot fail.
    let _ = write!(out, "{number}\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(reply: &Reply) -> String {
        let mut out = Vec::new();
        reply.encode(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn every_kind_of_answer_is_written_as_resp2() {
        assert_eq!(encoded(&Reply::OK), "+OK\r\n");
        assert_eq!(encoded(&Failure::Syntax.into()), "-ERR syntax error\r\n");
        assert_eq!(encoded(&Reply::Integer(-7)), ":-7\r\n");
        assert_eq!(encoded(&Reply::bulk("a\r\nb")), "$4\r\na\r\nb\r\n");
        assert_eq!(encoded(&Reply::Nil), "$-1\r\n");
        assert_eq!(encoded(&Reply::NilArray), "*-1\r\n");
        assert_eq!(
            encoded(&Reply::Array(vec![Reply::bulk(""), Reply::Array(vec![])])),
            "*2\r\n$0\r\n\r\n*0\r\n"
        );
    }

    #[test]
    fn an_error_never_spans_lines() {
        assert_eq!(encoded(&Reply::Error("ERR got '\r\n'".into())), "-ERR got '  '\r\n");
    }
}
