//! The head of an answer. Owns what of it a measurement needs, and what makes it no HTTP.

use std::mem::MaybeUninit;

use httparse::{Header, ParserConfig, Status};

use super::body::Framing;
use crate::server_timing::ServerTiming;

/// Header lines that fit without a second try.
const FEW_HEADERS: usize = 32;

/// Header lines that an answer may have.
const MOST_HEADERS: usize = 4096;

/// Bytes that a head may have: more than any server sends in earnest, and little enough for 10,000 connections.
pub const LONGEST_HEAD: usize = 2 * 1024 * 1024;

/// What a measurement needs of an answer's head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head<'a> {
    /// The status code.
    pub status: u16,
    /// Where the body ends.
    pub framing: Framing,
    /// Whether the server will take another request on this connection, as far as the head tells.
    pub keep_alive: bool,
    /// The value of `X-Served-By`, or of the header that was asked for.
    pub served_by: Option<&'a [u8]>,
    /// What all `Server-Timing` lines say; `None` without one.
    pub server_timing: Option<ServerTiming>,
    /// Where a redirect leads.
    pub location: Option<&'a [u8]>,
}

/// Why bytes are no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// The head does not follow the grammar.
    #[error("the answer is not HTTP/1.x: {0}")]
    Head(httparse::Error),
    /// The head does not end.
    #[error("the answer's head is over 2 MiB")]
    HeadTooLong,
    /// Contradicting or unreadable lengths.
    #[error("the answer's Content-Length is no length")]
    Length,
    /// A chunk without a readable size, or without its end.
    #[error("the answer's chunks are broken")]
    Chunk,
}

/// What to look for in a head.
#[derive(Clone, Copy, Debug)]
pub struct Query<'a> {
    /// Whether the request was a HEAD, whose answer has no body whatever its head says.
    pub head_request: bool,
    /// The header that tells which replica answered.
    pub served_by: &'a str,
}

impl<'a> Head<'a> {
    /// Parses the head at the start of `bytes`; with it the number of its bytes. `None` if it has not all arrived.
    pub fn parse(bytes: &'a [u8], query: Query<'_>) -> Result<Option<(Self, usize)>, Malformed> {
        let mut few = [const { MaybeUninit::uninit() }; FEW_HEADERS];
        let parsed = match parse_with(bytes, &mut few, query) {
            Err(Malformed::Head(httparse::Error::TooManyHeaders)) => {
                parse_with(bytes, &mut vec![MaybeUninit::uninit(); MOST_HEADERS], query)
            }
            parsed => parsed,
        }?;
        match parsed {
            None if bytes.len() > LONGEST_HEAD => Err(Malformed::HeadTooLong),
            parsed => Ok(parsed),
        }
    }
}

fn parse_with<'a>(
    bytes: &'a [u8],
    headers: &mut [MaybeUninit<Header<'a>>],
    query: Query<'_>,
) -> Result<Option<(Head<'a>, usize)>, Malformed> {
    let mut response = httparse::Response::new(&mut []);
    let config = ParserConfig::default();
    let parsed = config.parse_response_with_uninit_headers(&mut response, bytes, headers);
    let Status::Complete(length) = parsed.map_err(Malformed::Head)? else { return Ok(None) };
    let status = response.code.unwrap_or_default();
    let mut fields = Fields { version: response.version.unwrap_or_default(), ..Fields::default() };
    for header in response.headers.iter() {
        fields.take(header, query.served_by)?;
    }
    Ok(Some((fields.head(status, query.head_request), length)))
}

/// What the header lines said so far.
#[derive(Default)]
struct Fields<'a> {
    version: u8,
    length: Option<u64>,
    chunked: bool,
    close: bool,
    keep_alive: bool,
    served_by: Option<&'a [u8]>,
    server_timing: Option<ServerTiming>,
    location: Option<&'a [u8]>,
}

impl<'a> Fields<'a> {
    fn take(&mut self, header: &Header<'a>, served_by: &str) -> Result<(), Malformed> {
        let is = |name: &str| header.name.eq_ignore_ascii_case(name);
        // The length of a name tells most of them apart without looking at it.
        match header.name.len() {
            14 if is("content-length") => self.take_length(header.value)?,
            17 if is("transfer-encoding") => self.chunked |= last_is_chunked(header.value),
            10 if is("connection") => self.take_connection(header.value),
            13 if is("server-timing") => self.take_timing(header.value),
            8 if is("location") => self.location = Some(header.value),
            _ => {}
        }
        if is(served_by) {
            self.served_by = Some(header.value);
        }
        Ok(())
    }

    fn take_timing(&mut self, value: &[u8]) {
        let timing = self.server_timing.get_or_insert_default();
        if let Ok(value) = std::str::from_utf8(value) {
            timing.add(value);
        }
    }

    /// The same length may be said twice (RFC 9112, 6.3); two lengths are an attack or a bug.
    fn take_length(&mut self, value: &[u8]) -> Result<(), Malformed> {
        for value in value.split(|byte| *byte == b',') {
            let length = decimal(value.trim_ascii()).ok_or(Malformed::Length)?;
            if self.length.is_some_and(|known| known != length) {
                return Err(Malformed::Length);
            }
            self.length = Some(length);
        }
        Ok(())
    }

    fn take_connection(&mut self, value: &[u8]) {
        for option in value.split(|byte| *byte == b',').map(<[u8]>::trim_ascii) {
            self.close |= option.eq_ignore_ascii_case(b"close");
            self.keep_alive |= option.eq_ignore_ascii_case(b"keep-alive");
        }
    }

    fn head(self, status: u16, head_request: bool) -> Head<'a> {
        let without_body = head_request || status < 200 || status == 204 || status == 304;
        let framing = match (without_body, self.chunked, self.length) {
            (true, ..) => Framing::Length(0),
            (false, true, _) => Framing::Chunked,
            (false, false, Some(length)) => Framing::Length(length),
            (false, false, None) => Framing::Close,
        };
        let persistent = if self.version == 0 { self.keep_alive } else { true };
        let keep_alive = persistent && !self.close && framing != Framing::Close;
        let Self { served_by, server_timing, location, .. } = self;
        Head { status, framing, keep_alive, served_by, server_timing, location }
    }
}

/// Whether chunks are the last coding applied, without which they frame nothing.
fn last_is_chunked(value: &[u8]) -> bool {
    let last = value.rsplit(|byte| *byte == b',').next().unwrap_or_default();
    last.trim_ascii().eq_ignore_ascii_case(b"chunked")
}

/// Digits only: `parse` would let a sign through.
fn decimal(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() {
        return None;
    }
    digits.iter().try_fold(0u64, |sum, digit| {
        let digit = char::from(*digit).to_digit(10)?;
        sum.checked_mul(10)?.checked_add(digit.into())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    const fn ms(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    const GET: Query<'static> = Query { head_request: false, served_by: "x-served-by" };

    fn parse(text: &str) -> Result<Option<(Head<'_>, usize)>, Malformed> {
        Head::parse(text.as_bytes(), GET)
    }

    fn framed(lines: &str) -> (Framing, bool) {
        let text = format!("HTTP/1.1 200 OK\r\n{lines}\r\n");
        let (head, _) = parse(&text).unwrap().unwrap();
        (head.framing, head.keep_alive)
    }

    #[test]
    fn a_head_tells_what_a_measurement_needs() {
        let text = "HTTP/1.1 302 Found\r\nX-Served-By: rng-1\r\nServer-Timing: queue;dur=1\r\nserver-timing: service;dur=2\r\nLocation: /x\r\n\
                    Content-Length: 5\r\n\r\nhello";
        let (head, length) = parse(text).unwrap().unwrap();
        assert_eq!((head.status, length), (302, text.len() - 5));
        assert_eq!(head.served_by, Some(&b"rng-1"[..]));
        let timing = head.server_timing.unwrap();
        assert_eq!(timing.queue.zip(timing.service), Some((ms(1), ms(2))));
        assert_eq!(head.location, Some(&b"/x"[..]));
    }

    #[test]
    fn framing_follows_the_standard() {
        assert_eq!(framed("Content-Length: 5\r\n"), (Framing::Length(5), true));
        assert_eq!(framed("Content-Length: 5, 5\r\n"), (Framing::Length(5), true));
        assert_eq!(framed("Transfer-Encoding: gzip, chunked\r\n"), (Framing::Chunked, true));
        assert_eq!(framed("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"), (Framing::Chunked, true));
        assert_eq!(framed("Transfer-Encoding: chunked, gzip\r\n"), (Framing::Close, false));
        assert_eq!(framed(""), (Framing::Close, false));
        assert_eq!(framed("Content-Length: 5\r\nConnection: x, Close\r\n"), (Framing::Length(5), false));
    }

    #[test]
    fn an_answer_that_cannot_have_a_body_has_none() {
        for start in ["HTTP/1.1 204 No Content", "HTTP/1.1 304 Not Modified", "HTTP/1.1 100 Continue"] {
            let text = format!("{start}\r\nContent-Length: 9\r\n\r\n");
            assert_eq!(parse(&text).unwrap().unwrap().0.framing, Framing::Length(0), "{start}");
        }
        let query = Query { head_request: true, ..GET };
        let (head, _) = Head::parse(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", query).unwrap().unwrap();
        assert_eq!(head.framing, Framing::Length(0));
    }

    #[test]
    fn an_old_server_keeps_a_connection_only_if_it_says_so() {
        let answer = |line: &str| format!("HTTP/1.0 200 OK\r\nContent-Length: 0\r\n{line}\r\n");
        assert!(!parse(&answer("")).unwrap().unwrap().0.keep_alive);
        assert!(parse(&answer("Connection: Keep-Alive\r\n")).unwrap().unwrap().0.keep_alive);
    }

    #[test]
    fn lengths_that_contradict_each_other_or_are_none_are_refused() {
        for value in ["5, 6", "-5", "+5", "", "5x", "99999999999999999999999"] {
            let text = format!("HTTP/1.1 200 OK\r\nContent-Length: {value}\r\n\r\n");
            assert_eq!(parse(&text), Err(Malformed::Length), "{value}");
        }
    }

    #[test]
    fn a_head_may_be_long_but_not_endless() {
        let many = "a: b\r\n".repeat(3000);
        assert!(parse(&format!("HTTP/1.1 200 OK\r\n{many}\r\n")).unwrap().is_some());
        let long = format!("HTTP/1.1 200 OK\r\na: {}\r\n\r\n", "x".repeat(1 << 20));
        assert!(parse(&long).unwrap().is_some());
        let endless = format!("HTTP/1.1 200 OK\r\na: {}", "x".repeat(LONGEST_HEAD));
        assert_eq!(parse(&endless), Err(Malformed::HeadTooLong));
    }

    #[test]
    fn what_is_no_http_is_refused_and_what_may_become_some_is_not() {
        for text in ["SSH-2.0-OpenSSH_9\r\n", "HTTP/2 200\r\n\r\n", "HTTP/1.1 2x0 OK\r\n\r\n", "\0\0\0"] {
            assert!(matches!(parse(text), Err(Malformed::Head(_))), "{text}");
        }
        for text in ["", "HT", "HTTP/1.1 200 OK\r\nContent-"] {
            assert_eq!(parse(text), Ok(None), "{text}");
        }
    }
}
