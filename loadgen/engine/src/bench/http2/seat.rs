//! Who sits on which connection.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::rc::{Rc, Weak};
use std::time::Instant;

use bytes::Bytes;
use http::Request;
use http::response::Parts;
use http_body_util::{BodyExt, Full};
use hyper::body::{Body, Incoming};
use hyper::client::conn::TrySendError;
use hyper::client::conn::http2::{Builder, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::sync::OnceCell;

use crate::answer::server_timing;
use crate::bench::connector::Opening;
use crate::bench::redirect::is_redirect;
use crate::bench::wire::{Answer, Common, WireError};
use crate::error::ExchangeError;
use crate::stream::Stream;
use crate::target::Scheme;

use super::counted::Counted;
use super::failure::{classify, classify_in_body};
use super::request::translate;

/// The connections of a thread to one target.
#[derive(Debug)]
pub(in crate::bench) struct Pool {
    streams: usize,
    scheme: Scheme,
    open: RefCell<Vec<Weak<Shared>>>,
}

/// A connection that is open, or about to be opened by whoever sits on it first.
#[derive(Debug, Default)]
struct Shared {
    sender: OnceCell<SendRequest<Full<Bytes>>>,
    seats: Cell<usize>,
    requests: Cell<u64>,
    answers: Cell<u64>,
    received: Rc<Cell<u64>>,
}

/// A place for one request at a time; it is free again when this is dropped.
#[derive(Debug)]
pub(in crate::bench) struct Seat {
    shared: Rc<Shared>,
    scheme: Scheme,
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.shared.seats.set(self.shared.seats.get() - 1);
    }
}

impl Pool {
    /// With at most `streams` requests at a time on a connection.
    pub(in crate::bench) fn new(streams: usize, scheme: Scheme) -> Self {
        Self { streams, scheme, open: RefCell::default() }
    }

    /// A place on a connection that has taken fewer than `most` requests, which is opened by `open` if there is none with a
    /// free one; and what that took.
    pub(in crate::bench) async fn seat<F>(
        &self,
        most: Option<u64>,
        open: impl Fn() -> F,
    ) -> Result<(Seat, Option<Opening>), ExchangeError>
    where
        F: Future<Output = Result<(Stream, Opening), ExchangeError>>,
    {
        let seat = self.sit(most);
        let mut opened = None;
        let sender = seat.shared.sender.get_or_try_init(async || {
            let (stream, opening) = open().await?;
            opened = Some(opening);
            self.start(stream, &seat.shared.received).await
        });
        sender.await?;
        Ok((seat, opened))
    }

    fn sit(&self, most: Option<u64>) -> Seat {
        let mut open = self.open.borrow_mut();
        let free = |shared: &Rc<Shared>| shared.seats.get() < self.streams && shared.takes_requests(most);
        // The newest is the one most likely to have a free place.
        let shared = open.iter().rev().filter_map(Weak::upgrade).find(free).unwrap_or_else(|| {
            let shared = Rc::new(Shared::default());
            open.retain(|known| known.strong_count() > 0);
            open.push(Rc::downgrade(&shared));
            shared
        });
        shared.seats.set(shared.seats.get() + 1);
        Seat { shared, scheme: self.scheme }
    }

    async fn start(
        &self,
        stream: Stream,
        received: &Rc<Cell<u64>>,
    ) -> Result<SendRequest<Full<Bytes>>, ExchangeError> {
        let stream = TokioIo::new(Counted::new(stream, received.clone()));
        let mut builder = Builder::new(Here);
        // Until the server says how many it takes.
        builder.initial_max_send_streams(self.streams);
        let (sender, connection) = builder.handshake(stream).await.map_err(ExchangeError::Http2)?;
        // Whoever waits for an answer is told how it ended.
        tokio::task::spawn_local(connection);
        Ok(sender)
    }
}

impl Shared {
    fn takes_requests(&self, most: Option<u64>) -> bool {
        most.is_none_or(|most| self.requests.get() < most)
            && self.sender.get().is_none_or(|sender| !sender.is_closed())
    }
}

impl Seat {
    /// Requests that were sent on the connection, by everybody.
    pub(in crate::bench) fn requests(&self) -> u64 {
        self.shared.requests.get()
    }

    /// Answers that it brought.
    pub(in crate::bench) fn answers(&self) -> u64 {
        self.shared.answers.get()
    }

    /// Sends `request`, in the form of HTTP/1.1, and reads its answer.
    pub(in crate::bench) async fn exchange(
        &mut self,
        request: &[u8],
        common: &Common,
    ) -> Result<Answer, WireError> {
        let request = translate(request, self.scheme).ok_or(WireError::Untranslatable)?;
        let mut sender = self.shared.sender.get().ok_or(WireError::Closed)?.clone();
        self.shared.requests.set(self.shared.requests.get() + 1);
        let answer = sender.try_send_request(request).await.map_err(|error| self.failure(error))?;
        let (head, body) = answer.into_parts();
        let head_at = (!body.is_end_stream()).then(Instant::now);
        let body_bytes = drain(body).await.map_err(|error| classify_in_body(&error))?;
        self.shared.answers.set(self.shared.answers.get() + 1);
        let wire_bytes = self.shared.received.take();
        let reusable = !sender.is_closed();
        Ok(Answer { body_bytes, wire_bytes, head_at, reusable, ..read(&head, common) })
    }

    /// Why there was no head of an answer.
    fn failure(&self, mut error: TrySendError<Request<Full<Bytes>>>) -> WireError {
        // A request that comes back was not sent.
        let failure = match error.take_message() {
            Some(_) => WireError::Unprocessed,
            None => classify(error.error()),
        };
        match failure {
            WireError::Unprocessed | WireError::Closed | WireError::Io(_) if self.answers() == 0 => {
                WireError::ClosedAtOnce
            }
            failure => failure,
        }
    }
}

/// What the head of an answer says.
fn read(head: &Parts, common: &Common) -> Answer {
    let mut replicas = common.replicas.borrow_mut();
    let served_by = head.headers.get(replicas.header()).cloned();
    let follows = common.follows && is_redirect(head.status.as_u16());
    let location = head.headers.get("location").filter(|_| follows);
    Answer {
        status: head.status,
        body_bytes: 0,
        wire_bytes: 0,
        head_at: None,
        server_timing: server_timing(&head.headers),
        served_by: served_by.map(|name| replicas.id(name.as_bytes())),
        reusable: false,
        location: location.map(|location| Box::from(location.as_bytes())),
    }
}

async fn drain(mut body: Incoming) -> hyper::Result<u64> {
    let mut bytes = 0;
    while let Some(frame) = body.frame().await {
        bytes += frame?.data_ref().map_or(0, |data| data.len() as u64);
    }
    Ok(bytes)
}

/// Runs what hyper starts on the thread of the client.
#[derive(Clone, Copy, Debug)]
struct Here;

impl<F: Future + 'static> hyper::rt::Executor<F> for Here {
    fn execute(&self, future: F) {
        tokio::task::spawn_local(async { drop(future.await) });
    }
}
