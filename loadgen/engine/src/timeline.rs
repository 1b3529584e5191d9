//! The clock of a run. Owns the start that all offsets count from.

use std::time::{Duration, Instant};

/// Translates between instants and offsets from the start of a run.
#[derive(Clone, Copy, Debug)]
pub struct Timeline {
    started_at: Instant,
}

impl Timeline {
    /// A run that starts now.
    pub fn start() -> Self {
        Self { started_at: Instant::now() }
    }

    /// A run that starts at this instant, which may be to come.
    pub fn starting_at(started_at: Instant) -> Self {
        Self { started_at }
    }

    /// When offset zero was.
    pub fn started_at(&self) -> Instant {
        self.started_at
    }

    /// The offset of this moment; zero before the start.
    pub fn now(&self) -> Duration {
        self.started_at.elapsed()
    }

    /// The instant at `offset`; `None` beyond what the clock can express.
    pub fn at(&self, offset: Duration) -> Option<Instant> {
        self.started_at.checked_add(offset)
    }
}
