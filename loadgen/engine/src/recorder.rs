//! What a run leaves behind, in constant memory. Owns which sample counts where.

use std::time::Duration;

use crate::distribution::Distribution;
use crate::outcomes::Outcomes;
use crate::sample::Sample;
use crate::times::Times;

/// Sums samples up. Successes are kept apart, so that fast errors cannot make an overloaded service look fast.
#[derive(Clone, Debug, Default)]
pub struct Recorder {
    response: Times,
    /// The view without lateness. As long as no sample was late it is the same, and costs nothing.
    uncorrected: Option<Times>,
    late: Distribution,
    on_time: u64,
    outcomes: Outcomes,
    /// How long those waited that the run ended before; most recorders have none.
    unfinished: Option<Distribution>,
    overflowed: u64,
}

impl Recorder {
    /// One without samples.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one sample.
    pub fn record(&mut self, sample: &Sample) {
        self.record_with_lag(sample, sample.lag());
    }

    /// Adds one sample for which the client itself was only `lag` late.
    pub fn record_with_lag(&mut self, sample: &Sample, lag: Duration) {
        self.outcomes.add(sample.outcome, 1);
        if lag.is_zero() {
            self.on_time += 1;
        } else {
            self.late.record(lag);
        }
        let (response_time, uncorrected_time) = (sample.response_time(), sample.uncorrected_time());
        let was_sent = sample.outcome.was_sent();
        if response_time != uncorrected_time || !was_sent {
            self.uncorrected.get_or_insert_with(|| self.response.clone());
        }
        if sample.outcome.is_success() {
            self.response.record(response_time);
            if let Some(times) = &mut self.uncorrected {
                times.record(uncorrected_time);
            }
        } else if sample.outcome.is_censored() {
            if sample.outcome.is_unfinished() {
                self.unfinished.get_or_insert_default().record(response_time);
            }
            self.response.record_censored(response_time);
            if let Some(times) = &mut self.uncorrected
                && was_sent
            {
                times.record_censored(uncorrected_time);
            }
        }
    }

    /// Counts a request that was due and will not be sent, since too many wait. It leaves no sample.
    pub fn record_overflow(&mut self) {
        self.overflowed += 1;
    }

    /// Adds what `other` has recorded.
    pub fn merge(&mut self, other: &Self) {
        if let Some(times) = &other.uncorrected {
            self.uncorrected.get_or_insert_with(|| self.response.clone()).merge(times);
        } else if let Some(times) = &mut self.uncorrected {
            times.merge(&other.response);
        }
        self.response.merge(&other.response);
        self.late.merge(&other.late);
        self.on_time += other.on_time;
        self.outcomes.merge(&other.outcomes);
        if let Some(times) = &other.unfinished {
            self.unfinished.get_or_insert_default().merge(times);
        }
        self.overflowed += other.overflowed;
    }

    /// Forgets everything, and keeps the memory.
    pub fn clear(&mut self) {
        self.response.clear();
        self.uncorrected = None;
        self.late.clear();
        self.on_time = 0;
        self.outcomes.clear();
        self.unfinished = None;
        self.overflowed = 0;
    }

    /// How many samples there are.
    pub fn count(&self) -> u64 {
        self.outcomes.total()
    }

    /// How many samples ended how.
    pub fn outcomes(&self) -> &Outcomes {
        &self.outcomes
    }

    /// Requests that were due and not sent, since too many waited.
    pub fn overflowed(&self) -> u64 {
        self.overflowed
    }

    /// Requests that the run ended before although they had waited for longer, from the scheduled instant, than any success
    /// took. A server that hangs leaves no other trace.
    pub fn unanswered(&self) -> u64 {
        let longest = self.successes().max().unwrap_or_default();
        self.unfinished.as_ref().map_or(0, |times| times.count() - times.count_within(longest))
    }

    /// Times from the scheduled instant, of successes and of what was censored.
    pub fn response(&self) -> &Times {
        &self.response
    }

    /// Times from the sent instant, of successes and of what was censored after it was sent.
    pub fn uncorrected(&self) -> &Times {
        self.uncorrected.as_ref().unwrap_or(&self.response)
    }

    /// Response times of the successes.
    pub fn successes(&self) -> &Distribution {
        self.response.ended()
    }

    /// What the censored samples waited at least.
    pub fn censored(&self) -> &Distribution {
        self.response.censored()
    }

    /// How late the client itself was, over all samples.
    pub fn lags(&self) -> Distribution {
        let mut lags = self.late.clone();
        lags.record_many(Duration::ZERO, self.on_time);
        lags
    }

    /// Successes and censored samples together: every number of it is exact without the latter, and a lower bound with
    /// them.
    pub fn waits(&self) -> Distribution {
        self.response.at_least()
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
    use crate::outcome::{Censoring, Failure, Outcome};
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
        assert_eq!(recorder.outcomes().of(Outcome::Failed(Failure::Refused)), 1);
        assert_eq!(recorder.successes().count(), 2);
        assert_eq!(recorder.successes().mean(), Some(Duration::from_millis(200)));
        assert_eq!(recorder.lags().max(), Some(Duration::from_millis(1)));
    }

    #[test]
    fn the_view_without_lateness_is_kept_once_there_is_a_late_sample() {
        let ok = Outcome::Answered(StatusCode::OK);
        let on_time = |millis| Sample { sent_at: Duration::from_millis(5), ..sample(millis, ok) };
        let mut recorder: Recorder = [on_time(100), on_time(200)].iter().collect();
        assert_eq!(recorder.uncorrected().count(), 2);
        let late = Sample { sent_at: Duration::from_millis(305), ..sample(400, ok) };
        recorder.record(&late);
        assert_eq!(recorder.response().ended().max(), Some(Duration::from_millis(400)));
        assert_eq!(recorder.uncorrected().ended().max(), Some(Duration::from_millis(200)));
        let mut others: Recorder = [on_time(300)].iter().collect();
        others.merge(&recorder);
        assert_eq!((others.uncorrected().count(), others.response().count()), (4, 4));
        assert_eq!(others.uncorrected().ended().max(), Some(Duration::from_millis(300)));
    }

    #[test]
    fn what_was_never_sent_has_waited_since_it_was_due_and_took_no_time_once_sent() {
        let unsent = Sample {
            sent_at: Duration::from_millis(505),
            ..sample(500, Outcome::Censored(Censoring::Unsent))
        };
        let ok = Outcome::Answered(StatusCode::OK);
        let on_time = Sample { sent_at: Duration::from_millis(5), ..sample(100, ok) };
        let recorder: Recorder = [on_time, unsent].iter().collect();
        assert_eq!((recorder.response().count(), recorder.uncorrected().count()), (2, 1));
        assert_eq!(recorder.censored().max(), Some(Duration::from_millis(500)));
        assert_eq!(recorder.uncorrected().at_least().min(), Some(Duration::from_millis(100)));
    }

    #[test]
    fn overflow_is_counted_beside_the_samples() {
        let mut recorder = mixed();
        recorder.record_overflow();
        let mut others = recorder.clone();
        others.merge(&recorder);
        assert_eq!((others.count(), others.overflowed()), (10, 2));
        others.clear();
        assert_eq!(others.overflowed(), 0);
    }

    #[test]
    fn what_has_waited_for_longer_than_any_success_took_is_unanswered_and_a_timeout_is_not() {
        let waiting = |millis| sample(millis, Outcome::Censored(Censoring::InFlight));
        let unsent = |millis| sample(millis, Outcome::Censored(Censoring::Unsent));
        let mut recorder: Recorder =
            [waiting(100), waiting(300), waiting(310), unsent(200), unsent(400)].iter().collect();
        assert_eq!(recorder.unanswered(), 5, "without any success nothing says how long one takes");
        recorder.merge(&mixed());
        assert_eq!(recorder.unanswered(), 2);
        recorder.clear();
        assert_eq!(recorder.unanswered(), 0);
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
