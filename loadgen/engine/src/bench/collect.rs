//! What the threads of a run hand over while it goes on, put together. Owns what is kept of it.

use std::time::Duration;

use crate::outcomes::Outcomes;

use super::chunk::Chunk;
use super::series::Series;
use super::slices::Slices;

/// Everything that threads have recorded. Times count from the end of the warm-up, if that was given.
#[derive(Clone, Debug, Default)]
pub struct Collected {
    /// The end of the warm-up that was asked for, from the start of the run.
    pub origin: Duration,
    /// How requests ended before it. What was not sent then is left out.
    pub before: Outcomes,
    /// Times and outcomes, by slice of time.
    pub slices: Slices,
    /// Successes, by finer steps of time.
    pub series: Series,
}

impl Collected {
    /// Of a run whose first `origin` is warm-up.
    pub(super) fn new(origin: Duration) -> Self {
        Self { origin, ..Self::default() }
    }

    /// Adds a chunk of any thread.
    pub(super) fn add(&mut self, chunk: &Chunk) {
        match chunk.from().checked_sub(self.origin) {
            Some(at) => {
                self.slices.add(at, chunk.recorder());
                self.series.add(chunk, self.origin);
            }
            None => self.before.merge(chunk.recorder().outcomes()),
        }
    }

    /// How all requests ended.
    pub fn outcomes(&self) -> Outcomes {
        let mut outcomes = self.before.clone();
        self.slices.recorders().iter().for_each(|recorder| outcomes.merge(recorder.outcomes()));
        outcomes
    }
}
