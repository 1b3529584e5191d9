//! One mining loop and what its worker counts.

use std::time::Duration;

use super::agenda::Id;
use crate::backend::Service;
use crate::tape::STAGES;

/// A part of the cycle, in the order of [`STAGES`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Leg {
    Think,
    Rng,
    Hasher,
    Store,
}

impl Leg {
    /// Whose replicas serve it.
    pub(super) fn service(self) -> Service {
        match self {
            Self::Think => Service::Worker,
            Self::Rng => Service::Rng,
            Self::Hasher => Service::Hasher,
            Self::Store => Service::Store,
        }
    }

    /// What follows; `None` at the end of the cycle.
    pub(super) fn next(self) -> Option<Self> {
        match self {
            Self::Think => Some(Self::Rng),
            Self::Rng => Some(Self::Hasher),
            Self::Hasher => Some(Self::Store),
            Self::Store => None,
        }
    }
}

/// A loop.
#[derive(Debug)]
pub(super) struct Miner {
    /// Its worker.
    pub(super) worker: Id,
    /// The part of the cycle that it is in.
    pub(super) leg: Leg,
    /// When that part began.
    pub(super) since: Duration,
    /// This cycle's time by stage.
    pub(super) stages: [Duration; STAGES.len()],
    /// The replicas that its connections lead to, by leg.
    pub(super) connected: [Option<Id>; STAGES.len()],
}

impl Miner {
    pub(super) fn new(worker: Id) -> Self {
        let (since, stages) = (Duration::ZERO, [Duration::ZERO; STAGES.len()]);
        Self { worker, leg: Leg::Think, since, stages, connected: [None; STAGES.len()] }
    }

    /// Begins a cycle.
    pub(super) fn begin(&mut self, now: Duration) {
        self.leg = Leg::Think;
        self.since = now;
        self.stages = [Duration::ZERO; STAGES.len()];
    }

    /// Ends the part of the cycle that it is in; what follows.
    pub(super) fn lap(&mut self, now: Duration) -> Option<Leg> {
        self.stages[self.leg as usize] += now.saturating_sub(self.since);
        self.since = now;
        let next = self.leg.next();
        self.leg = next.unwrap_or(self.leg);
        next
    }
}

/// What a worker has counted.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Mined {
    pub(super) cycles: u64,
    pub(super) last_cycle_at: Option<Duration>,
    pub(super) stages: [Duration; STAGES.len()],
    pub(super) errors: [u64; STAGES.len()],
    pub(super) connections: [u64; STAGES.len()],
}

impl Mined {
    pub(super) fn cycle(&mut self, now: Duration, stages: [Duration; STAGES.len()]) {
        self.cycles += 1;
        self.last_cycle_at = Some(now);
        for (sum, time) in self.stages.iter_mut().zip(stages) {
            *sum += time;
        }
    }
}
