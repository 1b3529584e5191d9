//! An interval for the mean of a series whose neighbours may depend on each other.

use std::fmt;

use serde::Serialize;

use super::student;
use super::summary::Moments;

/// The fewest batches that an interval is based on.
pub const LEAST_BATCHES: usize = 20;

/// The 95 % quantile of the standard normal distribution: batches that are independent exceed it once in twenty
/// times.
const ONE_SIDED_95: f64 = 1.644_854;

/// A mean with its 95 % confidence interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Interval {
    /// The mean of the batch means.
    pub mean: f64,
    /// Half the width of the interval: it reaches from mean − `half_width` to mean + `half_width`.
    pub half_width: f64,
    /// How many batches it is based on, 20 or more.
    pub batches: usize,
    /// The correlation of each batch mean with the next, −1 to 1.
    pub lag1: f64,
}

impl Interval {
    /// The interval of `observations`, which stand for equal lengths of time after the warm-up; `None` below 20 of
    /// them.
    ///
    /// Each observation begins as a batch of its own. While each batch mean is correlated with the next (r₁ above 0),
    /// pairs of them are merged, as long as 20 batches remain; an odd one is left out at the front, where it is
    /// nearest to the warm-up. Waiting for a significant r₁ would leave some correlation in, and intervals that hold
    /// the mean 93 times in 100. The half width is t·s/√b, with s the standard deviation of the b batch means and t
    /// the 97.5 % quantile for b − 1 degrees of freedom. A perfectly regular process has no variance, and a half
    /// width of 0.
    ///
    /// Source: the method of batch means, Conway 1963; doubling until the correlation is gone, Law and Carson, "A
    /// Sequential Procedure for Determining the Length of a Steady-State Simulation", 1979.
    pub fn of(observations: &[f64]) -> Option<Self> {
        let mut batches = observations.to_vec();
        if batches.len() < LEAST_BATCHES {
            return None;
        }
        let mut interval = Self::of_batches(&batches);
        while interval.lag1 > 0.0 && batches.len() / 2 >= LEAST_BATCHES {
            batches = merge_pairs(&batches);
            interval = Self::of_batches(&batches);
        }
        Some(interval)
    }

    fn of_batches(batches: &[f64]) -> Self {
        let moments: Moments = batches.iter().copied().collect();
        let standard_error = (moments.variance() / batches.len() as f64).sqrt();
        Self {
            mean: moments.mean(),
            half_width: student::quantile_975(batches.len() - 1) * standard_error,
            batches: batches.len(),
            lag1: lag1(batches, &moments),
        }
    }

    /// Whether the batches still depend on their neighbours, which makes the interval too narrow: a lag-1 correlation
    /// above 1.645/√b, the one-sided 5 % limit for b independent ones. Only a longer run mends it. Neighbours that
    /// alternate (below 0) make the interval wider than need be, which does no harm.
    pub fn is_correlated(&self) -> bool {
        self.lag1 > ONE_SIDED_95 / (self.batches as f64).sqrt()
    }

    /// Whether `value` lies in the interval.
    pub fn contains(&self, value: f64) -> bool {
        (value - self.mean).abs() <= self.half_width
    }
}

impl fmt::Display for Interval {
    /// `9.98 ± 0.03`; a precision sets the decimals.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let decimals = f.precision().unwrap_or(2);
        write!(f, "{:.decimals$} ± {:.decimals$}", self.mean, self.half_width)
    }
}

/// r₁ = Σ(yᵢ − ȳ)(yᵢ₊₁ − ȳ) / Σ(yᵢ − ȳ)²; 0 without variance.
fn lag1(values: &[f64], moments: &Moments) -> f64 {
    let distance = |value: f64| value - moments.mean();
    let products: f64 = values.windows(2).map(|pair| distance(pair[0]) * distance(pair[1])).sum();
    if moments.squares() > 0.0 { products / moments.squares() } else { 0.0 }
}

fn merge_pairs(batches: &[f64]) -> Vec<f64> {
    batches[batches.len() % 2..].chunks_exact(2).map(|pair| f64::midpoint(pair[0], pair[1])).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rand::rngs::StdRng;
    use rand::{RngExt, SeedableRng};

    use super::*;

    const MEAN: f64 = 10.0;

    /// Normal noise around the mean in which each value keeps `memory` of the one before.
    fn noise(random: &mut StdRng, length: usize, memory: f64) -> Vec<f64> {
        let mut level = 0.0;
        let mut next = || {
            let radius = (-2.0 * (1.0 - random.random::<f64>()).ln()).sqrt();
            level = memory * level + radius * (std::f64::consts::TAU * random.random::<f64>()).cos();
            MEAN + level
        };
        (0..length + 20).map(|_| next()).skip(20).collect()
    }

    /// The share of 2,000 intervals that hold the true mean.
    fn coverage(length: usize, memory: f64) -> f64 {
        let mut random = StdRng::seed_from_u64(7);
        let intervals = (0..2000).filter_map(|_| Interval::of(&noise(&mut random, length, memory)));
        intervals.filter(|interval| interval.contains(MEAN)).count() as f64 / 2000.0
    }

    #[test]
    fn intervals_hold_the_true_mean_as_often_as_they_promise() {
        for (length, memory) in [(20, 0.0), (100, 0.0), (640, 0.3), (1280, 0.6)] {
            let coverage = coverage(length, memory);
            assert!((0.93..=0.97).contains(&coverage), "{length} values, memory {memory}: {coverage}");
        }
    }

    #[test]
    fn a_regular_process_has_an_interval_of_no_width() {
        let interval = Interval::of(&[MEAN; 30]).unwrap();
        assert_eq!(interval, Interval { mean: MEAN, half_width: 0.0, batches: 30, lag1: 0.0 });
        assert!(interval.contains(MEAN) && !interval.is_correlated());
    }

    #[test]
    fn the_half_width_is_that_of_the_t_interval() {
        let alternating: Vec<f64> = (0..20).map(|index| f64::from(9 + 2 * (index % 2))).collect();
        let interval = Interval::of(&alternating).unwrap();
        assert!((interval.half_width - 2.093_024 / 19_f64.sqrt()).abs() < 1e-4, "{interval:?}");
        assert!((interval.lag1 + 0.95).abs() < 1e-12, "{interval:?}");
        assert_eq!(interval.to_string(), "10.00 ± 0.48");
    }

    #[test]
    fn correlated_neighbours_are_merged() {
        let values = noise(&mut StdRng::seed_from_u64(1), 640, 0.8);
        let interval = Interval::of(&values).unwrap();
        assert!(interval.batches < 640 && interval.batches >= LEAST_BATCHES, "{interval:?}");
        assert!(interval.half_width > Interval::of_batches(&values).half_width);
    }

    #[test]
    fn a_drift_is_reported_as_correlated() {
        let drift: Vec<f64> = (0..100).map(f64::from).collect();
        let interval = Interval::of(&drift).unwrap();
        assert!(interval.is_correlated() && interval.batches == 25, "{interval:?}");
    }

    #[test]
    fn fewer_than_twenty_observations_give_no_interval() {
        assert_eq!(Interval::of(&[MEAN; 19]), None);
    }

    proptest! {
        #[test]
        fn the_interval_moves_and_scales_with_the_values(
            values in prop::collection::vec(0.0..100.0, 20..80), scale in 0.1..10.0_f64,
        ) {
            let moved: Vec<f64> = values.iter().map(|value| 5.0 + scale * value).collect();
            let (plain, scaled) = (Interval::of(&values).unwrap(), Interval::of(&moved).unwrap());
            prop_assert_eq!(plain.batches, scaled.batches);
            prop_assert!((scaled.mean - 5.0 - scale * plain.mean).abs() < 1e-9);
            prop_assert!((scaled.half_width - scale * plain.half_width).abs() < 1e-9);
        }
    }
}
