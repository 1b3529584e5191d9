//! Why a run was given up before its end.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::seconds;

/// An expectation that could not hold any more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Aborted {
    /// Which, as it was typed.
    pub expectation: String,
    /// When that was clear, from the start of the run.
    #[serde(rename = "at_s", with = "seconds")]
    pub at: Duration,
    /// How.
    pub why: String,
}

impl fmt::Display for Aborted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { expectation, at, why } = self;
        write!(f, "given up after {:.1} s, since {expectation} cannot hold: {why}", at.as_secs_f64())
    }
}
