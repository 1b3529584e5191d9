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
use crate::http1::{Ended, Event, Malformed, Reader};
use crate::outcome::Failure;
use crate::server_timing::ServerTiming;

use super::replicas::{ReplicaId, Replicas};

/// What one read may bring; more just takes another.
const BUFFER: usize = 64 * 1024;

/// What the connections of a thread share.
#[derive(Debug)]
pub(super) struct Common {
    buffer: RefCell<Box<[u8]>>,
    pub(super) replicas: RefCell<Replicas>,
}

impl Common {
    pub(super) fn new(served_by: &str) -> Self {
        let buffer = RefCell::new(vec![0; BUFFER].into_boxed_slice());
        Self { buffer, replicas: RefCell::new(Replicas::new(served_by)) }
    }
}

/// A connection over any stream of bytes.
#[derive(Debug)]
pub(super) struct Wire<S> {
    stream: S,
    reader: Reader,
    /// What has arrived and could not be read without more; nearly always nothing.
    rest: Vec<u8>,
    /// Answers received.
    pub(super) answers: u64,
}

/// What is known of an answer.
#[derive(Clone, Copy, Debug)]
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
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum WireError {
    #[error("{0}")]
    Io(#[from] io::Error),
    #[error("{0}")]
    Malformed(#[from] Malformed),
    #[error("the connection was closed in the middle of an answer")]
    Truncated,
    /// Before anything of an answer: a kept connection may have been closed while it lay idle.
    #[error("the connection was closed without an answer")]
    Closed,
}

impl WireError {
    /// The kind that reports count.
    pub(super) fn failure(&self) -> Failure {
        match self {
            Self::Malformed(_) => Failure::Malformed,
            Self::Truncated | Self::Closed => Failure::Closed,
            Self::Io(error) => match error.kind() {
                io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe => Failure::Reset,
                io::ErrorKind::UnexpectedEof => Failure::Closed,
                _ => Failure::Broken,
            },
        }
    }

    /// Whether a kept connection ended before the server saw the request, or at least before it answered.
    pub(super) fn is_stale(&self) -> bool {
        match self {
            Self::Closed => true,
            Self::Io(error) => {
                matches!(error.kind(), io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe)
            }
            Self::Malformed(_) | Self::Truncated => false,
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Wire<S> {
    pub(super) fn new(stream: S) -> Self {
        Self { stream, reader: Reader::default(), rest: Vec::new(), answers: 0 }
    }

    /// Sends `request` and reads its answer.
    pub(super) async fn exchange(
        &mut self,
        request: &[u8],
        head_request: bool,
        common: &Common,
    ) -> Result<Answer, WireError> {
        let mut under_way = UnderWay { unsent: request, head_request, answer: None, wire_bytes: 0 };
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
        // A server may answer before it has read everything, so both go on side by side.
        while !under_way.unsent.is_empty() {
            match Pin::new(&mut self.stream).poll_write(cx, under_way.unsent) {
                Poll::Ready(Ok(written)) => under_way.unsent = &under_way.unsent[written..],
                // It may have said why before it closed.
                Poll::Ready(Err(_)) if under_way.wire_bytes > 0 => under_way.unsent = &[],
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error.into())),
                Poll::Pending => break,
            }
        }
        let mut buffer = common.buffer.borrow_mut();
        loop {
            let mut filled = ReadBuf::new(&mut buffer);
            ready!(Pin::new(&mut self.stream).poll_read(cx, &mut filled))?;
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
        let done = under_way.answer.filter(|answer| answer.done);
        // Bytes that follow an answer belong to nothing that was asked for, and a request that was not wanted whole is lost.
        let reusable = self.rest.is_empty() && under_way.unsent.is_empty();
        Ok(done.map(|Partial { answer, .. }| Answer { reusable: answer.reusable && reusable, ..answer }))
    }

    fn ended(&mut self, under_way: &UnderWay<'_>) -> Result<Answer, WireError> {
        match (under_way.answer, self.reader.end()) {
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
    head_request: bool,
    answer: Option<Partial>,
    wire_bytes: u64,
}

#[derive(Clone, Copy)]
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
    let mut taken = 0;
    loop {
        let query = Query { head_request: under_way.head_request, served_by: replicas.header() };
        let (read, event) = reader.read(&bytes[taken..], query)?;
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
                let timing = head.server_timing.and_then(|value| std::str::from_utf8(value).ok());
                let answer = Answer {
                    status: StatusCode::from_u16(head.status).unwrap_or(StatusCode::OK),
                    body_bytes: 0,
                    wire_bytes: 0,
                    head_at: None,
                    server_timing: ServerTiming::parse(timing),
                    served_by,
                    reusable: false,
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
