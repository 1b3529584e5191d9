//! What was meant: a load, checked. Everything after this may rely on it.

use std::time::Duration;

use crate::arrivals::Arrivals;
use crate::rate::Rate;
use crate::stages::Stages;

use super::script::Script;
use super::share::Share;
use super::start::StartAt;
use super::transport::Transport;

/// What to send, how, and for how long. Rates, connections and requests are those of all processes that share the load.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Requests, and where they go.
    pub script: Script,
    /// When the run starts; `None` for at once.
    pub start_at: Option<StartAt>,
    /// When requests are due.
    pub load: Load,
    /// The part of it that this process sends.
    pub share: Share,
    /// Connections: exactly so many in a closed loop, at most so many in an open one.
    pub connections: usize,
    /// Requests that may wait for a connection in an open loop; more are counted and not sent.
    pub backlog: usize,
    /// Requests in all; `None` for no limit.
    pub request_limit: Option<u64>,
    /// The length of the run; `None` until the requests are done.
    pub duration: Option<Duration>,
    /// Warm-up that is left out of the figures; `None` if it is to be found in the data.
    pub warm_up: Option<Duration>,
    /// How long an answer is waited for.
    pub timeout: Duration,
    /// Requests that a connection takes; `None` for any number.
    pub requests_per_connection: Option<u64>,
    /// How connections come about, and what is spoken over them.
    pub transport: Transport,
    /// The header that names the replica that answered.
    pub replica_header: String,
    /// Threads that send.
    pub threads: usize,
}

/// When requests are due.
#[derive(Clone, Debug, PartialEq)]
pub enum Load {
    /// When the one before has been answered, by each client.
    Closed {
        /// Time between an answer and the next request.
        think_time: Duration,
    },
    /// Whether or not others have been answered.
    Open {
        /// Requests a second, over all connections.
        rate: Profile,
        /// How they are spaced.
        arrivals: Arrivals,
        /// Two runs with the same seed have the same schedule.
        seed: u64,
    },
}

/// A rate over time.
#[derive(Clone, Debug, PartialEq)]
pub enum Profile {
    /// Always the same.
    Constant(Rate),
    /// One stage after the other; the run ends with the last.
    Stages(Stages),
}

impl Plan {
    /// Clients that the thread of this index starts with.
    pub(super) fn clients_of(&self, thread: usize) -> usize {
        match self.load {
            Load::Closed { .. } => self.clients(thread),
            Load::Open { .. } => 0,
        }
    }

    /// Clients that it may have.
    pub(super) fn most_clients_of(&self, thread: usize) -> usize {
        self.clients(thread)
    }

    /// This process's part of the connections.
    pub fn own_connections(&self) -> usize {
        self.share.part(self.connections)
    }

    /// This process's part of the requests; `None` for no limit.
    pub fn own_requests(&self) -> Option<u64> {
        self.request_limit.map(|requests| self.share.part_of_count(requests))
    }

    /// The place of the thread of this index among those of all processes, if they have as many.
    pub(super) fn seat(&self, thread: usize) -> usize {
        self.share.index() + thread * self.share.of()
    }

    fn clients(&self, thread: usize) -> usize {
        let connections = self.own_connections();
        let (each, rest) = (connections / self.threads, connections % self.threads);
        (each + usize::from(thread < rest)) * self.transport.version.streams()
    }

    /// When the requests of the thread of this index are due: every so manieth of the one schedule, up to but without the end
    /// of the run, so that a rate over some time makes exactly rate times time. The schedule is dealt out to processes, and
    /// what a process gets to its threads, so that each may have any number of them.
    pub(super) fn schedule(&self, thread: usize) -> impl Iterator<Item = Duration> + use<> {
        let schedule = match &self.load {
            Load::Closed { .. } => None,
            Load::Open { rate: Profile::Constant(rate), arrivals, seed } => {
                Some(arrivals.schedule(*rate, *seed))
            }
            Load::Open { rate: Profile::Stages(stages), arrivals, seed } => {
                Some(arrivals.schedule_over(stages.clone(), *seed))
            }
        };
        let end = self.duration.unwrap_or(Duration::MAX);
        let limit = self.request_limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(usize::MAX);
        let due = schedule.into_iter().flatten().take_while(move |due| *due < end).take(limit);
        due.skip(self.seat(thread)).step_by(self.share.of() * self.threads)
    }

    /// Whether this process has nothing to send.
    pub(super) fn is_empty(&self) -> bool {
        match self.load {
            Load::Closed { .. } => self.own_requests() == Some(0),
            Load::Open { .. } => self.schedule(0).next().is_none(),
        }
    }

    /// How long the run is to last, if that can be told beforehand.
    pub(super) fn lasts(&self) -> Option<Duration> {
        let limited = || match (&self.load, self.request_limit) {
            (Load::Open { rate: Profile::Constant(rate), .. }, Some(requests)) => {
                Duration::try_from_secs_f64(rate.seconds_for(requests as f64)).ok()
            }
            _ => None,
        };
        self.duration.or_else(limited)
    }

    /// Whether a connection that has brought so many answers is used again.
    pub(super) fn keeps(&self, answers: u64) -> bool {
        self.requests_per_connection.is_none_or(|most| answers < most)
    }
}
