//! What became of a figure of two builds that took turns. Owns how their blocks become an interval.

use loadgen_engine::statistics::bootstrap::Ratio;
use loadgen_engine::statistics::mann_whitney::MannWhitney;
use loadgen_engine::statistics::student;
use loadgen_engine::statistics::summary::Moments;
use serde::{Deserialize, Serialize};

use super::change::{Change, Mean, Metric, half_width};
use crate::step::Step;

/// Where the bootstrap begins: the same pairs always have the same interval.
const SEED: u64 = 1;

/// What sums of counters lose of a figure that is always the same.
const ROUNDING: f64 = 1e-9;

/// A test of equal distributions is that sure that they are not, as the intervals are.
const LEVEL: f64 = 0.05;

/// What the blocks of a figure say if one forgets which of them were neighbours, and asks nothing of their distribution.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// Pairs of blocks.
    pub pairs: usize,
    /// The median of the newer build's blocks over that of the older one's, with its interval by bootstrap.
    pub ratio_of_medians: Ratio,
    /// Whether the newer build's blocks tend to have the larger figures.
    pub mann_whitney: MannWhitney,
}

impl Evidence {
    fn of(pairs: &[[f64; 2]]) -> Option<Self> {
        let [base, new] = [0, 1].map(|side| pairs.iter().map(|pair| pair[side]).collect::<Vec<f64>>());
        Some(Self {
            pairs: pairs.len(),
            ratio_of_medians: Ratio::of_medians(&base, &new, SEED)?,
            mann_whitney: MannWhitney::of(&new, &base)?,
        })
    }

    /// Whether it says, too, that the figure has changed.
    pub fn sees_a_change(&self) -> bool {
        !self.ratio_of_medians.holds_one() && self.mann_whitney.p_value < LEVEL
    }
}

impl Change {
    /// What became of `metric` at `step` in `pairs` of blocks, the older build's figure first, all of them positive; `None` of
    /// none. Changes below `threshold`, a share, do not matter.
    ///
    /// The figures are the geometric means of the blocks, and the interval is Welch's of the difference of their logarithms, as that
    /// of [`Change::new`] is. Blocks of a pair count as independent: what is left in them is noise at their ends, which neighbours do
    /// not share, so that pairing them would cost degrees of freedom for nothing. A drift of the machine meets both builds alike by
    /// the order of their turns, and widens the interval.
    pub fn of_blocks(step: Step, metric: Metric, pairs: &[[f64; 2]], threshold: f64) -> Option<Self> {
        let evidence = Some(Evidence::of(pairs)?);
        let [base, new] = [0, 1].map(|side| geometric_mean(pairs.iter().map(|pair| pair[side])));
        let half = half_width(base, new);
        Some(Self { evidence, ..Self::ruled(step, metric, [base.value, new.value], half, threshold) })
    }
}

/// The geometric mean of `figures`, all of them positive, and the 95 % t interval of it on their logarithms; no interval of fewer
/// than two.
pub(crate) fn mean_of_blocks(figures: &[f64]) -> (f64, Option<[f64; 2]>) {
    let mean = geometric_mean(figures.iter().copied());
    let ends = mean.error.map(|(error, _)| {
        let half = student::quantile_975(figures.len() - 1) * error / mean.value;
        [-half, half].map(|half| mean.value * half.exp())
    });
    (mean.value, ends)
}

/// With the standard error that the mean of the logarithms has, as a share of the geometric mean.
fn geometric_mean(figures: impl Iterator<Item = f64>) -> Mean {
    let logs: Moments = figures.map(f64::ln).collect();
    let (value, count) = (logs.mean().exp(), logs.count());
    let error = (logs.variance() / count as f64).sqrt().max(ROUNDING);
    Mean { value, error: (count > 1).then(|| (error * value, (count - 1) as f64)) }
}
