//! One client: takes the next request, sends it on its connection, or on a new one, and records what came of it.

use std::borrow::Cow;
use std::fmt;
use std::pin::pin;
use std::rc::Rc;
use std::time::Duration;

use http::Method;

use crate::error::ExchangeError;
use crate::outcome::{Censoring, Failure, Outcome};
use crate::sample::{Phases, Sample};

use super::connection::Connection;
use super::flights::{Flight, UnderWay};
use super::kept::Kept;
use super::redirect;
use super::script::{Buffer, Message};
use super::shard::Shard;
use super::source::Turn;
use super::wire::{Answer, WireError};

/// A client of a shard.
pub(super) struct Client {
    shard: Rc<Shard>,
    place: Rc<Flight>,
    turn: Turn,
    kept: Kept<Box<Connection>>,
    /// One that takes no more requests, until the server has closed it, too: whoever closes first keeps the port busy for
    /// a minute, and a client has only so many.
    closing: Option<Box<Connection>>,
    buffer: Buffer,
}

/// Why a request brought no answer.
enum Broken {
    NoConnection(Box<ExchangeError>),
    NoAnswer(WireError),
    TooManyRedirects(u32),
    /// What the redirect said.
    BadRedirect(Box<[u8]>),
}

impl Client {
    pub(super) fn new(shard: Rc<Shard>) -> Self {
        let place = shard.flights.place();
        let turn = Turn::new(&shard.source);
        Self { shard, place, turn, kept: Kept::default(), closing: None, buffer: Buffer::default() }
    }

    /// Sends one request after the other until there are no more.
    pub(super) async fn run(mut self) {
        let shard = self.shard.clone();
        let mut free_at = Turn::free_at(&shard.source, shard.timeline);
        while let Some(scheduled_at) = self.turn.next(&shard.source, shard.timeline, free_at).await {
            // One reading of the clock is the end of the one request and the start of the next, unless time passed between.
            let sent_at = if scheduled_at == free_at { free_at } else { shard.timeline.now() };
            // A request that had to wait for a connection was not kept by the client itself.
            let lag = sent_at.saturating_sub(scheduled_at.max(free_at));
            free_at = self
                .request(UnderWay { scheduled_at, sent_at, lag, deadline: sent_at + shard.plan.timeout })
                .await;
        }
        self.place.give_up();
    }

    /// Sends a request and records it; when it was done.
    async fn request(&mut self, times: UnderWay) -> Duration {
        let shard = self.shard.clone();
        let UnderWay { scheduled_at, sent_at, lag, deadline } = times;
        let place = self.place.clone();
        let ended = place.within(times, pin!(self.answer())).await;
        let done_at = shard.timeline.now();
        let sample = |outcome| {
            // Nobody waits any longer, however late that is noticed.
            let done_at = done_at.min(deadline);
            Sample { scheduled_at, sent_at, done_at, outcome, phases: Phases::default() }
        };
        match ended {
            Ok(Ok(answer)) if done_at <= deadline => {
                shard.answered(&sample(Outcome::Answered(answer.status)), lag, &answer);
            }
            Ok(Err(broken)) if done_at <= deadline => shard.failed(&sample(broken.outcome()), lag, &broken),
            _ => shard.record(&sample(Outcome::Censored(Censoring::TimedOut)), lag),
        }
        done_at
    }

    async fn answer(&mut self) -> Result<Answer, Broken> {
        let shard = self.shard.clone();
        let mut buffer = std::mem::take(&mut self.buffer);
        let message = shard.plan.script.next(&shard.numbers, &mut buffer);
        let mut answer = self.send(message).await;
        if shard.plan.script.redirects() > 0 {
            answer = Box::pin(self.follow(message, answer?)).await;
        }
        self.buffer = buffer;
        answer
    }

    /// The answer at the end of the redirects that `answer` to `message` begins.
    async fn follow(&mut self, message: Message<'_>, mut answer: Answer) -> Result<Answer, Broken> {
        let shard = self.shard.clone();
        let most = shard.plan.script.redirects();
        let (mut origin, mut sent, mut left) = (message.origin, Cow::Borrowed(message.bytes), most);
        while let Some(location) = answer.location.take() {
            left = left.checked_sub(1).ok_or(Broken::TooManyRedirects(most))?;
            let from = shard.origins.get(origin);
            let hop = redirect::follow(&sent, &from.target, answer.status, &location);
            let hop = hop.ok_or_else(|| Broken::BadRedirect(location))?;
            origin = shard.origins.index_of(&hop.target);
            answer = self.send(Message { origin, bytes: &hop.bytes }).await?.after(&answer);
            sent = Cow::Owned(hop.bytes);
        }
        Ok(answer)
    }

    /// Sends on the connection that was kept, or on a new one.
    async fn send(&mut self, message: Message<'_>) -> Result<Answer, Broken> {
        let mut is_second = false;
        loop {
            let connection = match self.kept.take(message.origin) {
                Some(kept) => kept,
                // Large and seldom needed: in the future of each request it would be moved with it.
                None => Box::pin(self.connect(message.origin)).await?,
            };
            if !is_second {
                self.shard.count_sent(message.bytes.len());
            }
            let may_move = connection.is_proven() && !is_second;
            match self.exchange(connection, message).await {
                // It was closed while it lay idle, which is no fault of this request.
                Err(Broken::NoAnswer(error)) if may_move && error.is_unprocessed() => {
                    self.shard.count_resent();
                }
                ended => return ended,
            }
            is_second = true;
        }
    }

    async fn connect(&self, origin: usize) -> Result<Box<Connection>, Broken> {
        let origin = self.shard.origins.get(origin);
        let connection = origin.connector.connection(self.shard.plan.requests_per_connection).await;
        let (connection, opening) = connection.map_err(|error| Broken::NoConnection(Box::new(error)))?;
        if let Some(opening) = opening {
            self.shard.connected(opening);
        }
        Ok(Box::new(connection))
    }

    async fn exchange(
        &mut self,
        mut connection: Box<Connection>,
        message: Message<'_>,
    ) -> Result<Answer, Broken> {
        let shard = &self.shard;
        let head_request = shard.plan.script.method() == Method::HEAD;
        let answer = connection.exchange(message.bytes, head_request, &shard.common).await;
        let answer = answer.map_err(Broken::NoAnswer)?;
        if answer.reusable && shard.plan.keeps(connection.requests()) {
            self.kept.keep(message.origin, connection);
        } else {
            self.closing = Some(connection);
        }
        Ok(answer)
    }
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoConnection(error) => error.fmt(f),
            Self::NoAnswer(error) => error.fmt(f),
            Self::TooManyRedirects(most) => {
                write!(f, "{most} led to one more; let --redirects follow more, or give the URL they lead to")
            }
            Self::BadRedirect(location) => {
                let location = String::from_utf8_lossy(location);
                write!(f, "no request can be sent to {location:?}, where it leads")
            }
        }
    }
}

impl Broken {
    fn outcome(&self) -> Outcome {
        match self {
            Self::NoConnection(error) => error.outcome(),
            Self::NoAnswer(error) => Outcome::Failed(error.failure()),
            Self::TooManyRedirects(_) => Outcome::Failed(Failure::TooManyRedirects),
            Self::BadRedirect(_) => Outcome::Failed(Failure::BadRedirect),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn size<'a, F: Future + 'a>(_: impl FnOnce(&'a mut Client) -> F) -> usize {
        size_of::<F>()
    }

    /// Otherwise all of connecting, of TLS and of HTTP/2 is moved with each request.
    #[test]
    fn what_a_request_carries_along_is_small() {
        assert!(size(Client::answer) <= 768, "{} bytes", size(Client::answer));
    }
}
