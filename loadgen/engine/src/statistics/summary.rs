//! Mean, variance and order statistics of numbers.

/// Mean and variance, one number at a time and without losing digits.
///
/// Source: B. P. Welford, "Note on a Method for Calculating Corrected Sums of Squares and Products", 1962.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Moments {
    count: usize,
    mean: f64,
    squares: f64,
}

impl Moments {
    /// Takes one more number in.
    pub fn push(&mut self, value: f64) {
        self.count += 1;
        let before = value - self.mean;
        self.mean += before / self.count as f64;
        self.squares += before * (value - self.mean);
    }

    /// How many numbers it has seen.
    pub fn count(&self) -> usize {
        self.count
    }

    /// Their mean; 0 before the first.
    pub fn mean(&self) -> f64 {
        self.mean
    }

    /// The sum of their squared distances from the mean.
    pub fn squares(&self) -> f64 {
        self.squares
    }

    /// The sample variance, with n − 1 in the denominator; 0 below two numbers.
    pub fn variance(&self) -> f64 {
        if self.count < 2 { 0.0 } else { self.squares / (self.count - 1) as f64 }
    }
}

impl FromIterator<f64> for Moments {
    fn from_iter<I: IntoIterator<Item = f64>>(values: I) -> Self {
        let mut moments = Self::default();
        values.into_iter().for_each(|value| moments.push(value));
        moments
    }
}

/// A sample of at least one number, in order of size.
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    moments: Moments,
    sorted: Vec<f64>,
}

impl Summary {
    /// The summary of `values`; `None` of none.
    pub fn of(values: &[f64]) -> Option<Self> {
        let moments = values.iter().copied().collect();
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        (!sorted.is_empty()).then_some(Self { moments, sorted })
    }

    /// The mean.
    pub fn mean(&self) -> f64 {
        self.moments.mean()
    }

    /// The sample variance.
    pub fn variance(&self) -> f64 {
        self.moments.variance()
    }

    /// The value below which `share` (0 to 1, held to that range) of the sample lies, on the straight line between
    /// the two values around rank share·(n − 1): type 7 of Hyndman and Fan, "Sample Quantiles in Statistical
    /// Packages", 1996.
    pub fn quantile(&self, share: f64) -> f64 {
        let rank = share.clamp(0.0, 1.0) * (self.sorted.len() - 1) as f64;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 <= rank < len")]
        let (below, above) = (rank.floor() as usize, rank.ceil() as usize);
        self.sorted[below] + (self.sorted[above] - self.sorted[below]) * rank.fract()
    }

    /// The value in the middle.
    pub fn median(&self) -> f64 {
        self.quantile(0.5)
    }

    /// The smallest value.
    pub fn min(&self) -> f64 {
        self.quantile(0.0)
    }

    /// The largest value.
    pub fn max(&self) -> f64 {
        self.quantile(1.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_small_sample_has_its_known_figures() {
        let summary = Summary::of(&[5.0, 2.0, 4.0, 4.0, 9.0, 5.0, 7.0, 4.0]).unwrap();
        assert!((summary.mean() - 5.0).abs() < 1e-12);
        assert!((summary.variance() - 32.0 / 7.0).abs() < 1e-12);
        assert!((summary.median() - 4.5).abs() < 1e-12);
        assert!((summary.quantile(0.25) - 4.0).abs() < 1e-12);
        assert!((summary.quantile(0.9) - 7.6).abs() < 1e-12);
        assert!((summary.min() - 2.0).abs() < 1e-12 && (summary.max() - 9.0).abs() < 1e-12);
    }

    #[test]
    fn nothing_has_no_summary_and_one_value_no_variance() {
        assert_eq!(Summary::of(&[]), None);
        let one = Summary::of(&[3.0]).unwrap();
        assert_eq!((one.median().to_bits(), one.variance().to_bits()), (3_f64.to_bits(), 0));
    }

    #[test]
    fn a_large_offset_costs_no_digits() {
        let moments: Moments = [4.0, 7.0, 13.0, 16.0].map(|value| value + 1e9).into_iter().collect();
        assert!((moments.variance() - 30.0).abs() < 1e-6, "{}", moments.variance());
    }

    proptest! {
        #[test]
        fn quantiles_rise_and_stay_within_the_sample(
            values in prop::collection::vec(-1e6..1e6, 1..50), low in 0.0..1.0, more in 0.0..1.0,
        ) {
            let summary = Summary::of(&values).unwrap();
            let quantiles = [0.0, low, f64::max(low, more), 1.0].map(|share| summary.quantile(share));
            prop_assert!(quantiles.is_sorted_by(|a, b| a <= &(b + 1e-9)), "{quantiles:?}");
        }
    }
}
