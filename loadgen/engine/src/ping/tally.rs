//! The statistics of one target. Owns what counts as a connect, as ok and as failed.

use std::time::Duration;

use crate::outcome::{Censoring, Outcome};
use crate::recorder::Recorder;
use crate::sample::Sample;

/// What the pings of one target add up to.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally(Recorder);

impl Tally {
    pub(super) fn add(&mut self, sample: &Sample) {
        self.0.record(sample);
    }

    /// Pings whose outcome is known.
    pub(super) fn connects(&self) -> u64 {
        self.0.count() - self.in_flight()
    }

    pub(super) fn successes(&self) -> u64 {
        self.0.successes().count()
    }

    /// Percent of the connects.
    pub(super) fn failed_percent(&self) -> f64 {
        let connects = self.connects();
        100.0 * (connects - self.successes()) as f64 / connects.max(1) as f64
    }

    pub(super) fn timed_out(&self) -> u64 {
        self.count(Outcome::Censored(Censoring::TimedOut))
    }

    pub(super) fn in_flight(&self) -> u64 {
        self.count(Outcome::Censored(Censoring::InFlight))
    }

    /// Shortest, mean and longest time of the successes.
    pub(super) fn round_trip(&self) -> Option<[Duration; 3]> {
        let times = self.0.successes();
        Some([times.min()?, times.mean()?, times.max()?])
    }

    /// The mean at least, if some have not been answered.
    pub(super) fn mean_at_least(&self) -> Option<Duration> {
        self.0.censored().mean().and_then(|_| self.0.mean_with_censored())
    }

    fn count(&self, outcome: Outcome) -> u64 {
        self.0.outcomes().get(&outcome).copied().unwrap_or_default()
    }
}
