//! One step of a sweep: how many replicas of what.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A replica count for each service that the sweep scales.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Workers, each with the plan's `concurrency` loops.
    pub workers: usize,
    /// Replicas of rng.
    pub rng: usize,
    /// Replicas of hasher.
    pub hasher: usize,
}

/// A count of a step, and what it is called.
pub(crate) type Count = (&'static str, fn(&Step) -> usize);

/// The counts that tell `steps` apart, by name: those of workers and rng, and of hasher where it was scaled.
pub(crate) fn counts(steps: impl IntoIterator<Item = Step>) -> Vec<Count> {
    let mut counts: Vec<Count> = vec![("worker", |step| step.workers), ("rng", |step| step.rng)];
    if steps.into_iter().any(|step| step.hasher > 1) {
        counts.push(("hasher", |step| step.hasher));
    }
    counts
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "worker={} rng={}", self.workers, self.rng)?;
        if self.hasher > 1 { write!(f, " hasher={}", self.hasher) } else { Ok(()) }
    }
}
