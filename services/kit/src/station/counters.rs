//! What a station counts, and its Prometheus rendering.

use std::time::{Duration, Instant};

use super::{StationSettings, Visit};

/// Sums over visits of one kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Visits that came.
    pub arrivals: u64,
    /// Visits served to the end.
    pub completions: u64,
    /// Time that the served ones had waited for a slot.
    pub queue: Duration,
    /// Time that the served ones had kept a slot.
    pub service: Duration,
}

impl Tally {
    pub(super) fn complete(&mut self, visit: Visit) {
        self.completions += 1;
        self.queue += visit.queue;
        self.service += visit.service;
    }
}

/// Time integrals, brought up to date at each change and at each reading: exact at any instant, visits half-way included.
#[derive(Debug)]
pub(super) struct Clocked {
    since: Instant,
    pub(super) busy: Duration,
    pub(super) waited: Duration,
}

impl Clocked {
    pub(super) fn new(now: Instant) -> Self {
        Self { since: now, busy: Duration::ZERO, waited: Duration::ZERO }
    }

    /// Adds the time since the last change, during which `in_service` slots were busy and `waiting` visits waited.
    pub(super) fn advance(&mut self, now: Instant, in_service: usize, waiting: usize) {
        let elapsed = now.saturating_duration_since(self.since);
        self.since = self.since.max(now);
        self.busy += elapsed * u32::try_from(in_service).unwrap_or(u32::MAX);
        self.waited += elapsed * u32::try_from(waiting).unwrap_or(u32::MAX);
    }
}

/// A reading of the station.
#[derive(Clone, Copy, Debug)]
pub struct Counters {
    /// The settings in force.
    pub settings: StationSettings,
    /// Visits that take the service time.
    pub timed: Tally,
    /// Visits that only take their turn.
    pub free: Tally,
    /// Integral of the number of busy slots over time, up to this instant.
    pub busy: Duration,
    /// Integral of the number of waiting visits over time, up to this instant.
    pub waited: Duration,
    /// Slots busy now.
    pub in_service: usize,
    /// Visits waiting now.
    pub waiting: usize,
}
