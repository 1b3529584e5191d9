//! A distribution of durations in constant memory. Owns the histogram's unit and precision.

use std::time::Duration;

use hdrhistogram::Histogram;

/// Three digits: a quantile is off by at most 0.1 %.
const SIGNIFICANT_DIGITS: u8 = 3;

/// The histogram's own ceiling; 146 years in nanoseconds.
const CEILING: u64 = i64::MAX as u64 / 2;

/// Durations: their exact mean and extremes, and their quantiles to three digits. Resolves nanoseconds.
#[derive(Clone, Debug)]
pub struct Distribution {
    nanos: Histogram<u64>,
    sum_nanos: u128,
    extremes: Option<(Duration, Duration)>,
}

impl Default for Distribution {
    fn default() -> Self {
        let Ok(nanos) = Histogram::new(SIGNIFICANT_DIGITS) else {
            unreachable!("a histogram accepts 0 to 5 digits")
        };
        Self { nanos, sum_nanos: 0, extremes: None }
    }
}

impl Distribution {
    /// An empty one.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one duration.
    pub fn record(&mut self, duration: Duration) {
        let nanos = u64::try_from(duration.as_nanos()).unwrap_or(CEILING).min(CEILING);
        // It grows as needed, and so has room for anything up to its ceiling.
        let _ = self.nanos.record(nanos);
        self.sum_nanos += duration.as_nanos();
        self.widen(duration, duration);
    }

    /// Adds all durations of `other`, as if they had been recorded here.
    pub fn merge(&mut self, other: &Self) {
        if other.extremes.is_none() {
            return;
        }
        let _ = self.nanos.add(&other.nanos);
        self.sum_nanos += other.sum_nanos;
        if let Some((min, max)) = other.extremes {
            self.widen(min, max);
        }
    }

    /// Adds `count` durations of the same length.
    pub fn record_many(&mut self, duration: Duration, count: u64) {
        if count == 0 {
            return;
        }
        let nanos = u64::try_from(duration.as_nanos()).unwrap_or(CEILING).min(CEILING);
        let _ = self.nanos.record_n(nanos, count);
        self.sum_nanos += duration.as_nanos() * u128::from(count);
        self.widen(duration, duration);
    }

    /// Forgets everything, and keeps the memory.
    pub fn clear(&mut self) {
        if self.extremes.is_some() {
            self.nanos.reset();
            (self.sum_nanos, self.extremes) = (0, None);
        }
    }

    fn widen(&mut self, low: Duration, high: Duration) {
        let (min, max) = self.extremes.unwrap_or((low, high));
        self.extremes = Some((min.min(low), max.max(high)));
    }

    /// How many durations were recorded.
    pub fn count(&self) -> u64 {
        self.nanos.len()
    }

    /// The exact mean, to the nanosecond; `None` when empty.
    pub fn mean(&self) -> Option<Duration> {
        let nanos = self.sum_nanos.checked_div(u128::from(self.count()))?;
        Some(Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX)))
    }

    /// The exact mean in nanoseconds, with their fractions; `None` when empty.
    pub fn mean_nanos(&self) -> Option<f64> {
        (self.count() > 0).then(|| self.sum_nanos as f64 / self.count() as f64)
    }

    /// The exact smallest; `None` when empty.
    pub fn min(&self) -> Option<Duration> {
        self.extremes.map(|(min, _)| min)
    }

    /// The exact largest; `None` when empty.
    pub fn max(&self) -> Option<Duration> {
        self.extremes.map(|(_, max)| max)
    }

    /// The histogram behind it, in nanoseconds.
    pub fn histogram(&self) -> &Histogram<u64> {
        &self.nanos
    }

    /// A histogram, in nanoseconds, taken over with what it does not know itself.
    pub fn from_histogram(
        nanos: Histogram<u64>,
        sum_nanos: u128,
        extremes: Option<(Duration, Duration)>,
    ) -> Self {
        Self { nanos, sum_nanos, extremes }
    }

    /// The exact sum in nanoseconds.
    pub fn sum_nanos(&self) -> u128 {
        self.sum_nanos
    }

    /// The share (0 to 1) of all that took no longer than `duration`, to the histogram's digits; `None` when empty.
    pub fn share_within(&self, duration: Duration) -> Option<f64> {
        (self.count() > 0).then(|| self.count_within(duration) as f64 / self.count() as f64)
    }

    /// How many took no longer than `duration`, to the histogram's digits.
    pub fn count_within(&self, duration: Duration) -> u64 {
        let nanos = u64::try_from(duration.as_nanos()).unwrap_or(CEILING).min(CEILING);
        self.nanos.count_between(0, nanos)
    }

    /// A value of the histogram as a duration. A bucket's upper edge may lie beyond every duration in it.
    pub(crate) fn within_extremes(&self, nanos: u64) -> Duration {
        let duration = Duration::from_nanos(nanos);
        self.extremes.map_or(duration, |(min, max)| duration.clamp(min, max))
    }

    /// The duration that a share `quantile` (0 to 1) of all stay within; `None` when empty.
    pub fn quantile(&self, quantile: f64) -> Option<Duration> {
        self.extremes?;
        Some(self.within_extremes(self.nanos.value_at_quantile(quantile)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(millis: impl IntoIterator<Item = u64>) -> Distribution {
        let mut distribution = Distribution::new();
        millis.into_iter().for_each(|millis| distribution.record(Duration::from_millis(millis)));
        distribution
    }

    #[test]
    fn an_empty_distribution_has_no_numbers() {
        let empty = Distribution::new();
        assert_eq!((empty.count(), empty.mean(), empty.min(), empty.max()), (0, None, None, None));
        assert_eq!(empty.quantile(0.5), None);
    }

    #[test]
    fn mean_and_extremes_are_exact() {
        let distribution = of([1, 2, 60_000]);
        assert_eq!(distribution.mean(), Some(Duration::from_millis(20_001)));
        assert_eq!(distribution.min(), Some(Duration::from_millis(1)));
        assert_eq!(distribution.max(), Some(Duration::from_secs(60)));
        assert_eq!(distribution.quantile(1.0), distribution.max());
    }

    #[test]
    fn an_absurd_duration_is_counted() {
        let mut distribution = of([1]);
        distribution.record(Duration::MAX);
        assert_eq!((distribution.count(), distribution.max()), (2, Some(Duration::MAX)));
    }

    proptest! {
        #[test]
        fn quantiles_are_right_to_a_thousandth(
            mut millis in prop::collection::vec(1u64..1_000_000, 1..200),
            q in 0.0..=1.0,
        ) {
            let distribution = of(millis.iter().copied());
            millis.sort_unstable();
            let needed = q * millis.len() as f64;
            let below = (1..=millis.len()).filter(|rank| (*rank as f64) < needed).count();
            let exact = millis[below.min(millis.len() - 1)] as f64 / 1e3;
            let got = distribution.quantile(q).unwrap().as_secs_f64();
            prop_assert!((got / exact - 1.0).abs() < 1e-3, "{got} is not {exact}");
        }

        #[test]
        fn merging_equals_recording_together(
            a in prop::collection::vec(0u64..90_000, 0..50),
            b in prop::collection::vec(0u64..90_000, 0..50),
        ) {
            let mut merged = of(a.iter().copied());
            merged.merge(&of(b.iter().copied()));
            let together = of(a.into_iter().chain(b));
            prop_assert_eq!(merged.count(), together.count());
            prop_assert_eq!(merged.mean(), together.mean());
            prop_assert_eq!(merged.quantile(0.9), together.quantile(0.9));
            prop_assert_eq!((merged.min(), merged.max()), (together.min(), together.max()));
        }
    }
}
