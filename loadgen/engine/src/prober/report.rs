//! What a prober has found. Owns the cut to a window and the numbers per target and over all.

use std::collections::BTreeMap;
use std::ops::Range;
use std::time::{Duration, Instant};

use crate::interval::Interval;
use crate::outcome::Outcome;
use crate::recorder::Recorder;
use crate::sample::Sample;

use super::{Findings, ProbeTarget};

/// One probe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProbeSample {
    /// Index of its target among those given to the prober.
    pub target: usize,
    /// Its times and outcome.
    pub sample: Sample,
}

/// All probes due in a window. They are kept one by one, being few, so that the lab can cut off a warm-up whose length
/// it finds out afterwards.
#[derive(Clone, Debug)]
pub struct ProbeReport {
    started_at: Instant,
    window: Range<Duration>,
    targets: Vec<ProbeTarget>,
    /// In order of their due times.
    samples: Vec<ProbeSample>,
    overflowed: Vec<(usize, Duration)>,
}

/// The numbers over some probes. Times are response times of the successes and of the censored probes, which count for
/// what they waited: with censored probes every one of them says "at least".
#[derive(Clone, Debug, PartialEq)]
pub struct ProbeSummary {
    /// Probes sent.
    pub sent: u64,
    /// Probes not sent, because too many were waiting.
    pub overflowed: u64,
    /// Successes.
    pub successes: u64,
    /// Probes without an answer in time.
    pub censored: u64,
    /// Everything else, by kind; the times leave these out.
    pub errors: BTreeMap<Outcome, u64>,
    /// The mean.
    pub mean: Option<Duration>,
    /// The mean with its 95 % interval by batch means, if there are enough probes for one.
    pub interval: Option<Interval>,
    /// The median.
    pub p50: Option<Duration>,
    /// What one in a hundred exceeds.
    pub p99: Option<Duration>,
    /// The longest.
    pub max: Option<Duration>,
    /// What the prober itself was late: the mean, over all probes sent.
    pub lag_mean: Option<Duration>,
    /// The same: what one in a hundred exceeds.
    pub lag_p99: Option<Duration>,
    /// The prober's worst lateness.
    pub lag_max: Option<Duration>,
}

impl ProbeReport {
    pub(super) fn new(started_at: Instant, targets: Vec<ProbeTarget>, findings: Findings) -> Self {
        let Findings { mut samples, overflowed, ended_at } = findings;
        samples.sort_by_key(|probe| probe.sample.scheduled_at);
        Self { started_at, window: Duration::ZERO..ended_at, targets, samples, overflowed }
    }

    /// Only the probes that were due from `from` up to, not including, `to`: offsets from [`Self::started_at`].
    #[must_use]
    pub fn between(&self, from: Duration, to: Duration) -> Self {
        let window = from.max(self.window.start)..to.min(self.window.end);
        let mut cut = self.clone();
        cut.samples.retain(|probe| window.contains(&probe.sample.scheduled_at));
        cut.overflowed.retain(|(_, due)| window.contains(due));
        Self { window, ..cut }
    }

    /// The instant that offsets count from.
    pub fn started_at(&self) -> Instant {
        self.started_at
    }

    /// The offsets in which the probes were due.
    pub fn window(&self) -> Range<Duration> {
        self.window.clone()
    }

    /// What was probed.
    pub fn targets(&self) -> &[ProbeTarget] {
        &self.targets
    }

    /// The probes, in order of their due times.
    pub fn samples(&self) -> &[ProbeSample] {
        &self.samples
    }

    /// The numbers over all targets.
    pub fn total(&self) -> ProbeSummary {
        self.summary(|_| true)
    }

    /// The numbers of each target, in the order given to the prober.
    pub fn per_target(&self) -> Vec<ProbeSummary> {
        (0..self.targets.len()).map(|target| self.summary(|index| index == target)).collect()
    }

    fn summary(&self, of: impl Fn(usize) -> bool) -> ProbeSummary {
        let samples: Vec<_> =
            self.samples.iter().filter(|probe| of(probe.target)).map(|probe| &probe.sample).collect();
        let overflowed = self.overflowed.iter().filter(|(target, _)| of(*target)).count() as u64;
        let recorder: Recorder = samples.iter().copied().collect();
        let waited = samples.iter().filter(|sample| is_wait(sample.outcome));
        let waits = waited.map(|sample| (sample.scheduled_at, sample.response_time()));
        let interval = Interval::by_batch_means(waits, self.window.clone());
        ProbeSummary::new(&recorder, interval, overflowed)
    }
}

/// Whether the response time says how long the service makes one wait.
fn is_wait(outcome: Outcome) -> bool {
    outcome.is_success() || outcome.is_censored()
}

impl ProbeSummary {
    fn new(recorder: &Recorder, interval: Option<Interval>, overflowed: u64) -> Self {
        let waits = recorder.waits();
        let errors = recorder.outcomes().iter().filter(|(outcome, _)| !is_wait(*outcome));
        Self {
            sent: recorder.count(),
            overflowed,
            successes: recorder.successes().count(),
            censored: recorder.censored().count(),
            errors: errors.collect(),
            mean: waits.mean(),
            interval,
            p50: waits.quantile(0.5),
            p99: waits.quantile(0.99),
            max: waits.max(),
            lag_mean: recorder.lags().mean(),
            lag_p99: recorder.lags().quantile(0.99),
            lag_max: recorder.lags().max(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::{Censoring, Failure};
    use crate::sample::Phases;
    use http::StatusCode;
    use std::net::{Ipv4Addr, SocketAddr};

    const OK: Outcome = Outcome::Answered(StatusCode::OK);

    fn probe(target: usize, due: u64, millis: u64, outcome: Outcome) -> ProbeSample {
        let ms = Duration::from_millis;
        let sample = Sample {
            scheduled_at: ms(due),
            sent_at: ms(due + 1),
            done_at: ms(due + millis),
            outcome,
            phases: Phases::default(),
        };
        ProbeSample { target, sample }
    }

    /// Ten seconds: one probe to each of two targets every 100 ms, of 20 ms and 40 ms; during the first two seconds a
    /// tenfold warm-up.
    fn report(more: impl IntoIterator<Item = ProbeSample>) -> ProbeReport {
        let slow = |due| if due < 2_000 { 10 } else { 1 };
        let pair = |due| [probe(0, due, 20 * slow(due), OK), probe(1, due, 40 * slow(due), OK)];
        let samples = (0..100).rev().flat_map(|k| pair(100 * k)).chain(more).collect();
        let overflowed = vec![(1, Duration::from_millis(500)), (0, Duration::from_secs(5))];
        let findings = Findings { samples, overflowed, ended_at: Duration::from_secs(10) };
        let target = ProbeTarget::from(SocketAddr::from((Ipv4Addr::LOCALHOST, 80)));
        ProbeReport::new(Instant::now(), vec![target; 2], findings)
    }

    fn after_warm_up(report: &ProbeReport) -> ProbeReport {
        report.between(Duration::from_secs(2), Duration::MAX)
    }

    #[test]
    fn a_window_holds_what_was_due_in_it_and_nothing_else() {
        let all = report([]);
        assert_eq!((all.total().sent, all.total().overflowed), (200, 2));
        let cut = after_warm_up(&all);
        assert_eq!((cut.total().sent, cut.total().overflowed), (160, 1));
        assert_eq!(cut.window(), Duration::from_secs(2)..Duration::from_secs(10));
        assert_eq!(cut.total().mean, Some(Duration::from_millis(30)));
        assert!(cut.samples().is_sorted_by_key(|probe| probe.sample.scheduled_at));
    }

    #[test]
    fn each_target_has_its_own_numbers() {
        let targets = after_warm_up(&report([])).per_target();
        assert_eq!(targets.len(), 2);
        for (target, millis) in targets.iter().zip([20, 40]) {
            let expected = Some(Duration::from_millis(millis));
            assert_eq!((target.sent, target.successes), (80, 80));
            assert_eq!(
                (target.mean, target.p50, target.p99, target.max),
                (expected, expected, expected, expected)
            );
            let interval = target.interval.unwrap();
            assert_eq!((Some(interval.mean), interval.half_width.as_millis()), (expected, 0));
            let late = Some(Duration::from_millis(1));
            assert_eq!((target.lag_mean, target.lag_p99, target.lag_max), (late, late, late));
        }
    }

    #[test]
    fn censored_probes_raise_the_mean_and_errors_leave_it_alone() {
        let refused = Outcome::Failed(Failure::Refused);
        let sick = Outcome::Answered(StatusCode::SERVICE_UNAVAILABLE);
        let errors = [probe(0, 3_000, 1, refused), probe(0, 3_001, 1, sick)];
        let with_errors = after_warm_up(&report(errors)).total();
        assert_eq!(with_errors.mean, Some(Duration::from_millis(30)));
        assert_eq!(with_errors.errors, BTreeMap::from([(refused, 1), (sick, 1)]));

        let timed_out = probe(0, 3_000, 16_130, Outcome::Censored(Censoring::TimedOut));
        let with_censored = after_warm_up(&report([timed_out])).total();
        assert_eq!(with_censored.censored, 1);
        assert_eq!(with_censored.mean, Some(Duration::from_millis(130)));
        assert_eq!(with_censored.interval.unwrap().mean, Duration::from_millis(130));
        assert_eq!(with_censored.max, Some(Duration::from_millis(16_130)));
    }

    #[test]
    fn an_empty_window_has_no_numbers() {
        let beyond = report([]).between(Duration::from_secs(20), Duration::from_secs(30)).total();
        assert_eq!((beyond.sent, beyond.mean, beyond.interval, beyond.p99), (0, None, None, None));
    }
}
