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

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "worker={} rng={}", self.workers, self.rng)?;
        if self.hasher > 1 { write!(f, " hasher={}", self.hasher) } else { Ok(()) }
    }
}
