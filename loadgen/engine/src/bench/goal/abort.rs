//! Ends a run as soon as something that was expected of it cannot hold any more. Owns what of the run is judged, and when.
//!
//! Every half second each expectation is judged by three rules; the first one that fails ends the run:
//!
//! 1. **Certainty.** Where the number of requests is known (`-n`, or a rate and a duration), it has failed once more requests
//!    speak against it than all requests together may: 601 slow ones of 60,000 end `p99<250ms`.
//! 2. **Beyond doubt.** Where the load stays as it is, it has failed once it would if the run went on like this, by six
//!    standard errors over slices of time (see [`super::evidence`]).
//! 3. **Silence.** A limit of `errors` has failed once nothing has succeeded for long (see [`super::silence`]) and it would be
//!    passed if nobody ever answered the requests that wait. They may be answered still, but the run waits no longer for that.
//!
//! What is judged is what follows the warm-up. Where that was not given, the report will find it, in the first quarter of the
//! run if at all. How long the run will be is not known, so the first two rules judge only the later half of what was seen so
//! far; and no rule judges anything before two seconds or a tenth of the run have passed. A service that takes longer than that
//! to warm up needs `--warmup`.
//! Steps, server timing and evenness are known only in the end, as are the sides of a figure that any later request
//! may mend, such as `max>1s`.

use std::ops::ControlFlow;
use std::time::Duration;

use crate::arrivals::Arrivals;
use crate::bench::chunk::Chunk;
use crate::bench::collect::Collected;
use crate::bench::plan::{Load, Plan, Profile};
use crate::bench::report::Aborted;
use crate::bench::run::{Observer, Watch};
use crate::recorder::Recorder;

use super::case::Case;
use super::evidence::{Part, beyond_doubt};
use super::expectation::Expectation;
use super::metric::Metric;
use super::silence::{Silence, Silent};
use super::value::Value;

/// How often expectations are judged.
const LOOK: Duration = Duration::from_millis(500);

/// Without a given warm-up nothing is judged before.
const LEAST_SEEN: Duration = Duration::from_secs(2);

/// Nor before this part of the run.
const LEAST_PART: u32 = 10;

/// Chunks of all threads have come in by then.
const LATE: Duration = Duration::from_millis(250);

/// A run's end may cut a last gap between requests off; the throughput is higher by that.
const SLACK: f64 = 1.02;

/// Judges a run while it goes on.
#[derive(Debug)]
pub struct Abort<'a> {
    cases: Vec<(&'a Expectation, Case)>,
    overflow: Vec<&'a Expectation>,
    silence: Silence,
    next_look: Duration,
    found: Option<Aborted>,
}

impl<'a> Abort<'a> {
    /// By these.
    pub fn on(expectations: &'a [Expectation]) -> Self {
        let cases = expectations.iter().filter_map(|it| Some((it, Case::against(it)?))).collect();
        let overflow = |it: &&Expectation| it.metric() == Metric::Overflow && it.relation().is_ceiling();
        let overflow = expectations.iter().filter(overflow).collect();
        Self { cases, overflow, silence: Silence::default(), next_look: Duration::ZERO, found: None }
    }

    /// What ended the run, if anything did.
    pub fn found(self) -> Option<Aborted> {
        self.found
    }

    fn look(&self, watch: &Watch<'_>) -> Option<Aborted> {
        let aborted = |expectation: &Expectation, why| Aborted {
            expectation: expectation.to_string(),
            at: watch.elapsed,
            why,
        };
        // It only grows: a warm-up that is found holds none.
        let unsent = Value::Count(overflowed(watch.collected));
        if let Some(over) = self.overflow.iter().find(|it| !it.allows(unsent)) {
            return Some(aborted(over, format!("{unsent} requests were due and not sent")));
        }
        let (seen, silent) = (Seen::of(watch)?, self.silence.at(watch.elapsed));
        self.cases.iter().find_map(|(expectation, case)| {
            let why = seen.certainly(case).or_else(|| seen.beyond_doubt(case));
            let why = why.or_else(|| seen.in_silence(case, silent?))?;
            Some(aborted(expectation, why))
        })
    }
}

impl Observer for Abort<'_> {
    fn chunk(&mut self, chunk: &Chunk) {
        self.silence.hear(chunk);
    }

    fn tick(&mut self, watch: &Watch<'_>) -> ControlFlow<()> {
        if self.found.is_none() && watch.elapsed >= self.next_look {
            self.next_look = watch.elapsed + LOOK;
            self.found = self.look(watch);
        }
        if self.found.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}

/// What of a run can be judged. Times count from the end of the warm-up, if that was given.
struct Seen<'a> {
    plan: &'a Plan,
    origin: Duration,
    /// The earliest instant at which what is reported may begin, and the latest.
    cut: Duration,
    now: Duration,
    slices: &'a [Recorder],
    width: Duration,
    /// Requests yet to come.
    left: f64,
    /// When the run is over at the earliest.
    end: Duration,
}

impl<'a> Seen<'a> {
    fn of(watch: &Watch<'a>) -> Option<Self> {
        let (plan, collected) = (watch.plan, watch.collected);
        let now = watch.elapsed.checked_sub(collected.origin)?;
        let cut = if plan.warm_up.is_some() { Duration::ZERO } else { now / 2 };
        let enough = LEAST_SEEN.max(plan.duration.unwrap_or_default() / LEAST_PART);
        let ended = (collected.outcomes().total() + overflowed(collected)) as f64;
        (plan.warm_up.is_some() || now >= enough).then(|| Self {
            plan,
            origin: collected.origin,
            cut: collected.slices.edge(cut),
            now,
            slices: collected.slices.recorders(),
            width: collected.slices.width(),
            left: most_requests(plan).map_or(f64::INFINITY, |most| (most - ended).max(0.0)),
            end: plan.duration.unwrap_or_default().saturating_sub(collected.origin).max(now),
        })
    }

    /// The first rule.
    fn certainly(&self, case: &Case) -> Option<String> {
        if case.is_lack() {
            return self.too_few_successes(case);
        }
        let sum = Part::sum(&self.parts(case, self.slices.len()));
        let over = case.counts_requests() && sum.certainly_over(case.limit, self.left);
        over.then(|| format!("{} at least, whatever the rest brings", case.words(self.at_best(sum))))
    }

    /// The second rule.
    fn beyond_doubt(&self, case: &Case) -> Option<String> {
        let whole = self.now.saturating_sub(LATE).as_nanos() / self.width.as_nanos().max(1);
        let parts = self.parts(case, usize::try_from(whole).unwrap_or(usize::MAX));
        let over =
            case.limit != 0.0 && is_steady(self.plan) && beyond_doubt(&parts, case.limit, case.is_share());
        let [from, to] = [self.cut, self.now].map(|at| (self.origin + at).as_secs_f64());
        over.then(|| format!("{} from {from:.1} s to {to:.1} s", case.words(Part::sum(&parts).ratio())))
    }

    /// The third rule.
    fn in_silence(&self, case: &Case, silent: Silent) -> Option<String> {
        let Silent { waiting, lasts } = silent;
        let seen: Vec<Part> = self.slices.iter().map(|slice| case.part(slice, self.width)).collect();
        let all = Part::sum(&seen).plus(Part { against: waiting as f64, of: waiting as f64 });
        let over = case.is_errors() && all.certainly_over(case.limit, 0.0);
        over.then(|| {
            let [errors, lasts] = [case.words(all.ratio()), Value::Time(lasts).to_string()];
            format!("{errors} with {waiting} requests that wait, and nothing has succeeded for {lasts}")
        })
    }

    /// The slices up to `end` that are judged.
    fn parts(&self, case: &Case, end: usize) -> Vec<Part> {
        let slices = &self.slices[..end.min(self.slices.len())];
        let judged = slices.get(index(self.cut, self.width)..).unwrap_or_default();
        judged.iter().map(|slice| case.part(slice, self.width)).collect()
    }

    fn at_best(&self, sum: Part) -> f64 {
        if self.left.is_finite() { Part { of: sum.of + self.left, ..sum }.ratio() } else { sum.ratio() }
    }

    /// Wherever the report will begin, from the start of what was seen to the cut.
    fn too_few_successes(&self, case: &Case) -> Option<String> {
        let rate_from = |first: usize| {
            let later: u64 = self.slices.iter().skip(first).map(|slice| slice.successes().count()).sum();
            let from = self.width.saturating_mul(u32::try_from(first).unwrap_or(u32::MAX));
            SLACK * (later as f64 + self.left) / self.end.saturating_sub(from).as_secs_f64()
        };
        let best = (0..=index(self.cut, self.width)).map(rate_from).fold(0.0, f64::max);
        (best < -case.limit).then(|| format!("{} at most, whatever the rest brings", case.words(best)))
    }
}

fn index(at: Duration, width: Duration) -> usize {
    usize::try_from(at.as_nanos() / width.as_nanos().max(1)).unwrap_or(usize::MAX)
}

/// Requests in all, if that is known.
fn most_requests(plan: &Plan) -> Option<f64> {
    let limit = plan.own_requests().map(|limit| limit as f64);
    let scheduled = match (&plan.load, plan.duration) {
        (Load::Open { rate, arrivals: Arrivals::Uniform, .. }, Some(duration)) => {
            let arrivals = match rate {
                Profile::Constant(rate) => rate.as_per_second() * duration.as_secs_f64(),
                Profile::Stages(stages) => stages.arrivals(),
            };
            Some((arrivals / plan.share.of() as f64).ceil() + 1.0)
        }
        _ => None,
    };
    [limit, scheduled].into_iter().flatten().reduce(f64::min)
}

/// Requests that were due and not sent, without those of a given warm-up.
fn overflowed(collected: &Collected) -> u64 {
    collected.slices.recorders().iter().map(Recorder::overflowed).sum()
}

/// Whether the load stays as it is.
fn is_steady(plan: &Plan) -> bool {
    !matches!(plan.load, Load::Open { rate: Profile::Stages(_), .. })
}

#[cfg(test)]
#[path = "abort_tests.rs"]
mod tests;
