//! What can be held against an expectation before a run ends. Owns which slices speak against it how much.

use std::borrow::Cow;
use std::time::Duration;

use crate::bench::report::Counts;
use crate::distribution::Distribution;
use crate::recorder::Recorder;
use crate::times::Times;

use super::evidence::Part;
use super::expectation::Expectation;
use super::metric::{Clock, Metric, Statistic};
use super::value::{Value, digits};

/// A limit, and what counts against it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Case {
    what: What,
    /// What the ratio may be at most.
    pub(super) limit: f64,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum What {
    /// Requests that take longer than this.
    Slow(Clock, Duration),
    /// Requests that take no longer than this.
    Fast(Clock, Duration),
    /// Seconds, out of requests.
    Seconds(Clock),
    /// Requests that come to a bad end.
    Errors,
    /// Successes, out of seconds.
    Successes,
    /// Successes, negative, out of seconds.
    Lack,
}

impl Case {
    /// The case against `expectation`; `None` where only the end of the run can tell.
    pub(super) fn against(expectation: &Expectation) -> Option<Self> {
        let ceiling = expectation.relation().is_ceiling();
        let case = |what, limit| Some(Self { what, limit });
        match (expectation.metric(), expectation.bound(), ceiling) {
            (Metric::Time(clock, statistic), Value::Time(bound), _) if is_seen(clock) => {
                Self::of_times(clock, statistic, bound, ceiling)
            }
            (Metric::Errors, Value::Share(limit), true) => case(What::Errors, limit),
            (Metric::Rate, Value::PerSecond(limit), true) => case(What::Successes, limit),
            (Metric::Rate, Value::PerSecond(limit), false) => case(What::Lack, -limit),
            _ => None,
        }
    }

    fn of_times(clock: Clock, statistic: Statistic, bound: Duration, ceiling: bool) -> Option<Self> {
        let (slow, fast) = (What::Slow(clock, bound), What::Fast(clock, bound));
        let (what, limit) = match (statistic, ceiling) {
            (Statistic::Quantile(quantile), true) => (slow, 1.0 - quantile),
            (Statistic::Quantile(quantile), false) => (fast, quantile),
            (Statistic::Max, true) => (slow, 0.0),
            (Statistic::Min, false) => (fast, 0.0),
            (Statistic::Mean, true) => (What::Seconds(clock), bound.as_secs_f64()),
            _ => return None,
        };
        Some(Self { what, limit })
    }

    /// What a slice of this length says.
    pub(super) fn part(&self, slice: &Recorder, width: Duration) -> Part {
        let times = |clock| times(slice, clock);
        match self.what {
            What::Slow(clock, bound) => slow(&times(clock), bound),
            What::Fast(clock, bound) => fast(&times(clock), bound),
            What::Seconds(clock) => seconds(&times(clock)),
            What::Errors => errors(slice),
            What::Successes => Part { against: slice.successes().count() as f64, of: width.as_secs_f64() },
            What::Lack => Part { against: -(slice.successes().count() as f64), of: width.as_secs_f64() },
        }
    }

    /// Whether it is about requests, of which it is known how many there may be.
    pub(super) fn counts_requests(&self) -> bool {
        !matches!(self.what, What::Successes | What::Lack)
    }

    /// Whether each request speaks against it or does not.
    pub(super) fn is_share(&self) -> bool {
        self.counts_requests() && !matches!(self.what, What::Seconds(_))
    }

    /// Whether it is about requests that come to a bad end.
    pub(super) fn is_errors(&self) -> bool {
        self.what == What::Errors
    }

    /// Whether it asks for more successes.
    pub(super) fn is_lack(&self) -> bool {
        self.what == What::Lack
    }

    /// What so large a ratio means, in words.
    pub(super) fn words(&self, ratio: f64) -> String {
        let percent = || Value::Share(ratio);
        match self.what {
            What::Slow(clock, bound) => {
                format!("{} of {} over {}", percent(), name(clock), Value::Time(bound))
            }
            What::Fast(clock, bound) => {
                format!("{} of {} not over {}", percent(), name(clock), Value::Time(bound))
            }
            What::Seconds(_) => format!("a mean of {}", Value::Time(Duration::from_secs_f64(ratio.max(0.0)))),
            What::Errors => format!("{} errors", percent()),
            What::Successes | What::Lack => format!("{} successes a second", digits(ratio.abs())),
        }
    }
}

fn name(clock: Clock) -> &'static str {
    if clock == Clock::Lag { "lags" } else { "response times" }
}

/// Whether slices have these times. Those of steps and of servers are put together only in the end.
fn is_seen(clock: Clock) -> bool {
    matches!(clock, Clock::Response | Clock::Uncorrected | Clock::Lag)
}

fn times(slice: &Recorder, clock: Clock) -> Cow<'_, Times> {
    match clock {
        Clock::Uncorrected => Cow::Borrowed(slice.uncorrected()),
        Clock::Lag => Cow::Owned(Times::new(slice.lags(), Distribution::new())),
        _ => Cow::Borrowed(slice.response()),
    }
}

fn slow(times: &Times, bound: Duration) -> Part {
    let slower = |all: &Distribution| all.count() - all.count_within(bound);
    let against = slower(times.ended()) + slower(times.censored());
    Part { against: against as f64, of: times.count() as f64 }
}

/// Of those that were given up nobody knows how long they would have taken.
fn fast(times: &Times, bound: Duration) -> Part {
    // To the histogram's digits: what is just as long as the bound must not count.
    let against = times.ended().count_within(bound.saturating_sub(bound / 500));
    Part { against: against as f64, of: times.count() as f64 }
}

fn seconds(times: &Times) -> Part {
    let nanos = times.ended().sum_nanos() + times.censored().sum_nanos();
    Part { against: nanos as f64 / 1e9, of: times.count() as f64 }
}

fn errors(slice: &Recorder) -> Part {
    let counts = Counts::of(slice);
    let (errors, known) = (counts.errors(), counts.successes + counts.errors());
    Part { against: errors as f64, of: known as f64 }
}
