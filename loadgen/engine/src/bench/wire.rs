//! A connection of the load engine's own. Owns sending bytes that were made beforehand and reading the answer with one
//! buffer for the whole thread: no allocation, no copy and no timer for an answer that arrives in one piece.

use std::cell::RefCell;
use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Instant;

use http::StatusCode;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::http1::head::Query;
use crate::http1::{Ended, Event, Memory, Reader};
use crate::server_timing::ServerTiming;
use crate::stream::Stream;

use super::redirect::is_redirect;
use super::replicas::{ReplicaId, Replicas};

mod error;

pub(super) use error::WireError;

/// What one read may bring; more just takes another.
const BUFFER: usize = 64 * 1024;

/// What the connections of a thread share.
#[derive(Debug)]
pub(super) struct Common {
    buffer: RefCell<Box<[u8]>>,
    heads: RefCell<Memory>,
    pub(super) replicas: RefCell<Replicas>,
    /// Whether anybody wants to know where redirects lead.
    pub(super) follows: bool,
}

impl Common {
    pub(super) fn new(served_by: &str, follows: bool) -> Self {
        let buffer = RefCell::new(vec![0; BUFFER].into_boxed_slice());
        Self { buffer, heads: RefCell::default(), replicas: RefCell::new(Replicas::new(served_by)), follows }
    }
}

/// A connection.
#[derive(Debug)]
pub(super) struct Wire {
    stream: Stream,
    reader: Reader,
    /// What has arrived and could not be read without more; nearly always nothing.
    rest: Vec<u8>,
    /// Answers received.
    pub(super) answers: u64,
}

/// What is known of an answer.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) body_bytes: u64,
    /// Of everything that was read for it.
    pub(super) wire_bytes: u64,
    /// When its head was there, if that was before its end.
    pub(super) head_at: Option<Instant>,
    pub(super) server_timing: ServerTiming,
    pub(super) served_by: Option<ReplicaId>,
    /// Whether the connection takes another request.
    pub(super) reusable: bool,
    /// Where it leads to, if it is a redirect that is to be followed.
    pub(super) location: Option<Box<[u8]>>,
}

impl Answer {
    /// With the bytes of the answer that led to it.
    pub(super) fn after(self, before: &Self) -> Self {
        Self {
            body_bytes: self.body_bytes + before.body_bytes,
            wire_bytes: self.wire_bytes + before.wire_bytes,
            ..self
        }
    }
}

impl Wire {
    pub(super) fn new(stream: Stream) -> Self {
        Self { stream, reader: Reader::default(), rest: Vec::new(), answers: 0 }
    }

    /// Sends `request` and reads its answer.
    pub(super) async fn exchange(
        &mut self,
        request: &[u8],
        head_request: bool,
        common: &Common,
    ) -> Result<Answer, WireError> {
        let mut under_way =
            UnderWay { unsent: request, begun: false, head_request, answer: None, wire_bytes: 0 };
        let answer = poll_fn(|cx| self.poll(cx, &mut under_way, common)).await?;
        self.answers += 1;
        Ok(answer)
    }

    fn poll(
        &mut self,
        cx: &mut Context<'_>,
        under_way: &mut UnderWay<'_>,
        common: &Common,
    ) -> Poll<Result<Answer, WireError>> {
        if !under_way.begun && self.has_ended_idle(cx, common) {
            return Poll::Ready(Err(WireError::Unprocessed));
        }
        // A server may answer before it has read everything, so both go on side by side.
        while !under_way.unsent.is_empty() {
            match Pin::new(&mut self.stream).poll_write(cx, under_way.unsent) {
                Poll::Ready(Ok(written)) => {
                    under_way.begun = true;
                    under_way.unsent = &under_way.unsent[written..];
                }
                // It may have said why before it closed.
                Poll::Ready(Err(_)) if under_way.wire_bytes > 0 => under_way.unsent = &[],
                Poll::Ready(Err(error)) => return Poll::Ready(Err(self.unsendable(error, under_way))),
                Poll::Pending => break,
            }
        }
        // TLS may hold back what it has taken.
        let _ = Pin::new(&mut self.stream).poll_flush(cx)?;
        let mut buffer = common.buffer.borrow_mut();
        loop {
            let mut filled = ReadBuf::new(&mut buffer);
            let read = ready!(Pin::new(&mut self.stream).poll_read(cx, &mut filled));
            read.map_err(|error| under_way.broke(error))?;
            let arrived = filled.filled();
            if arrived.is_empty() {
                return Poll::Ready(self.ended(under_way));
            }
            under_way.wire_bytes += arrived.len() as u64;
            if let Some(answer) = self.take_in(arrived, under_way, common)? {
                return Poll::Ready(Ok(answer));
            }
        }
    }

    /// Whether a kept connection has ended since its last answer, or was spoilt by bytes that nobody asked for. The kernel
    /// is asked only if it has said that there is something to read.
    fn has_ended_idle(&mut self, cx: &mut Context<'_>, common: &Common) -> bool {
        self.answers > 0 && self.stream.may_have_news() && {
            let mut buffer = common.buffer.borrow_mut();
            Pin::new(&mut self.stream).poll_read(cx, &mut ReadBuf::new(&mut buffer)).is_ready()
        }
    }

    /// Of a kept connection that takes nothing of a request, no request was sent.
    fn unsendable(&self, error: io::Error, under_way: &UnderWay<'_>) -> WireError {
        if self.answers > 0 && !under_way.begun { WireError::Unprocessed } else { error.into() }
    }

    /// Reads what has `arrived`; the answer, once it is complete.
    fn take_in(
        &mut self,
        arrived: &[u8],
        under_way: &mut UnderWay<'_>,
        common: &Common,
    ) -> Result<Option<Answer>, WireError> {
        if self.rest.is_empty() {
            let taken = read(&mut self.reader, arrived, under_way, common)?;
            self.rest.extend_from_slice(&arrived[taken..]);
        } else {
            self.rest.extend_from_slice(arrived);
            let taken = read(&mut self.reader, &self.rest, under_way, common)?;
            self.rest.drain(..taken);
        }
        let done = under_way.answer.take_if(|answer| answer.done);
        // Bytes that follow an answer belong to nothing that was asked for, and a request that was not wanted whole is lost.
        let reusable = self.rest.is_empty() && under_way.unsent.is_empty();
        Ok(done.map(|Partial { answer, .. }| Answer { reusable: answer.reusable && reusable, ..answer }))
    }

    fn ended(&mut self, under_way: &mut UnderWay<'_>) -> Result<Answer, WireError> {
        match (under_way.answer.take(), self.reader.end()) {
            (Some(Partial { answer, .. }), Ended::Done(answered)) => {
                let wire_bytes = under_way.wire_bytes;
                Ok(Answer { body_bytes: answered.content, wire_bytes, reusable: false, ..answer })
            }
            (None, _) if under_way.wire_bytes == 0 => Err(WireError::Closed),
            _ => Err(WireError::Truncated),
        }
    }
}

/// A request whose answer is not complete.
struct UnderWay<'a> {
    unsent: &'a [u8],
    /// Whether anything of it was sent.
    begun: bool,
    head_request: bool,
    answer: Option<Partial>,
    wire_bytes: u64,
}

impl UnderWay<'_> {
    fn broke(&self, error: io::Error) -> WireError {
        if self.wire_bytes > 0 { WireError::BrokenOff(error) } else { WireError::Io(error) }
    }
}

struct Partial {
    answer: Answer,
    done: bool,
}

/// Reads `bytes` as far as they go; how many were taken.
fn read(
    reader: &mut Reader,
    bytes: &[u8],
    under_way: &mut UnderWay<'_>,
    common: &Common,
) -> Result<usize, WireError> {
    let mut replicas = common.replicas.borrow_mut();
    let mut heads = common.heads.borrow_mut();
    let mut taken = 0;
    loop {
        let query = Query { head_request: under_way.head_request, served_by: replicas.header() };
        let (read, event) = reader.read(&bytes[taken..], query, &mut heads)?;
        taken += read;
        match event {
            Event::More => {
                if let Some(Partial { answer, done: false }) = &mut under_way.answer {
                    answer.head_at.get_or_insert_with(Instant::now);
                }
                return Ok(taken);
            }
            Event::Head(head) => {
                let served_by = head.served_by.map(|name| replicas.id(name));
                let answer = Answer {
                    status: StatusCode::from_u16(head.status).unwrap_or(StatusCode::OK),
                    body_bytes: 0,
                    wire_bytes: 0,
                    head_at: None,
                    server_timing: head.server_timing.unwrap_or_default(),
                    served_by,
                    reusable: false,
                    location: head
                        .location
                        .filter(|_| common.follows && is_redirect(head.status))
                        .map(Box::from),
                };
                under_way.answer = Some(Partial { answer, done: false });
            }
            Event::Done(answered) => {
                if let Some(Partial { answer, done }) = &mut under_way.answer {
                    answer.body_bytes = answered.content;
                    answer.wire_bytes = under_way.wire_bytes;
                    answer.reusable = answered.keep_alive;
                    *done = true;
                }
                return Ok(taken);
            }
        }
    }
}
