//! How far figures can be trusted. Owns the intervals of a throughput and of a quantile.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::bench::series::Series;
use crate::recorder::Recorder;
use crate::statistics::batch::{Interval, LEAST_BATCHES};
use crate::statistics::student;
use crate::times::Times;

/// A mean with its 95 % confidence interval.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// The mean.
    pub mean: f64,
    /// The interval reaches from mean − this to mean + this; `None` where too little was measured to tell.
    pub half_width: Option<f64>,
    /// How often such intervals hold the true mean.
    pub confidence: f64,
}

/// Batches that a throughput's interval starts from: more than are needed, so that neighbours that depend on each other can
/// be merged, and few enough for each to hold several requests.
const BATCHES: usize = 3 * LEAST_BATCHES;

/// Fewer slices than this give a quantile no interval.
const LEAST_SLICES: usize = 8;

/// Fewer requests than this on either side of a quantile say too little of where it lies.
const LEAST_BEYOND: f64 = 10.0;

const CONFIDENCE: f64 = 0.95;

impl Estimate {
    /// The rate of `successes` between `cut` and `end`, over which `series` reaches, by batch means. Where the ends lie between
    /// two requests is chance, so that however regular they are, one more or less could have been counted.
    pub(super) fn of(series: &Series, cut: Duration, end: Duration, successes: u64) -> Self {
        let measured = end.saturating_sub(cut).as_secs_f64();
        let mean = if measured > 0.0 { successes as f64 / measured } else { 0.0 };
        let (batches, width) = series.range(cut, end).groups(BATCHES);
        let rates: Vec<f64> =
            batches.iter().map(|batch| batch.successes as f64 / width.as_secs_f64()).collect();
        let enough = successes >= LEAST_BATCHES as u64;
        let half_width =
            Interval::of(&rates).filter(|_| enough).map(|interval| interval.half_width.max(1.0 / measured));
        Self { mean, half_width, confidence: CONFIDENCE }
    }
}

/// The 95 % confidence interval of the `quantile` of all slices' times together; `None` where it cannot be told.
///
/// Neighbouring requests depend on each other, so the interval cannot come from their number. With nᵦ requests in slice b,
/// kᵦ of them within the quantile, and p̂ = Σkᵦ/Σnᵦ, the share within it has the half width
/// h = t(0.975, B−1)·√(B/(B−1)·Σ(kᵦ − p̂·nᵦ)²)/Σnᵦ, the ratio estimator over batches, and the quantile lies between the
/// quantiles of p − h and p + h.
///
/// Source: P. Heidelberger and P. A. W. Lewis, "Quantile Estimation in Dependent Sequences", 1984; Cochran, "Sampling
/// Techniques", 1977, ch. 6.
pub(super) fn quantile_interval(
    total: &Times,
    slices: &[Recorder],
    times: fn(&Recorder) -> &Times,
    quantile: f64,
) -> Option<(Duration, Duration)> {
    let at = total.quantile(quantile).filter(|it| !it.lower_bound)?.time;
    let batches: Vec<(f64, f64)> = slices
        .iter()
        .filter_map(|slice| {
            let ended = times(slice).ended();
            let count = ended.count() as f64;
            Some((count, ended.share_within(at)? * count))
        })
        .collect();
    let beyond = batches.iter().map(|(count, _)| count).sum::<f64>() * quantile.min(1.0 - quantile);
    if batches.len() < LEAST_SLICES || beyond < LEAST_BEYOND {
        return None;
    }
    let half_width = ratio_half_width(&batches);
    let (low, high) = (quantile - half_width, quantile + half_width);
    if low < 0.0 || high >= 1.0 {
        return None;
    }
    let [low, high] = total.quantiles(&[low, high])[..] else { return None };
    (!high.lower_bound).then_some((low.time.min(at), high.time.max(at)))
}

/// Of the share Σk/Σn over batches (n, k).
fn ratio_half_width(batches: &[(f64, f64)]) -> f64 {
    let n: f64 = batches.iter().map(|(n, _)| n).sum();
    let share = batches.iter().map(|(_, k)| k).sum::<f64>() / n;
    let squares: f64 = batches.iter().map(|(n, k)| (k - share * n).powi(2)).sum();
    let b = batches.len() as f64;
    student::quantile_975(batches.len() - 1) * (b / (b - 1.0) * squares).sqrt() / n
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::chunk::{Chunk, Grid};
    use crate::bench::collect::Collected;
    use crate::outcome::Outcome;
    use crate::sample::{Phases, Sample};
    use http::StatusCode;
    use rand::rngs::SmallRng;
    use rand::{RngExt, SeedableRng};

    fn slice(times: impl IntoIterator<Item = f64>) -> Recorder {
        let sample = |seconds: f64| Sample {
            scheduled_at: Duration::ZERO,
            sent_at: Duration::ZERO,
            done_at: Duration::from_secs_f64(seconds / 1e6),
            outcome: Outcome::Answered(StatusCode::OK),
            phases: Phases::default(),
        };
        times.into_iter().map(sample).collect::<Vec<_>>().iter().collect()
    }

    fn total(slices: &[Recorder]) -> Times {
        let mut total = Times::default();
        for slice in slices {
            total.merge(slice.response());
        }
        total
    }

    /// Slices of exponential times of mean 1 µs, whose histograms are small; with `memory` each slice's are slower or faster together.
    fn run(seed: u64, memory: f64) -> Vec<Recorder> {
        let mut random = SmallRng::seed_from_u64(seed);
        let mut one = || -(-random.random::<f64>()).ln_1p();
        (0..24)
            .map(|_| {
                let pace = 1.0 + memory * (one() - 1.0);
                slice((0..200).map(|_| one() * pace).collect::<Vec<_>>())
            })
            .collect()
    }

    #[test]
    fn the_most_regular_throughput_is_known_to_one_request() {
        let mut collected = Collected::new(Duration::ZERO);
        for tenth in 0..50 {
            let from = Duration::from_millis(100 * tenth);
            let mut chunk = Chunk::at(from, Grid(Duration::ZERO));
            for k in 0..10 {
                let done_at = from + Duration::from_millis(10 * k);
                let outcome = Outcome::Answered(StatusCode::OK);
                let phases = Phases::default();
                let sample = Sample { scheduled_at: done_at, sent_at: done_at, done_at, outcome, phases };
                chunk.record(&sample, Duration::ZERO);
            }
            collected.add(&chunk);
        }
        // It ends just after a request, when the gap of 10 ms that follows has only begun.
        let end = Duration::from_millis(4991);
        let estimate = Estimate::of(&collected.series, Duration::ZERO, end, 500);
        let half_width = estimate.half_width.unwrap();
        assert!((estimate.mean - 100.0).abs() <= half_width && half_width < 0.3, "{estimate:?}");
    }

    #[test]
    fn the_interval_of_a_quantile_holds_the_true_one_as_often_as_it_promises() {
        for (quantile, truth) in [(0.5, 2_f64.ln()), (0.9, 10_f64.ln()), (0.99, 100_f64.ln())] {
            let runs = 100;
            let held = (0..runs).filter(|seed| {
                let slices = run(*seed, 0.0);
                let interval = quantile_interval(&total(&slices), &slices, Recorder::response, quantile);
                let (low, high) = interval.unwrap();
                (1e6 * low.as_secs_f64()..=1e6 * high.as_secs_f64()).contains(&truth)
            });
            let share = held.count() as f64 / runs as f64;
            assert!((0.88..=1.0).contains(&share), "{quantile}: {share}");
        }
    }

    #[test]
    fn slices_that_differ_make_the_interval_wider() {
        let width = |memory| {
            let slices = run(1, memory);
            let (low, high) = quantile_interval(&total(&slices), &slices, Recorder::response, 0.5).unwrap();
            high.saturating_sub(low)
        };
        assert!(width(0.5) > 2 * width(0.0), "{:?} {:?}", width(0.5), width(0.0));
    }

    #[test]
    fn too_little_gives_no_interval() {
        let few: Vec<Recorder> = (0..7).map(|_| slice([1.0, 2.0])).collect();
        assert_eq!(quantile_interval(&total(&few), &few, Recorder::response, 0.5), None);
        let small: Vec<Recorder> = (0_u8..30).map(|k| slice([1.0, f64::from(k)])).collect();
        assert_eq!(quantile_interval(&total(&small), &small, Recorder::response, 0.99), None);
        assert!(quantile_interval(&total(&small), &small, Recorder::response, 0.5).is_some());
    }
}
