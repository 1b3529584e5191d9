//! Where the warm-up ends: connections are new, caches cold, pools small; what requests take then is no figure of the run.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::bench::chunk::Bin;
use crate::bench::collect::Collected;
use crate::bench::plan::Plan;
use crate::recorder::Recorder;
use crate::statistics::mser;
use crate::statistics::summary::Moments;

use super::seconds;

/// What was left out of the figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WarmUp {
    /// From the start of the run.
    #[serde(rename = "cut_s", with = "seconds")]
    pub cut: Duration,
    /// How that was known.
    pub how: How,
}

/// How the end of the warm-up was known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum How {
    /// It was asked for.
    Given,
    /// The data show it.
    Found,
    /// The data show that there was none.
    None,
    /// The run was too short to tell, or did not settle within its first quarter. Nothing is left out.
    Undecided,
    /// What would have been cut holds requests that failed, timed out or were not sent. Nothing is left out.
    Failures,
    /// What would have been cut begins well and then turns bad. Nothing is left out.
    Incident,
}

/// Steps that the data are looked at in: more would be noise only.
const MOST: usize = 400;

/// Successes that a step holds on average at least.
const LEAST_SUCCESSES: u64 = 5;

/// Fewer steps tell nothing.
const LEAST: usize = 50;

/// What is found in the data is at most one part in so many of the run. What takes longer to settle is a trait of the service
/// rather than its start, and is for whoever asks for `--warmup` to leave out.
const LARGEST_PART: u32 = 4;

/// Steps that are averaged before they are compared.
const GROUP: usize = 5;

/// A group this many standard deviations away from what the service settles at is no chance.
const FAR: f64 = 3.0;

/// After it was back at what the service settles at, a group that is off by this part of the first one is another trouble.
const AGAIN: f64 = 0.5;

impl WarmUp {
    /// Of a run that ended `end` after its origin.
    pub(super) fn of(plan: &Plan, collected: &Collected, end: Duration) -> Self {
        if let Some(cut) = plan.warm_up {
            return Self { cut, how: How::Given };
        }
        let how = |how| Self { cut: Duration::ZERO, how };
        let Some(steps) = Steps::of(collected, end) else { return how(How::Undecided) };
        let Some(settled) = steps.settled() else { return how(How::Undecided) };
        if settled.is_zero() {
            return how(How::None);
        }
        let cut = collected.slices.edge(settled);
        if has_failures(collected.slices.until(cut)) {
            how(How::Failures)
        } else if cut > end / LARGEST_PART {
            how(How::Undecided)
        } else if !steps.decay_until(cut) {
            how(How::Incident)
        } else {
            Self { cut, how: How::Found }
        }
    }
}

fn has_failures(slices: &[Recorder]) -> bool {
    let failed = |slice: &Recorder| slice.outcomes().count(|outcome| !outcome.is_success());
    slices.iter().any(|slice| failed(slice) + slice.overflowed() > 0)
}

/// A run in equal steps of time.
struct Steps {
    width: Duration,
    rates: Vec<f64>,
    /// Response times, in seconds.
    means: Vec<f64>,
}

impl Steps {
    /// `None` if there is too little to tell.
    fn of(collected: &Collected, end: Duration) -> Option<Self> {
        let series = collected.series.range(Duration::ZERO, end);
        let successes = usize::try_from(series.successes() / LEAST_SUCCESSES).unwrap_or(MOST);
        let (bins, width) = series.groups(successes.min(MOST));
        let rates = bins.iter().map(|bin| bin.successes as f64).collect();
        (bins.len() >= LEAST).then(|| Self { width, rates, means: means(&bins) })
    }

    /// Where both throughput and response time have settled, by MSER-5; `None` if they have not.
    fn settled(&self) -> Option<Duration> {
        let steps = mser::warm_up(&self.rates)?.max(mser::warm_up(&self.means)?);
        Some(self.width * u32::try_from(steps).ok()?)
    }

    /// Whether what comes before `cut` is the way in which a warm-up ends: response times are off from the first on, if at
    /// all, and once they have come to what they are after `cut`, they stay there. MSER alone asks only where the rest is
    /// even, and would cut an outage off together with the good seconds before it.
    ///
    /// Throughput needs no look of its own: where it drops for a while, the requests of that while take longer.
    fn decay_until(&self, cut: Duration) -> bool {
        let groups: Vec<f64> = self
            .means
            .chunks_exact(GROUP)
            .map(|group| group.iter().copied().collect::<Moments>().mean())
            .collect();
        let group = self.width.as_nanos().max(1) * GROUP as u128;
        let cut = usize::try_from(cut.as_nanos().div_ceil(group)).unwrap_or(usize::MAX);
        let (head, rest) = groups.split_at(cut.min(groups.len()));
        let settled: Moments = rest.iter().copied().collect();
        let off: Vec<f64> = head.iter().map(|mean| (mean - settled.mean()).abs()).collect();
        let (far, first) = (FAR * settled.variance().sqrt(), off.first().copied().unwrap_or_default());
        let back = off.iter().position(|it| *it <= far).unwrap_or(off.len());
        off[back..].iter().all(|it| *it <= far.max(AGAIN * first))
    }
}

/// The mean response time of each step; one without a success has that of the step before it.
fn means(bins: &[Bin]) -> Vec<f64> {
    let mean = |bin: &Bin| (bin.successes > 0).then(|| bin.seconds / bin.successes as f64);
    let mut last = bins.iter().find_map(mean).unwrap_or_default();
    bins.iter()
        .map(|bin| {
            last = mean(bin).unwrap_or(last);
            last
        })
        .collect()
}

#[cfg(test)]
#[path = "warm_up_tests.rs"]
mod tests;
