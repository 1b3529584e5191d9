//! Answers, and how each protocol writes them. Commands say what they answer; only here it matters who reads it.

use std::borrow::Cow;
use std::io::Write as _;

use bytes::Bytes;

use crate::failure::Failure;
use crate::protocol::Protocol;

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
    /// Keys with their values; in RESP2 an array of both by turns.
    Map(Vec<(Reply, Reply)>),
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
    pub(crate) fn encode(&self, protocol: Protocol, out: &mut Vec<u8>) {
        match (self, protocol) {
            (Self::Simple(text), _) => line(out, b'+', text),
            (Self::Error(text), _) => line(out, b'-', &text.replace(['\r', '\n'], " ")),
            (Self::Integer(number), _) => header(out, b':', *number),
            (Self::Bulk(bytes), _) => bulk(out, bytes),
            (Self::Nil, Protocol::Resp2) => out.extend_from_slice(b"$-1\r\n"),
            (Self::NilArray, Protocol::Resp2) => out.extend_from_slice(b"*-1\r\n"),
            (Self::Nil | Self::NilArray, Protocol::Resp3) => out.extend_from_slice(b"_\r\n"),
            (Self::Array(items), _) => {
                header(out, b'*', items.len());
                for item in items {
                    item.encode(protocol, out);
                }
            }
            (Self::Map(pairs), _) => {
                match protocol {
                    Protocol::Resp2 => header(out, b'*', 2 * pairs.len()),
                    Protocol::Resp3 => header(out, b'%', pairs.len()),
                }
                for (key, value) in pairs {
                    key.encode(protocol, out);
                    value.encode(protocol, out);
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

    fn encoded(reply: &Reply, protocol: Protocol) -> String {
        let mut out = Vec::new();
        reply.encode(protocol, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn what_both_protocols_have_is_written_alike() {
        for protocol in [Protocol::Resp2, Protocol::Resp3] {
            let encoded = |reply| encoded(&reply, protocol);
            assert_eq!(encoded(Reply::OK), "+OK\r\n");
            assert_eq!(encoded(Failure::Syntax.into()), "-ERR syntax error\r\n");
            assert_eq!(encoded(Reply::Integer(-7)), ":-7\r\n");
            assert_eq!(encoded(Reply::bulk("a\r\nb")), "$4\r\na\r\nb\r\n");
            let nested = Reply::Array(vec![Reply::bulk(""), Reply::Array(vec![])]);
            assert_eq!(encoded(nested), "*2\r\n$0\r\n\r\n*0\r\n");
        }
    }

    #[test]
    fn resp3_has_a_null_and_maps_of_its_own_at_any_depth() {
        let pairs = vec![(Reply::bulk("a"), Reply::Nil), (Reply::bulk("b"), Reply::Map(vec![]))];
        for (reply, resp2, resp3) in [
            (Reply::Nil, "$-1\r\n", "_\r\n"),
            (Reply::NilArray, "*-1\r\n", "_\r\n"),
            (
                Reply::Array(vec![Reply::Map(pairs)]),
                "*1\r\n*4\r\n$1\r\na\r\n$-1\r\n$1\r\nb\r\n*0\r\n",
                "*1\r\n%2\r\n$1\r\na\r\n_\r\n$1\r\nb\r\n%0\r\n",
            ),
        ] {
            assert_eq!(encoded(&reply, Protocol::Resp2), resp2);
            assert_eq!(encoded(&reply, Protocol::Resp3), resp3);
        }
    }

    #[test]
    fn an_error_never_spans_lines() {
        let error = Reply::Error("ERR got '\r\n'".into());
        assert_eq!(encoded(&error, Protocol::Resp2), "-ERR got '  '\r\n");
    }
}
