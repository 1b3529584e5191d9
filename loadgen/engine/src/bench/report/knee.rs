//! The highest rate at which what was asked for holds, and how it was found.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Expected;

/// What the search for the highest rate has found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Knee {
    /// The highest rate that held; `None` if none did.
    pub rate_per_s: Option<f64>,
    /// The lowest rate that failed is at most so much of it higher, unless something else ended the search.
    pub tolerance: f64,
    /// Whether a longer run at that rate held, too.
    pub validated: bool,
    /// Why the search ended.
    pub ended: KneeEnd,
    /// All trials, in order.
    pub trials: Vec<KneeTrial>,
}

/// Why a search ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KneeEnd {
    /// A rate holds, and one that is hardly higher fails.
    Found,
    /// The highest rate that was allowed holds.
    MaxRate,
    /// Above this rate the load generator was the limit.
    LoadGenerator,
    /// Even the lowest rate that can be tried fails.
    NothingHeld,
    /// None of the rates that held in a trial held for longer.
    NotValidated,
    /// It was stopped from outside.
    Interrupted,
}

/// A run at one rate.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KneeTrial {
    /// Requests a second.
    pub rate_per_s: f64,
    /// How long was measured.
    pub measured_s: f64,
    /// Whether everything held.
    pub held: bool,
    /// Whether it was a longer run at a rate that had held.
    pub validation: bool,
    /// Successes a second.
    pub throughput_per_s: f64,
    /// Requests by which more were due than ended while it was measured, beyond chance: the server does not keep up.
    #[serde(default)]
    pub backlog_growth: u64,
    /// What was asked for, one by one.
    pub criteria: Vec<Expected>,
    /// Why the load generator was the limit, if it was.
    pub load_generator_limit: Option<String>,
}

impl Knee {
    /// The lowest rate above the knee that failed.
    fn lowest_failed(&self) -> Option<f64> {
        let failed = self.trials.iter().filter(|trial| !trial.held).map(|trial| trial.rate_per_s);
        failed.filter(|rate| self.rate_per_s.is_none_or(|knee| *rate > knee)).reduce(f64::min)
    }
}

impl fmt::Display for KneeTrial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verdict = if self.held { "holds" } else { "fails" };
        let length = if self.validation { "validation" } else { "trial" };
        write!(f, "{length} at {:>8.1}/s for {}: {verdict}", self.rate_per_s, rounded(self.measured_s))?;
        if self.backlog_growth > 0 {
            write!(f, "; the backlog grew by {}", self.backlog_growth)?;
        }
        for Expected { expectation, held, measured } in &self.criteria {
            let but = if *held { "" } else { "not " };
            write!(f, "; {but}{expectation}: {measured}")?;
        }
        match &self.load_generator_limit {
            Some(why) => write!(f, "; the load generator was the limit: {why}"),
            None => Ok(()),
        }
    }
}

/// A trial's length, in its own unit.
fn rounded(seconds: f64) -> String {
    let millis = (1e3 * seconds).round();
    let tenths = (millis / 100.0).round() / 10.0;
    if millis < 1e3 { format!("{millis} ms") } else { format!("{tenths} s") }
}

impl fmt::Display for Knee {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.rate_per_s {
            Some(rate) => write!(f, "the knee is at {rate:.1}/s")?,
            None => write!(f, "no knee was found")?,
        }
        let validated = if self.validated { "validated by a longer run" } else { "not validated" };
        match (self.ended, self.rate_per_s) {
            (KneeEnd::Found, _) => match self.lowest_failed() {
                Some(failed) => write!(f, ": {validated}; {failed:.1}/s failed"),
                None => write!(f, ": {validated}"),
            },
            (KneeEnd::MaxRate, _) => write!(f, " or above, {validated}: give a higher --max-rate to find it"),
            (KneeEnd::LoadGenerator, Some(_)) => {
                write!(f, " or above, {validated}: beyond, the load generator was the limit")
            }
            (KneeEnd::LoadGenerator, None) => write!(f, ": the load generator was the limit"),
            (KneeEnd::NothingHeld, _) => write!(f, ": even the lowest rate that was tried fails"),
            (KneeEnd::NotValidated, _) => write!(f, ": what held in trials failed in longer runs"),
            (KneeEnd::Interrupted, _) => write!(f, " so far, {validated}: the search was interrupted"),
        }
    }
}
