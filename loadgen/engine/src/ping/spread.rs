//! How far apart two means are, and how sure that is. Owns batch means in constant memory, however long the pings go on.

use std::time::Duration;

use crate::statistics::student;
use crate::statistics::summary::Moments;

/// As many batch means are kept at most; then each two neighbours become one, so that there are at least half as many.
const MOST_BATCHES: usize = 40;

/// The mean of a series, and how much it varies from batch to batch.
///
/// A ping that finds a long queue is followed by others that do, so their own variance tells too little of the mean's. The
/// series is cut into batches instead, whose means hardly know of each other (Schmeiser 1982). Up to forty pings each is
/// a batch of its own.
#[derive(Clone, Debug)]
pub(super) struct Spread {
    all: Moments,
    /// Pings that make a batch.
    size: usize,
    batches: Vec<f64>,
    current: Moments,
}

impl Default for Spread {
    fn default() -> Self {
        Self { all: Moments::default(), size: 1, batches: Vec::new(), current: Moments::default() }
    }
}

/// The difference of two means: `mean` ± `half_width` with 95 % confidence.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Difference {
    pub(super) mean_ms: f64,
    /// `None` if there are too few values to tell.
    pub(super) half_width_ms: Option<f64>,
}

impl Difference {
    /// Whether chance alone would hardly make it.
    pub(super) fn is_significant(&self) -> bool {
        self.half_width_ms.is_some_and(|half_width| self.mean_ms.abs() > half_width)
    }
}

impl Spread {
    pub(super) fn push(&mut self, time: Duration) {
        let millis = time.as_secs_f64() * 1e3;
        self.all.push(millis);
        self.current.push(millis);
        if self.current.count() == self.size {
            self.batches.push(std::mem::take(&mut self.current).mean());
        }
        if self.batches.len() == MOST_BATCHES {
            self.batches = self.batches.chunks(2).map(|pair| pair.iter().sum::<f64>() / 2.0).collect();
            self.size *= 2;
        }
    }

    /// The mean of all; `None` of none.
    pub(super) fn mean_ms(&self) -> Option<f64> {
        (self.all.count() > 0).then(|| self.all.mean())
    }

    /// How much less the mean of `other` is, by Welch's t interval over the batch means: with vᵢ = sᵢ²/nᵢ the half width is
    /// t(0.975, ν) · √(v₁ + v₂), ν = (v₁ + v₂)² / (v₁²/(n₁−1) + v₂²/(n₂−1)). Source: B. L. Welch, "The generalization of
    /// Student's problem when several different population variances are involved", 1947. `None` if one of them is empty.
    pub(super) fn minus(&self, other: &Self) -> Option<Difference> {
        let mean_ms = self.mean_ms()? - other.mean_ms()?;
        Some(Difference { mean_ms, half_width_ms: half_width(&self.batch_means(), &other.batch_means()) })
    }

    fn batch_means(&self) -> Moments {
        self.batches.iter().copied().collect()
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "degrees of freedom are rounded down"
)]
fn half_width(a: &Moments, b: &Moments) -> Option<f64> {
    if a.count() < 2 || b.count() < 2 {
        return None;
    }
    let share = |moments: &Moments| moments.variance() / moments.count() as f64;
    let part = |moments: &Moments| share(moments).powi(2) / (moments.count() - 1) as f64;
    let variance = share(a) + share(b);
    if variance == 0.0 {
        return Some(0.0);
    }
    let degrees = variance.powi(2) / (part(a) + part(b));
    Some(student::quantile_975(degrees as usize) * variance.sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::rngs::SmallRng;
    use rand::{RngExt, SeedableRng};

    fn of(millis: impl IntoIterator<Item = f64>) -> Spread {
        let mut spread = Spread::default();
        millis.into_iter().for_each(|millis| spread.push(Duration::from_secs_f64(millis / 1e3)));
        spread
    }

    #[test]
    fn the_interval_is_welchs() {
        // Means 30 and 20, variances 10 and 2.5, five each: v = 2 + 0.5, ν = 2.5²/(4/4 + 0.25/4) = 5.88, t(5) = 2.5706.
        let (slow, fast) = (of([26.0, 28.0, 30.0, 32.0, 34.0]), of([18.0, 19.0, 20.0, 21.0, 22.0]));
        let difference = slow.minus(&fast).unwrap();
        assert!((difference.mean_ms - 10.0).abs() < 1e-9);
        assert!((difference.half_width_ms.unwrap() / (2.570_58 * 2.5_f64.sqrt()) - 1.0).abs() < 1e-3);
        assert!(difference.is_significant());
    }

    #[test]
    fn one_value_has_no_interval_and_none_has_no_mean() {
        let difference = of([2.0]).minus(&of([1.0])).unwrap();
        assert_eq!((difference.half_width_ms, difference.is_significant()), (None, false));
        assert_eq!((of([]).mean_ms(), of([]).minus(&of([1.0]))), (None, None));
    }

    #[test]
    fn equal_values_differ_by_nothing_and_constant_ones_for_sure() {
        let (one, two) = (of([1.0; 9]), of([2.0; 9]));
        assert!(!one.minus(&one).unwrap().is_significant());
        assert!(two.minus(&one).unwrap().is_significant());
    }

    #[test]
    fn memory_is_constant_and_the_mean_is_over_all() {
        let spread = of((0..100_001).map(f64::from));
        assert!(spread.batches.len() < MOST_BATCHES && spread.batches.len() >= MOST_BATCHES / 2);
        assert!((spread.mean_ms().unwrap() - 50_000.0).abs() < 1e-3);
    }

    /// Two queues with the same mean, whose neighbours correlate by 0.9: taken one by one they would seem to differ half of
    /// the time.
    #[test]
    fn correlated_series_of_the_same_mean_are_seldom_told_apart() {
        let mut rng = SmallRng::seed_from_u64(1);
        let mut series = || {
            let mut deviation = 0.0;
            of((0..2_000).map(|_| {
                deviation = 0.9 * deviation + rng.random::<f64>() - 0.5;
                50.0 + deviation
            }))
        };
        let told_apart = (0..400).filter(|_| series().minus(&series()).unwrap().is_significant()).count();
        assert!((4..=44).contains(&told_apart), "{told_apart} of 400");
    }
}
