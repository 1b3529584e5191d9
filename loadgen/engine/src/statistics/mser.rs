//! Where the warm-up ends, told from the data.

use super::summary::Moments;

/// Observations that are averaged into one value.
const GROUP: usize = 5;

/// Fewer values than this say nothing about where a transient ends.
const LEAST_VALUES: usize = 10;

/// The last values that are never left alone: the variance of a handful is small by chance.
const TAIL: usize = 5;

/// Differences below this share of the largest value are rounding: a perfectly regular process has no transient.
const ROUNDING: f64 = 1e-9;

/// How many of the first observations to cut off as warm-up, by MSER-5; `None` when the minimum lies in the second
/// half or there are fewer than 50 observations: the run was too short to tell, so it should go on.
///
/// Of the means Y₁…Yₖ of five observations each, the first d are cut where d minimises
/// MSER(d) = Σ(Yᵢ − M)² / (k − d)², the squared standard error of the mean M of the rest: cutting the transient
/// lowers the sum of squares, cutting more lowers the denominator. The last five are always left.
/// Chance makes it refuse one steady run in eight of 100 observations, one in eighty of 400.
///
/// Source: K. P. White, "An Effective Truncation Heuristic for Bias Reduction in Simulation Output", 1997; in fives,
/// White, Cobb and Spratt, "A Comparison of Five Steady-State Truncation Heuristics for Simulation", 2000.
pub fn warm_up(observations: &[f64]) -> Option<usize> {
    let values: Vec<f64> = observations
        .chunks_exact(GROUP)
        .map(|group| group.iter().copied().collect::<Moments>().mean())
        .collect();
    if values.len() < LEAST_VALUES {
        return None;
    }
    let errors = squared_errors(&values);
    let candidates = &errors[..=values.len() - TAIL];
    let least = candidates.iter().copied().fold(f64::INFINITY, f64::min);
    let rounding = ROUNDING * values.iter().copied().map(f64::abs).fold(0.0, f64::max);
    let cut = candidates.iter().position(|error| *error <= least + rounding * rounding)?;
    (cut <= values.len() / 2).then_some(cut * GROUP)
}

/// MSER(d) for every d below the number of values.
fn squared_errors(values: &[f64]) -> Vec<f64> {
    let mut rest = Moments::default();
    let error = |value: &f64| {
        rest.push(*value);
        rest.squares() / (rest.count() as f64).powi(2)
    };
    let mut errors: Vec<f64> = values.iter().rev().map(error).collect();
    errors.reverse();
    errors
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rand::rngs::StdRng;
    use rand::{RngExt, SeedableRng};

    use super::*;

    /// Noise of width 1 around 10, preceded by `transient` observations that are `off` too low.
    fn run(seed: u64, length: usize, transient: usize, off: f64) -> Vec<f64> {
        let mut random = StdRng::seed_from_u64(seed);
        let level = |index| if index < transient { 10.0 - off } else { 10.0 };
        (0..length).map(|index| level(index) + random.random::<f64>()).collect()
    }

    #[test]
    fn a_regular_process_has_no_transient_even_with_rounding() {
        assert_eq!(warm_up(&[10.0; 100]), Some(0));
        let rounded: Vec<f64> = run(1, 400, 300, 5.0).iter().map(|value| 10.0 + value * 1e-12).collect();
        assert_eq!(warm_up(&rounded), Some(0));
    }

    #[test]
    fn a_transient_that_lasts_longer_than_half_the_run_is_refused() {
        assert_eq!(warm_up(&run(2, 400, 300, 5.0)), None);
    }

    #[test]
    fn a_drift_that_does_not_end_is_refused() {
        let drift: Vec<f64> = (0..400).map(f64::from).collect();
        assert_eq!(warm_up(&drift), None);
    }

    #[test]
    fn a_run_that_is_too_short_is_refused() {
        assert_eq!(warm_up(&[10.0; 49]), None);
        assert_eq!(warm_up(&[]), None);
    }

    #[test]
    fn a_run_without_transient_is_seldom_cut_much() {
        let cuts = (0..200).filter_map(|seed| warm_up(&run(seed, 400, 0, 0.0)));
        assert!(cuts.filter(|cut| *cut <= 100).count() > 160);
    }

    proptest! {
        #[test]
        fn a_planted_transient_is_found(seed in any::<u64>(), transient in 1_usize..150, off in 5.0..20.0) {
            let cut = warm_up(&run(seed, 400, transient, off));
            // A later chance minimum may cut more, never less.
            prop_assert!(cut.is_none_or(|cut| cut + GROUP > transient), "{cut:?}");
        }
    }

    #[test]
    fn a_planted_transient_is_cut_where_it_ends() {
        let cuts = (0..200).filter_map(|seed| warm_up(&run(seed, 400, 60, 5.0)));
        assert!(cuts.filter(|cut| (60..=100).contains(cut)).count() > 160);
    }
}
