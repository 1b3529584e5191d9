//! What was meant: a load, checked. Everything after this may rely on it.

use std::time::Duration;

use bytes::Bytes;

use crate::arrivals::Arrivals;
use crate::rate::Rate;
use crate::target::Target;

use super::addresses::Family;

/// What to send, how, and for how long.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Where to.
    pub target: Target,
    /// Requests as they go over the wire, sent in turn; never empty.
    pub requests: Vec<Bytes>,
    /// Whether they are HEAD requests, whose answers have no body.
    pub head_request: bool,
    /// When requests are due.
    pub load: Load,
    /// Connections: exactly so many in a closed loop, at most so many in an open one.
    pub connections: usize,
    /// Requests that may wait for a connection in an open loop; more are counted and not sent.
    pub backlog: usize,
    /// Requests in all; `None` for no limit.
    pub request_limit: Option<u64>,
    /// The length of the run; `None` until the requests are done.
    pub duration: Option<Duration>,
    /// How long an answer is waited for.
    pub timeout: Duration,
    /// Requests that a connection takes; `None` for any number.
    pub requests_per_connection: Option<u64>,
    /// Which addresses of the target are used.
    pub family: Family,
    /// The header that names the replica that answered.
    pub replica_header: String,
    /// Threads that send.
    pub threads: usize,
}

/// When requests are due.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Load {
    /// When the one before has been answered, by each client.
    Closed {
        /// Time between an answer and the next request.
        think_time: Duration,
    },
    /// Whether or not others have been answered.
    Open {
        /// Requests a second, over all connections.
        rate: Rate,
        /// How they are spaced.
        arrivals: Arrivals,
        /// Two runs with the same seed have the same schedule.
        seed: u64,
    },
}

impl Plan {
    /// Clients that the thread of this index starts with.
    pub(super) fn clients_of(&self, thread: usize) -> usize {
        match self.load {
            Load::Closed { .. } => self.share(thread),
            Load::Open { .. } => 0,
        }
    }

    /// Clients that it may have.
    pub(super) fn most_clients_of(&self, thread: usize) -> usize {
        self.share(thread)
    }

    fn share(&self, thread: usize) -> usize {
        let (each, rest) = (self.connections / self.threads, self.connections % self.threads);
        each + usize::from(thread < rest)
    }

    /// When the requests of the thread of this index are due: every so manieth of the one schedule.
    pub(super) fn schedule(&self, thread: usize) -> impl Iterator<Item = Duration> + use<> {
        let schedule = match self.load {
            Load::Closed { .. } => None,
            Load::Open { rate, arrivals, seed } => Some(arrivals.schedule(rate, seed)),
        };
        let limit = self.request_limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(usize::MAX);
        schedule.into_iter().flatten().take(limit).skip(thread).step_by(self.threads)
    }

    /// Whether a connection that has brought so many answers is used again.
    pub(super) fn keeps(&self, answers: u64) -> bool {
        self.requests_per_connection.is_none_or(|most| answers < most)
    }
}
