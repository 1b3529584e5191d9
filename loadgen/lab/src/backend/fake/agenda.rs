//! What is due in the simulation, and when. Owns the order: by instant, and first come first served within one.

use std::collections::BTreeMap;
use std::time::Duration;

use super::miner::Leg;

/// Names a replica or a miner for good; one that comes back after a crash has a new one.
pub(super) type Id = u64;

/// Something that happens at an instant. What it names may be gone by then, and then it does not happen.
#[derive(Clone, Debug)]
pub(super) enum Due {
    /// A miner begins a cycle.
    Begin(Id),
    /// A miner's request reaches the service of the leg.
    Arrive(Id, Leg),
    /// The visit of a miner to a replica ends.
    Served {
        /// The replica.
        replica: Id,
        /// The miner.
        miner: Id,
    },
    /// The next probe of those with this index.
    Probe(usize),
    /// The fault with this index strikes.
    Fault(usize),
    /// A replica that crashed is back, under its old name.
    Restart(String),
    /// Somebody else brings rng to so many replicas.
    Autoscale(usize),
    /// The switch under test is thrown.
    Stop,
}

/// What is still to happen.
#[derive(Debug, Default)]
pub(super) struct Agenda {
    due: BTreeMap<(Duration, u64), Due>,
    added: u64,
}

impl Agenda {
    /// `due` happens at `at`, after whatever was added before for the same instant.
    pub(super) fn add(&mut self, at: Duration, due: Due) {
        self.due.insert((at, self.added), due);
        self.added += 1;
    }

    /// Takes out what is due next, unless that is after `until`.
    pub(super) fn pop(&mut self, until: Duration) -> Option<(Duration, Due)> {
        let entry = self.due.first_entry().filter(|entry| entry.key().0 <= until)?;
        let ((at, _), due) = entry.remove_entry();
        Some((at, due))
    }

    /// When the next thing is due.
    pub(super) fn next(&self) -> Option<Duration> {
        self.due.first_key_value().map(|((at, _), _)| *at)
    }
}
