//! What one thread, and in the end the whole run, has counted. Owns what is kept beside the response times.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::distribution::Distribution;
use crate::outcome::Failure;
use crate::sample::Sample;
use crate::server_timing::ServerTiming;

use super::replicas::MOST;
use super::served::Served;

/// Everything counted in a run, or in a part of it.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// Where the client's time went.
    pub steps: Steps,
    /// What the server said of its own time.
    pub server: ServerTimes,
    /// By the replica that answered, where answers name one.
    pub replicas: BTreeMap<String, Served>,
    /// Answers of replicas beyond those that are told apart.
    pub other_replicas: u64,
    /// Bytes and connections.
    pub traffic: Traffic,
    /// For each kind of failure, what one of them said.
    pub reasons: BTreeMap<Failure, String>,
    /// When the thread's part was over, from the start of the run.
    pub ended_at: Duration,
}

/// How long the steps of requests took; each holds only the requests that took it.
#[derive(Clone, Debug, Default)]
pub struct Steps {
    /// From a name to addresses.
    pub resolve: Distribution,
    /// Until an address accepted.
    pub connect: Distribution,
    /// The TLS handshake.
    pub tls: Distribution,
    /// From sending to the head of the answer.
    pub head: Distribution,
    /// From there to its end, if that came later.
    pub body: Distribution,
}

/// What servers said in `Server-Timing`.
#[derive(Clone, Debug, Default)]
pub struct ServerTimes {
    /// Waiting for a slot.
    pub queue: Distribution,
    /// Holding one.
    pub service: Distribution,
}

/// Bytes and connections.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Traffic {
    /// Bytes of requests.
    pub sent_bytes: u64,
    /// Bytes of answers, heads included.
    pub received_bytes: u64,
    /// Bytes of bodies.
    pub body_bytes: u64,
    /// Connections that were opened.
    pub connections: u64,
    /// Requests that went over another connection, since the server had closed the kept one meanwhile.
    pub resent: u64,
}

impl Tally {
    /// Adds one request that `replica` answered, or one that is not told apart.
    pub(super) fn answered_by(&mut self, replica: Option<&str>, sample: &Sample) {
        let Some(replica) = replica else {
            self.other_replicas += 1;
            return;
        };
        match self.replicas.get_mut(replica) {
            Some(known) => known.record(sample),
            None => self.replicas.entry(replica.to_owned()).or_default().record(sample),
        }
    }

    /// Adds another part of the same run.
    pub fn merge(&mut self, other: &Self) {
        self.steps.merge(&other.steps);
        self.server.queue.merge(&other.server.queue);
        self.server.service.merge(&other.server.service);
        self.other_replicas += other.other_replicas;
        for (replica, served) in &other.replicas {
            if self.replicas.contains_key(replica) || self.replicas.len() < MOST {
                self.replicas.entry(replica.clone()).or_default().merge(served);
            } else {
                self.other_replicas += served.requests();
            }
        }
        for (failure, reason) in &other.reasons {
            self.reasons.entry(*failure).or_insert_with(|| reason.clone());
        }
        self.traffic = self.traffic.plus(other.traffic);
        self.ended_at = self.ended_at.max(other.ended_at);
    }
}

impl Steps {
    fn merge(&mut self, other: &Self) {
        self.resolve.merge(&other.resolve);
        self.connect.merge(&other.connect);
        self.tls.merge(&other.tls);
        self.head.merge(&other.head);
        self.body.merge(&other.body);
    }

    /// Adds an answer whose head came `head` after the request was sent, and whose end came `body` later.
    pub(super) fn answer(&mut self, head: Duration, body: Option<Duration>) {
        self.head.record(head);
        if let Some(body) = body {
            self.body.record(body);
        }
    }
}

impl ServerTimes {
    pub(super) fn record(&mut self, timing: ServerTiming) {
        if let Some(queue) = timing.queue {
            self.queue.record(queue);
        }
        if let Some(service) = timing.service {
            self.service.record(service);
        }
    }
}

impl Traffic {
    /// That of two parts.
    #[must_use]
    pub fn plus(self, more: Self) -> Self {
        Self {
            sent_bytes: self.sent_bytes + more.sent_bytes,
            received_bytes: self.received_bytes + more.received_bytes,
            body_bytes: self.body_bytes + more.body_bytes,
            connections: self.connections + more.connections,
            resent: self.resent + more.resent,
        }
    }
}
