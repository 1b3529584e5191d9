//! When throughput is back after something has happened, and what was not mined until then. A pure function of the cycles that
//! ended; whatever happened is somebody else's doing.

use serde::{Deserialize, Serialize};

use crate::statistics::series::EventCount;

/// Throughput is looked at over this long, in seconds: at ten hashes a second a shorter time would be quantised.
const SPAN: f64 = 1.0;

/// From one look to the next, in seconds.
const STEP: f64 = 0.02;

/// For so long throughput must have been back, in seconds, before it counts as back.
const SETTLED: f64 = 2.0;

/// Nothing that happens is felt later than this, in seconds: a cluster takes its time to end a pod.
const FELT_WITHIN: f64 = 6.0;

/// A window that falls below the lowest before by less than this share of throughput is no dip.
const SLACK: f64 = 0.02;

/// What is known of the time before.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Before {
    /// When it was looked at, up to the strike, in seconds since the Unix epoch.
    pub(super) from: f64,
    /// When something was done to the application, likewise.
    pub(super) struck_at: f64,
    /// Hashes per second until then.
    pub(super) throughput: f64,
}

/// What became of throughput.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Recovery {
    /// From the strike until throughput was within its own range again, and stayed there; 0 if it never left it, `None` if it was
    /// not back at the end.
    pub recovered_after_seconds: Option<f64>,
    /// The least hashes per second over any second after the strike.
    pub lowest_per_second: f64,
    /// The least over any second before it: below that, throughput is not back.
    pub lowest_before_per_second: f64,
    /// Hashes that would have been mined until throughput was back, or until the end, and were not.
    pub hashes_not_mined: f64,
}

impl Recovery {
    /// What the cycles `counted` until `now` say; `None` while it is too early to tell.
    ///
    /// The throughput X(t) of the second from t on is compared with its range before: it is back at the first t after it has left
    /// that range from which on it stays inside, for two seconds at least. What was not mined is X·T less the cycles of the time T
    /// from the strike to the end of that first second.
    pub(super) fn of(counted: &EventCount, before: Before, now: f64) -> Option<Self> {
        let (_, last) = counted.span()?;
        let later = rates(counted, before.struck_at, last);
        let lowest_before = lowest_before(counted, before);
        let threshold = lowest_before - SLACK * before.throughput;
        let back_at = match later.iter().rfind(|(_, rate)| *rate < threshold) {
            Some((last_below, _)) => last_below + STEP,
            None if now - before.struck_at >= FELT_WITHIN => before.struck_at,
            None => return None,
        };
        if last - SPAN - back_at < SETTLED {
            return None;
        }
        let felt = back_at > before.struck_at;
        let missing = if felt { missing(counted, before, back_at + SPAN) } else { 0.0 };
        Some(Self {
            recovered_after_seconds: Some(back_at - before.struck_at),
            lowest_per_second: lowest(&later),
            lowest_before_per_second: lowest_before,
            hashes_not_mined: missing,
        })
    }

    /// The same when patience ends: throughput is not back.
    pub(super) fn missed(counted: &EventCount, before: Before, now: f64) -> Self {
        Self {
            recovered_after_seconds: None,
            lowest_per_second: lowest(&rates(counted, before.struck_at, now)),
            lowest_before_per_second: lowest_before(counted, before),
            hashes_not_mined: missing(counted, before, now),
        }
    }

    /// Whether it was felt at all.
    pub fn was_felt(&self) -> bool {
        self.recovered_after_seconds.is_none_or(|after| after > 0.0)
    }
}

/// The throughput of each second from `from` to `until`, with when it begins. Before the first cycle that is known nothing can be
/// told; after the last one none has ended.
fn rates(counted: &EventCount, from: f64, until: f64) -> Vec<(f64, f64)> {
    let rate = |at: f64| (held(counted, at + SPAN) - held(counted, at)) / SPAN;
    let first = counted.span().map_or(from, |(first, _)| first.max(from));
    steps(first, until - SPAN).map(|at| (at, rate(at))).collect()
}

fn lowest(rates: &[(f64, f64)]) -> f64 {
    rates.iter().map(|(_, rate)| *rate).reduce(f64::min).unwrap_or_default()
}

fn lowest_before(counted: &EventCount, before: Before) -> f64 {
    let earlier = rates(counted, before.from, before.struck_at);
    earlier.iter().map(|(_, rate)| *rate).fold(before.throughput, f64::min)
}

/// Cycles that should have ended from the strike to `until`, and did not.
fn missing(counted: &EventCount, before: Before, until: f64) -> f64 {
    let mined = held(counted, until) - held(counted, before.struck_at);
    (before.throughput * (until - before.struck_at) - mined).max(0.0)
}

/// How many cycles have ended by then.
fn held(counted: &EventCount, at: f64) -> f64 {
    let Some((first, last)) = counted.span() else { return 0.0 };
    counted.at(at.clamp(first, last)).unwrap_or_default()
}

/// Instants from `from` up to `to`.
fn steps(from: f64, to: f64) -> impl Iterator<Item = f64> {
    (0_u32..).map(move |step| from + STEP * f64::from(step)).take_while(move |at| *at <= to)
}

#[cfg(test)]
#[path = "recovery_tests.rs"]
mod tests;
