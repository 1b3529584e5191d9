//! How much larger or smaller one sample is than another, with an interval that asks nothing of their distribution.

use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};
use serde::{Deserialize, Serialize};

use super::summary::Summary;

/// How often both samples are drawn anew; ends of the interval then vary by some hundredths of its width with the seed.
const RESAMPLES: usize = 2_000;

/// The share of resamples that lies outside of the interval on either side.
const TAIL: f64 = 0.025;

/// A ratio with its 95 % confidence interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ratio {
    /// The ratio of the medians as they are.
    pub ratio: f64,
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

impl Ratio {
    /// The median of `new` over that of `base`, both positive numbers, independent of each other and among themselves (as
    /// batch means are); `None` if one sample is empty or a number is not positive.
    ///
    /// Both samples are drawn anew, number by number with replacement, 2,000 times; the interval reaches from the 2.5 % to the
    /// 97.5 % quantile of the ratios. The same `seed` gives the same interval.
    ///
    /// Source: B. Efron, "Bootstrap Methods: Another Look at the Jackknife", 1979; the percentile method, Efron, 1981.
    pub fn of_medians(base: &[f64], new: &[f64], seed: u64) -> Option<Self> {
        if base.iter().chain(new).any(|value| !(value.is_finite() && *value > 0.0)) {
            return None;
        }
        let ratio = Summary::of(new)?.median() / Summary::of(base)?.median();
        let mut random = SmallRng::seed_from_u64(seed);
        let ratios: Vec<f64> = (0..RESAMPLES)
            .map(|_| resampled_median(new, &mut random) / resampled_median(base, &mut random))
            .collect();
        let ratios = Summary::of(&ratios)?;
        Some(Self { ratio, low: ratios.quantile(TAIL), high: ratios.quantile(1.0 - TAIL) })
    }

    /// Whether the samples may well be equally large.
    pub fn holds_one(&self) -> bool {
        self.low <= 1.0 && 1.0 <= self.high
    }
}

fn resampled_median(sample: &[f64], random: &mut SmallRng) -> f64 {
    let mut drawn: Vec<f64> = sample.iter().map(|_| sample[random.random_range(0..sample.len())]).collect();
    let half = drawn.len() / 2;
    let (below, middle, _) = drawn.select_nth_unstable_by(half, f64::total_cmp);
    if sample.len() % 2 == 1 {
        return *middle;
    }
    f64::midpoint(below.iter().copied().fold(f64::NEG_INFINITY, f64::max), *middle)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rand::rngs::StdRng;

    use super::*;

    /// Exponential numbers of median `median`.
    fn sample(random: &mut StdRng, size: usize, median: f64) -> Vec<f64> {
        (0..size).map(|_| median * -(1.0 - random.random::<f64>()).log2()).collect()
    }

    #[test]
    fn samples_without_spread_have_an_exact_ratio() {
        let ratio = Ratio::of_medians(&[2.0; 20], &[3.0; 10], 1).unwrap();
        assert_eq!(ratio, Ratio { ratio: 1.5, low: 1.5, high: 1.5 });
        assert!(!ratio.holds_one());
    }

    #[test]
    fn ends_of_the_interval_are_those_of_many_more_resamples() {
        let base = [12.1, 11.8, 12.6, 13.0, 11.2, 12.9, 12.4, 11.9, 12.2, 12.7, 13.3, 11.5];
        let new = [12.9, 13.4, 12.2, 13.8, 12.8, 13.1, 14.0, 12.6, 13.3, 13.6, 12.4];
        let found = Ratio::of_medians(&base, &new, 1).unwrap();
        // By 200,000 resamples with numpy.
        let expected = Ratio { ratio: 1.065_041, low: 1.007_813, high: 1.123_967 };
        let pairs = [(found.ratio, expected.ratio), (found.low, expected.low), (found.high, expected.high)];
        assert!(pairs.iter().all(|(found, expected)| (found - expected).abs() < 0.005), "{found:?}");
    }

    #[test]
    fn what_has_no_ratio_has_no_interval() {
        for (base, new) in [(&[][..], &[1.0][..]), (&[1.0], &[]), (&[0.0], &[1.0]), (&[1.0], &[f64::NAN])] {
            assert_eq!(Ratio::of_medians(base, new, 1), None, "{base:?} {new:?}");
        }
    }

    #[test]
    fn the_same_seed_gives_the_same_interval_and_another_nearly_so() {
        let mut random = StdRng::seed_from_u64(2);
        let (base, new) = (sample(&mut random, 40, 10.0), sample(&mut random, 40, 11.0));
        let ratio = |seed| Ratio::of_medians(&base, &new, seed).unwrap();
        assert_eq!(ratio(1), ratio(1));
        let width = ratio(1).high - ratio(1).low;
        assert!((ratio(1).low - ratio(2).low).abs() < 0.1 * width, "{:?} {:?}", ratio(1), ratio(2));
    }

    #[test]
    fn intervals_hold_the_true_ratio_about_as_often_as_they_promise() {
        let mut random = StdRng::seed_from_u64(3);
        let mut holds = || {
            let (base, new) = (sample(&mut random, 31, 10.0), sample(&mut random, 40, 15.0));
            let ratio = Ratio::of_medians(&base, &new, 7).unwrap();
            (ratio.low..=ratio.high).contains(&1.5)
        };
        let coverage = (0..100).filter(|_| holds()).count() as f64 / 100.0;
        assert!((0.9..=0.99).contains(&coverage), "{coverage}");
    }

    proptest! {
        #[test]
        fn the_resampled_median_is_the_samples_own_kind_of_median(
            values in prop::collection::vec(0.1..100.0, 1..30), seed: u64,
        ) {
            let mut drawing = SmallRng::seed_from_u64(seed);
            let drawn: Vec<f64> = values.iter().map(|_| values[drawing.random_range(0..values.len())]).collect();
            let expected = Summary::of(&drawn).unwrap().median();
            let found = resampled_median(&values, &mut SmallRng::seed_from_u64(seed));
            prop_assert!((found - expected).abs() < 1e-9, "{found} {expected}");
        }
    }
}
