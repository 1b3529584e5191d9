//! How far a mean can be trusted. Owns the confidence interval of a mean over autocorrelated samples.

use std::ops::Range;
use std::time::Duration;

/// Few and long, so that neighbouring batches hardly know of each other.
const BATCHES: u32 = 10;

/// Student's t at 0.975 for `BATCHES` − 1 = 9 degrees of freedom.
const T_975: f64 = 2.262_157;

/// Two samples a batch on average; with fewer an interval would be a guess.
const MIN_SAMPLES: u32 = 2 * BATCHES;

/// A mean and the half width of its 95 % confidence interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interval {
    /// The mean over all samples.
    pub mean: Duration,
    /// The true mean lies in mean ± this, 19 times out of 20.
    pub half_width: Duration,
}

impl Interval {
    /// The mean of durations and its interval by batch means; `None` with fewer than twenty samples.
    ///
    /// Samples come as (offset, duration), and only those with an offset in `window` count. One that finds a long queue
    /// is followed by others that do, so their own variance tells nothing of the mean's. The window is cut into B = 10
    /// batches of equal length instead. Batch b has nᵦ samples, nᵦ differing by chance, of sum Sᵦ; with n = Σnᵦ and the
    /// mean x̄ = ΣSᵦ/n the half width is t(0.975, B−1) · √(B/(B−1) · Σ(Sᵦ − nᵦ·x̄)²) / n, the ratio estimator (Cochran
    /// 1977, ch. 6) over batch means (Schmeiser 1982).
    pub fn by_batch_means(
        samples: impl IntoIterator<Item = (Duration, Duration)>,
        window: Range<Duration>,
    ) -> Option<Self> {
        let batches = Batches::cut(samples, &window)?;
        let n: f64 = batches.0.iter().map(|batch| batch.count).sum();
        if n < f64::from(MIN_SAMPLES) {
            return None;
        }
        let mean = batches.0.iter().map(|batch| batch.seconds).sum::<f64>() / n;
        let squares: f64 = batches.0.iter().map(|batch| (batch.seconds - batch.count * mean).powi(2)).sum();
        let b = f64::from(BATCHES);
        let half_width = T_975 * (b / (b - 1.0) * squares).sqrt() / n;
        Some(Self { mean: seconds(mean)?, half_width: seconds(half_width)? })
    }
}

fn seconds(seconds: f64) -> Option<Duration> {
    Duration::try_from_secs_f64(seconds).ok()
}

#[derive(Clone, Copy, Default)]
struct Batch {
    count: f64,
    seconds: f64,
}

struct Batches([Batch; BATCHES as usize]);

impl Batches {
    /// `None` for an empty window.
    fn cut(
        samples: impl IntoIterator<Item = (Duration, Duration)>,
        window: &Range<Duration>,
    ) -> Option<Self> {
        let length = window.end.checked_sub(window.start).filter(|length| !length.is_zero())? / BATCHES;
        let mut batches = [Batch::default(); BATCHES as usize];
        for (offset, duration) in samples.into_iter().filter(|(offset, _)| window.contains(offset)) {
            let index = offset.saturating_sub(window.start).as_nanos() / length.as_nanos().max(1);
            let last = batches.len() - 1;
            let batch = &mut batches[usize::try_from(index).unwrap_or(last).min(last)];
            batch.count += 1.0;
            batch.seconds += duration.as_secs_f64();
        }
        Some(Self(batches))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::rngs::SmallRng;
    use rand::{RngExt, SeedableRng};

    const MINUTE: Range<Duration> = Duration::ZERO..Duration::from_secs(60);

    fn every_100_ms(values: impl IntoIterator<Item = f64>) -> Vec<(Duration, Duration)> {
        let at = |k: u64| Duration::from_millis(100 * k);
        values.into_iter().zip(0..).map(|(value, k)| (at(k), Duration::from_secs_f64(value))).collect()
    }

    #[test]
    fn a_constant_has_no_width() {
        let interval = Interval::by_batch_means(every_100_ms([0.25; 600]), MINUTE).unwrap();
        assert_eq!(interval.mean, Duration::from_millis(250));
        assert!(interval.half_width < Duration::from_nanos(10));
    }

    #[test]
    fn ten_batches_of_alternating_means_give_the_textbook_width() {
        let values = (0..600).map(|k| if k / 60 % 2 == 0 { 1.0 } else { 3.0 });
        let interval = Interval::by_batch_means(every_100_ms(values), MINUTE).unwrap();
        // The batch means are five 1s and five 3s: mean 2, standard deviation √(10/9), over √10, times 2.262157.
        assert_eq!(interval.mean, Duration::from_secs(2));
        assert!((interval.half_width.as_secs_f64() - 2.262_157 / 3.0).abs() < 1e-6);
    }

    #[test]
    fn samples_outside_of_the_window_do_not_count() {
        let samples = every_100_ms((0..600).map(|k| if k < 300 { 9.0 } else { 1.0 }));
        let half = Duration::from_secs(30)..Duration::from_secs(60);
        let interval = Interval::by_batch_means(samples, half).unwrap();
        assert_eq!((interval.mean, interval.half_width), (Duration::from_secs(1), Duration::ZERO));
    }

    #[test]
    fn too_few_samples_and_an_empty_window_have_no_interval() {
        assert_eq!(Interval::by_batch_means(every_100_ms([1.0; 19]), MINUTE), None);
        let nothing = Duration::ZERO..Duration::ZERO;
        assert_eq!(Interval::by_batch_means(every_100_ms([1.0; 600]), nothing), None);
    }

    /// A first-order autoregression around 1 with correlation 0.9 between neighbours, of which there are 6000.
    fn correlated(rng: &mut SmallRng) -> Vec<(Duration, Duration)> {
        let mut deviation = 0.0;
        let values = (0..6_000).map(|_| {
            deviation = 0.9 * deviation + 0.1 * (rng.random::<f64>() - 0.5);
            1.0 + deviation
        });
        values
            .zip(0..)
            .map(|(value, k)| (Duration::from_millis(10 * k), Duration::from_secs_f64(value)))
            .collect()
    }

    #[test]
    fn the_interval_of_correlated_samples_covers_the_true_mean_19_times_out_of_20() {
        let mut rng = SmallRng::seed_from_u64(1);
        let runs = 1_000;
        let covers = |_: &i32| {
            let interval = Interval::by_batch_means(correlated(&mut rng), MINUTE).unwrap();
            interval.mean.abs_diff(Duration::from_secs(1)) <= interval.half_width
        };
        let covered = (0..runs).filter(covers).count();
        assert!((920..=975).contains(&covered), "covered {covered} times out of {runs}");
    }
}
