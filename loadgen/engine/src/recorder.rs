//! What a run leaves behind, in constant memory. Owns which sample counts where.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::distribution::Distribution;
use crate::outcome::Outcome;
use crate::sample::Sample;

/// Sums samples up. Successes are kept apart, so that fast errors cannot make an overloaded service look fast.
#[derive(Clone, Debug, Default)]
pub struct Recorder {
    successes: Distribution,
    censored: Distribution,
    lags: Distribution,
    outcomes: BTreeMap<Outcome, u64>,
}

impl Recorder {
    /// One without samples.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one sample.
    pub fn record(&mut self, sample: &Sample) {
        *self.outcomes.entry(sample.outcome).or_default() += 1;
        self.lags.record(sample.lag());
        if sample.outcome.is_success() {
            self.successes.record(sample.response_time());
        } else if sample.outcome.is_censored() {
            self.censored.record(sample.response_time());
        }
    }

    /// Adds what `other` has recorded.
    pub fn merge(&mut self, other: &Self) {
        self.successes.merge(&other.successes);
        self.censored.merge(&other.censored);
        self.lags.merge(&other.lags);
        for (outcome, count) in &other.outcomes {
            *self.outcomes.entry(*outcome).or_default() += count;
        }
    }

    /// How many samples there are.
    pub fn count(&self) -> u64 {
        self.outcomes.values().sum()
    }

    /// How many samples ended how.
    pub fn outcomes(&self) -> &BTreeMap<Outcome, u64> {
        &self.outcomes
    }

    /// Response times of the successes.
    pub fn successes(&self) -> &Distribution {
        &self.successes
    }

    /// What the censored samples waited at least.
    pub fn censored(&self) -> &Distribution {
        &self.censored
    }

    /// How late the client itself was, over all samples.
    pub fn lags(&self) -> &Distribution {
        &self.lags
    }

    /// Successes and censored samples together: every number of it is exact without the latter, and a lower bound with
    /// them.
    pub fn waits(&self) -> Distribution {
        let mut waits = self.successes.clone();
        waits.merge(&self.censored);
        waits
    }

    /// The mean response time, the censored samples counted with what they waited; `None` without either.
    pub fn mean_with_censored(&self) -> Option<Duration> {
        self.waits().mean()
    }
}

impl<'a> FromIterator<&'a Sample> for Recorder {
    fn from_iter<I: IntoIterator<Item = &'a Sample>>(samples: I) -> Self {
        let mut recorder = Self::new();
        samples.into_iter().for_each(|sample| recorder.record(sample));
        recorder
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::{Censoring, Failure};
    use crate::sample::Phases;
    use http::StatusCode;

    fn sample(millis: u64, outcome: Outcome) -> Sample {
        let ms = Duration::from_millis;
        Sample {
            scheduled_at: ms(5),
            sent_at: ms(6),
            done_at: ms(5 + millis),
            outcome,
            phases: Phases::default(),
        }
    }

    fn mixed() -> Recorder {
        let ok = Outcome::Answered(StatusCode::OK);
        [
            sample(100, ok),
            sample(300, ok),
            sample(1, Outcome::Failed(Failure::Refused)),
            sample(1, Outcome::Answered(StatusCode::SERVICE_UNAVAILABLE)),
            sample(2_000, Outcome::Censored(Censoring::TimedOut)),
        ]
        .iter()
        .collect()
    }

    #[test]
    fn fast_errors_are_counted_but_do_not_pollute_the_times() {
        let recorder = mixed();
        assert_eq!(recorder.count(), 5);
        assert_eq!(recorder.outcomes()[&Outcome::Failed(Failure::Refused)], 1);
        assert_eq!(recorder.successes().count(), 2);
        assert_eq!(recorder.successes().mean(), Some(Duration::from_millis(200)));
        assert_eq!(recorder.lags().max(), Some(Duration::from_millis(1)));
    }

    #[test]
    fn censored_samples_count_for_what_they_waited() {
        let recorder = mixed();
        assert_eq!(recorder.mean_with_censored(), Some(Duration::from_millis(800)));
        assert_eq!(recorder.waits().max(), Some(Duration::from_secs(2)));
        assert_eq!(recorder.successes().max(), Some(Duration::from_millis(300)));
    }

    #[test]
    fn merged_recorders_add_up() {
        let mut recorder = mixed();
        recorder.merge(&mixed());
        assert_eq!(recorder.count(), 10);
        assert_eq!(recorder.censored().count(), 2);
        assert_eq!(recorder.mean_with_censored(), Some(Duration::from_millis(800)));
    }
}
