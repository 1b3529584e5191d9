//! Requests as they arrive: owns the bytes received and finds the complete commands in them. It resumes where it
//! stopped, so that a command in a thousand pieces is not looked at a thousand times from its start.

use std::ops::Range;

use bytes::{Buf, BytesMut};
use thiserror::Error;

use crate::inline;
use crate::number;

/// The longest string that a request may carry, in bytes.
const MAX_BULK: usize = 512 << 20;
/// The most strings that a request may carry.
const MAX_ARRAY: usize = 1 << 20;
/// The longest line: an inline command, or a length, in bytes.
const MAX_LINE: usize = 64 << 10;
/// The most that one command may hold in memory while it is incomplete, in bytes.
const MAX_REQUEST: usize = 1 << 30;
/// The least room offered to a read, in bytes.
const READ: usize = 16 << 10;
/// A buffer that held a request larger than this is given back after it, in bytes.
const KEEP: usize = 1 << 20;

/// Bytes that are no request; nothing after them can be trusted.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub(crate) enum ProtocolError {
    #[error("Protocol error: invalid multibulk length")]
    ArrayLength,
    #[error("Protocol error: invalid bulk length")]
    BulkLength,
    #[error("Protocol error: expected '{wanted}', got '{}'", char::from(*.got))]
    Unexpected { wanted: char, got: u8 },
    #[error("Protocol error: expected CRLF after a bulk string")]
    Terminator,
    #[error("Protocol error: too big {0}")]
    TooBig(&'static str),
    #[error("Protocol error: unbalanced quotes in request")]
    UnbalancedQuotes,
}

/// Finds requests in a stream of bytes.
#[derive(Debug)]
pub(crate) struct Parser {
    buffer: BytesMut,
    /// Everything in the buffer before this belongs to the request being parsed, and is understood.
    at: usize,
    /// Strings still to come in the array being parsed; none when its header has not come yet.
    missing: Option<usize>,
    /// The length of the string being parsed, once its header has come.
    length: Option<usize>,
    /// Where the strings of the present array are in the buffer.
    spans: Vec<Range<usize>>,
    /// The words of an inline request, which may differ from their spelling in the buffer.
    words: Vec<Vec<u8>>,
    /// The present request has been handed out, and its bytes can go.
    complete: bool,
    /// Bytes of all the requests that are gone from the buffer.
    position: u64,
    inline: bool,
    /// The most that an incomplete request may take up, in bytes.
    limit: usize,
}

impl Parser {
    /// A parser for what clients send: arrays of strings, or inline commands.
    pub(crate) fn for_clients() -> Self {
        Self {
            buffer: BytesMut::new(),
            at: 0,
            missing: None,
            length: None,
            spans: Vec::new(),
            words: Vec::new(),
            complete: false,
            position: 0,
            inline: true,
            limit: MAX_REQUEST,
        }
    }

    /// A parser for what the store itself wrote: arrays of strings only, as long as they may be.
    pub(crate) fn for_journal() -> Self {
        Self { inline: false, limit: usize::MAX, ..Self::for_clients() }
    }

    /// Where to append the bytes received; there is always room for some.
    pub(crate) fn buffer(&mut self) -> &mut BytesMut {
        self.discard();
        self.buffer.reserve(READ);
        &mut self.buffer
    }

    /// The stream's offset of the first byte after the requests handed out so far, in bytes.
    pub(crate) fn position(&self) -> u64 {
        self.position + if self.complete { self.at as u64 } else { 0 }
    }

    /// The next complete request, never empty; none if more bytes are needed.
    pub(crate) fn next(&mut self) -> Result<Option<Vec<&[u8]>>, ProtocolError> {
        loop {
            self.discard();
            self.complete = match self.buffer.first() {
                None => false,
                Some(b'*') => self.array()?,
                Some(_) if self.inline => self.line_of_words()?,
                Some(&got) => return Err(ProtocolError::Unexpected { wanted: '*', got }),
            };
            if !self.complete {
                return if self.buffer.len() > self.limit {
                    Err(ProtocolError::TooBig("request"))
                } else {
                    Ok(None)
                };
            }
            if !self.words.is_empty() {
                return Ok(Some(self.words.iter().map(Vec::as_slice).collect()));
            }
            if !self.spans.is_empty() {
                return Ok(Some(self.spans.iter().map(|span| &self.buffer[span.clone()]).collect()));
            }
        }
    }

    /// Drops the request handed out before.
    fn discard(&mut self) {
        if self.complete {
            self.position = self.position();
            self.complete = false;
            if self.at > KEEP {
                self.buffer = BytesMut::from(&self.buffer[self.at..]);
            } else {
                self.buffer.advance(self.at);
            }
            self.at = 0;
            self.missing = None;
            self.spans.clear();
            self.words.clear();
        }
    }

    /// Goes on with an array of strings; whether it is complete.
    fn array(&mut self) -> Result<bool, ProtocolError> {
        let mut missing = match self.missing {
            Some(missing) => missing,
            None => match self.array_header()? {
                Some(missing) => missing,
                None => return Ok(false),
            },
        };
        while missing > 0 && self.bulk()? {
            missing -= 1;
        }
        self.missing = Some(missing);
        Ok(missing == 0)
    }

    fn array_header(&mut self) -> Result<Option<usize>, ProtocolError> {
        let Some(length) = self.header("mbulk count string")? else { return Ok(None) };
        let length = number::parse(&self.buffer[length]).ok_or(ProtocolError::ArrayLength)?;
        // Redis takes a negative length for an empty request.
        let length = usize::try_from(length).unwrap_or(0);
        if length <= MAX_ARRAY { Ok(Some(length)) } else { Err(ProtocolError::ArrayLength) }
    }

    /// Goes on with one string of an array; whether it is complete.
    fn bulk(&mut self) -> Result<bool, ProtocolError> {
        let length = match self.length {
            Some(length) => length,
            None => match self.bulk_header()? {
                Some(length) => length,
                None => return Ok(false),
            },
        };
        self.length = Some(length);
        let end = self.at + length;
        let Some(terminator) = self.buffer.get(end..end + 2) else { return Ok(false) };
        if terminator != b"\r\n" {
            return Err(ProtocolError::Terminator);
        }
        self.spans.push(self.at..end);
        self.at = end + 2;
        self.length = None;
        Ok(true)
    }

    fn bulk_header(&mut self) -> Result<Option<usize>, ProtocolError> {
        match self.buffer.get(self.at) {
            None => return Ok(None),
            Some(b'$') => {}
            Some(&got) => return Err(ProtocolError::Unexpected { wanted: '$', got }),
        }
        let Some(length) = self.header("bulk count string")? else { return Ok(None) };
        number::parse(&self.buffer[length])
            .and_then(|length| usize::try_from(length).ok())
            .filter(|length| *length <= MAX_BULK)
            .map(Some)
            .ok_or(ProtocolError::BulkLength)
    }

    /// Takes a line that is a kind byte and a length; returns where the length is.
    fn header(&mut self, what: &'static str) -> Result<Option<Range<usize>>, ProtocolError> {
        let Some(end) = self.find(b'\r', what)? else { return Ok(None) };
        match self.buffer.get(end + 1) {
            None => Ok(None),
            Some(b'\n') => {
                let length = self.at + 1..end;
                self.at = end + 2;
                Ok(Some(length))
            }
            Some(&got) => Err(ProtocolError::Unexpected { wanted: '\n', got }),
        }
    }

    /// Takes an inline command; whether its line is complete.
    fn line_of_words(&mut self) -> Result<bool, ProtocolError> {
        let Some(end) = self.find(b'\n', "inline request")? else { return Ok(false) };
        let line = self.buffer[..end].strip_suffix(b"\r").unwrap_or(&self.buffer[..end]);
        self.words = inline::split(line).map_err(|_| ProtocolError::UnbalancedQuotes)?;
        self.at = end + 1;
        Ok(true)
    }

    /// Where the present line has its first `end`.
    fn find(&self, end: u8, what: &'static str) -> Result<Option<usize>, ProtocolError> {
        let rest = &self.buffer[self.at..];
        match rest.iter().take(MAX_LINE).position(|byte| *byte == end) {
            Some(at) => Ok(Some(self.at + at)),
            None if rest.len() < MAX_LINE => Ok(None),
            None => Err(ProtocolError::TooBig(what)),
        }
    }
}

#[cfg(test)]
mod tests;
