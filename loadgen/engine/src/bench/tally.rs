//! What one thread, and in the end the whole run, has counted. Owns what is kept beside the response times.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::distribution::Distribution;
use crate::recorder::Recorder;
use crate::sample::Sample;
use crate::server_timing::ServerTiming;

use super::slices::Slices;

/// Everything counted in a run, or in a part of it.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// Response times and outcomes, by slice of time.
    pub slices: Slices,
    /// Where the client's time went.
    pub steps: Steps,
    /// What the server said of its own time.
    pub server: ServerTimes,
    /// By the replica that answered, where answers name one.
    pub replicas: BTreeMap<String, Recorder>,
    /// Bytes and connections.
    pub traffic: Traffic,
    /// Requests that were due and not sent, since too many waited for a connection.
    pub overflowed: u64,
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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traffic {
    /// Bytes of requests.
    pub sent_bytes: u64,
    /// Bytes of answers, heads included.
    pub received_bytes: u64,
    /// Bytes of bodies.
    pub body_bytes: u64,
    /// Connections that were opened.
    pub connections: u64,
    /// Requests sent again, since the server had closed the kept connection meanwhile.
    pub resent: u64,
}

impl Tally {
    /// Adds one request; `replica` answered it.
    pub(super) fn record(&mut self, sample: &Sample, replica: Option<&str>) {
        self.slices.record(sample);
        let Some(replica) = replica else { return };
        match self.replicas.get_mut(replica) {
            Some(known) => known.record(sample),
            None => self.replicas.entry(replica.to_owned()).or_default().record(sample),
        }
    }

    /// Adds another part of the same run.
    pub fn merge(&mut self, other: &Self) {
        self.slices.merge(&other.slices);
        self.steps.merge(&other.steps);
        self.server.queue.merge(&other.server.queue);
        self.server.service.merge(&other.server.service);
        for (replica, recorder) in &other.replicas {
            self.replicas.entry(replica.clone()).or_default().merge(recorder);
        }
        self.traffic = self.traffic.plus(other.traffic);
        self.overflowed += other.overflowed;
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
    fn plus(self, more: Self) -> Self {
        Self {
            sent_bytes: self.sent_bytes + more.sent_bytes,
            received_bytes: self.received_bytes + more.received_bytes,
            body_bytes: self.body_bytes + more.body_bytes,
            connections: self.connections + more.connections,
            resent: self.resent + more.resent,
        }
    }
}
