//! Whether the numbers of one sample tend to be larger than those of another, whatever their distribution.

use serde::{Deserialize, Serialize};

use super::evenness::upper_gamma;

/// Up to so many pairs, and without ties, the distribution is counted out; it has one more value than there are pairs.
const COUNTED: usize = 2_500;

/// The outcome of the test of Mann and Whitney, also known as the rank-sum test of Wilcoxon.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct MannWhitney {
    /// U of the first sample: in how many of the pairs its number is the larger one; equal ones count half.
    pub statistic: f64,
    /// U over the number of pairs: the probability that a number of the first sample is larger than one of the second. One half
    /// where neither tends to be.
    pub superiority: f64,
    /// The two-sided probability that equal distributions give a U at least as far from its mean.
    pub p_value: f64,
    /// Whether that probability is exact: the samples are small and have no ties.
    pub exact: bool,
}

impl MannWhitney {
    /// Compares two samples of finite numbers; `None` if one is empty.
    ///
    /// Without ties and with at most 2,500 pairs the p-value is exact; else that of the normal approximation with the
    /// correction for ties, n·m/12·(n + m + 1 − Σ(t³ − t)/((n+m)(n+m−1))) for ties of t numbers, and for continuity. Numbers that
    /// are all equal have a p-value of 1.
    ///
    /// Source: H. B. Mann and D. R. Whitney, "On a Test of Whether One of Two Random Variables Is Stochastically Larger than the
    /// Other", 1947.
    pub fn of(first: &[f64], second: &[f64]) -> Option<Self> {
        let pairs = first.len() * second.len();
        if pairs == 0 {
            return None;
        }
        let ranks = Ranks::of(first, second);
        let statistic = ranks.sum - (first.len() * (first.len() + 1)) as f64 / 2.0;
        let exact = ranks.ties == 0.0 && pairs <= COUNTED;
        let p_value = if exact {
            counted(first.len(), second.len(), statistic.min(pairs as f64 - statistic))
        } else {
            approximated(first.len(), second.len(), statistic, ranks.ties)
        };
        Some(Self { statistic, superiority: statistic / pairs as f64, p_value, exact })
    }
}

/// What ranks both samples together have.
struct Ranks {
    /// Those of the first sample; equal numbers share the mean of theirs.
    sum: f64,
    /// Σ(t³ − t).
    ties: f64,
}

impl Ranks {
    fn of(first: &[f64], second: &[f64]) -> Self {
        let mut all: Vec<(f64, bool)> = first.iter().map(|value| (*value, true)).collect();
        all.extend(second.iter().map(|value| (*value, false)));
        all.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut ranks = Self { sum: 0.0, ties: 0.0 };
        let mut before = 0;
        for equal in all.chunk_by(|a, b| a.0 >= b.0) {
            let size = equal.len() as f64;
            let own = equal.iter().filter(|(_, is_first)| *is_first).count() as f64;
            ranks.sum += own * (before as f64 + f64::midpoint(size, 1.0));
            ranks.ties += size.powi(3) - size;
            before += equal.len();
        }
        ranks
    }
}

/// Twice the probability of at most `statistic`, of all orders in which n and m numbers can come.
///
/// The largest number is either of the first sample, and larger than all m of the other, or of the second: the orders with
/// U = u are those of n − 1 and m with u − m, and those of n and m − 1 with u.
fn counted(n: usize, m: usize, statistic: f64) -> f64 {
    let mut orders = vec![vec![1.0]; m + 1];
    for _ in 0..n {
        for of_second in 1..=m {
            let mut more = vec![0.0; of_second];
            more.extend_from_slice(&orders[of_second]);
            more.iter_mut().zip(&orders[of_second - 1]).for_each(|(count, other)| *count += other);
            orders[of_second] = more;
        }
    }
    let all: f64 = orders[m].iter().sum();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "whole without ties, and not negative"
    )]
    let tail: f64 = orders[m].iter().take(statistic as usize + 1).sum();
    (2.0 * tail / all).min(1.0)
}

fn approximated(n: usize, m: usize, statistic: f64, ties: f64) -> f64 {
    let (pairs, both) = ((n * m) as f64, (n + m) as f64);
    let variance = pairs / 12.0 * (both + 1.0 - ties / (both * (both - 1.0)));
    let distance = ((statistic - pairs / 2.0).abs() - 0.5).max(0.0);
    // The square of a standard normal number is chi-square with one degree of freedom.
    if variance > 0.0 { upper_gamma(1, distance * distance / variance / 2.0) } else { 1.0 }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rand::rngs::StdRng;
    use rand::{RngExt, SeedableRng};

    use super::*;

    #[track_caller]
    fn assert_is(found: MannWhitney, statistic: f64, p_value: f64) {
        assert!((found.statistic - statistic).abs() < 1e-12, "{found:?}");
        assert!((found.p_value - p_value).abs() < 1e-9, "{found:?} is not {p_value}");
    }

    const MEN: [f64; 5] = [19.0, 22.0, 16.0, 29.0, 24.0];
    const WOMEN: [f64; 4] = [20.0, 11.0, 17.0, 12.0];

    #[test]
    fn small_samples_without_ties_are_counted_out() {
        let found = MannWhitney::of(&MEN, &WOMEN).unwrap();
        assert!(found.exact && (found.superiority - 0.85).abs() < 1e-12, "{found:?}");
        assert_is(found, 17.0, 1.0 / 9.0);
        assert_is(MannWhitney::of(&WOMEN, &MEN).unwrap(), 3.0, 1.0 / 9.0);
    }

    #[test]
    fn samples_that_do_not_overlap_are_the_two_least_probable_orders() {
        let (low, high) = ([1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0]);
        assert_is(MannWhitney::of(&low, &high).unwrap(), 0.0, 2.0 / 70.0);
    }

    #[test]
    fn a_larger_sample_is_counted_out_to_the_same_digits_as_by_scipy() {
        let first: Vec<f64> = (1..=18).map(|i| 0.11 * f64::from(i * i) % 7.3).collect();
        let second: Vec<f64> = (1..=23).map(|i| 0.13 * f64::from(i * i) % 8.1 + 0.5).collect();
        assert_is(MannWhitney::of(&first, &second).unwrap(), 196.0, 0.785_012_685_881_458_8);
    }

    #[test]
    fn the_approximation_has_scipys_values_with_and_without_ties() {
        assert!((approximated(5, 4, 17.0, 0.0) - 0.111_346_886_533_140_4).abs() < 1e-9);
        let first = [1.0, 2.0, 2.0, 3.0, 5.0, 5.0, 5.0, 7.0, 8.0, 9.0, 9.0, 10.0];
        let second = [2.0, 4.0, 5.0, 5.0, 6.0, 9.0, 11.0, 12.0, 12.0, 13.0];
        let found = MannWhitney::of(&first, &second).unwrap();
        assert!(!found.exact);
        assert_is(found, 38.0, 0.152_883_654_702_965_05);
    }

    #[test]
    fn equal_numbers_tell_nothing() {
        let found = MannWhitney::of(&[3.0; 30], &[3.0; 20]).unwrap();
        assert!(!found.exact && (found.superiority - 0.5).abs() < 1e-12, "{found:?}");
        assert_is(found, 300.0, 1.0);
        assert_eq!((MannWhitney::of(&[], &[1.0]), MannWhitney::of(&[1.0], &[])), (None, None));
    }

    #[test]
    fn equal_distributions_are_told_apart_as_often_as_the_level_says() {
        let mut random = StdRng::seed_from_u64(5);
        let mut sample = |size| (0..size).map(|_| random.random::<f64>()).collect::<Vec<_>>();
        let mut different = || MannWhitney::of(&sample(12), &sample(15)).unwrap().p_value < 0.05;
        let share = (0..2000).filter(|_| different()).count() as f64 / 2000.0;
        assert!((0.035..0.06).contains(&share), "{share}");
    }

    proptest! {
        #[test]
        fn counting_and_approximating_agree_and_order_does_not_matter(
            first in prop::collection::vec(0.0..1.0, 10..25), second in prop::collection::vec(0.0..1.0, 10..25),
        ) {
            let (found, other) =
                (MannWhitney::of(&first, &second).unwrap(), MannWhitney::of(&second, &first).unwrap());
            prop_assert!((found.superiority + other.superiority - 1.0).abs() < 1e-12);
            prop_assert!((found.p_value - other.p_value).abs() < 1e-12);
            let near = approximated(first.len(), second.len(), found.statistic, 0.0);
            prop_assert!((found.p_value - near).abs() < 0.02, "{} {near}", found.p_value);
        }
    }
}
