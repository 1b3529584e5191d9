//! Whether replicas got equal shares of the requests, or more uneven ones than chance explains.

use serde::{Deserialize, Serialize};

/// Below this p-value the shares count as uneven.
const LEVEL: f64 = 0.01;

/// Each replica must expect this many requests for the distribution to hold (Cochran, 1954).
const LEAST_EXPECTED: f64 = 5.0;

/// The outcome of Pearson's chi-square test of equal shares.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Evenness {
    /// χ² = Σ(cᵢ − c̄)²/c̄ over the replicas' counts cᵢ with mean c̄.
    pub statistic: f64,
    /// One less than the replicas.
    pub degrees_of_freedom: usize,
    /// The probability that requests thrown at random with equal chances are at least as uneven. Round robin is more
    /// even than chance, so it comes near 1.
    pub p_value: f64,
}

impl Evenness {
    /// Tests the replicas' request counts; `None` for fewer than two replicas or five requests for each.
    ///
    /// Source: K. Pearson, 1900. The p-value is the regularised upper incomplete gamma function Q(ν/2, χ²/2), within
    /// 10⁻¹².
    pub fn of(counts: &[u64]) -> Option<Self> {
        let expected = counts.iter().sum::<u64>() as f64 / counts.len() as f64;
        if counts.len() < 2 || expected < LEAST_EXPECTED {
            return None;
        }
        let statistic = counts.iter().map(|count| (*count as f64 - expected).powi(2) / expected).sum();
        let degrees_of_freedom = counts.len() - 1;
        Some(Self {
            statistic,
            degrees_of_freedom,
            p_value: upper_gamma(degrees_of_freedom, statistic / 2.0),
        })
    }

    /// Whether the shares are as even as chance makes them, at the 1 % level.
    pub fn is_even(&self) -> bool {
        self.p_value >= LEVEL
    }
}

/// Q(ν/2, x), regularised.
///
/// P = 1 − Q is the series x^a·e^−x/Γ(a+1) · (1 + x/(a+1) + x²/((a+1)(a+2)) + …), which converges fast while x < a +
/// 1; beyond, Q is the continued fraction x^a·e^−x/Γ(a) · 1/(x+1−a − 1·(1−a)/(x+3−a − 2·(2−a)/(x+5−a − …))). Source:
/// Abramowitz and Stegun, "Handbook of Mathematical Functions", 6.5.29 and 6.5.31.
pub(super) fn upper_gamma(degrees_of_freedom: usize, x: f64) -> f64 {
    let a = degrees_of_freedom as f64 / 2.0;
    if x <= 0.0 {
        return 1.0;
    }
    let density = (a * x.ln() - x - ln_gamma(degrees_of_freedom)).exp();
    if x < a + 1.0 { 1.0 - density * lower_series(a, x) } else { density * upper_fraction(a, x) }
}

fn lower_series(a: f64, x: f64) -> f64 {
    let (mut term, mut sum, mut denominator) = (1.0 / a, 1.0 / a, a);
    while term > sum * f64::EPSILON {
        denominator += 1.0;
        term *= x / denominator;
        sum += term;
    }
    sum
}

/// From the far end inwards. It is used for x ≥ a + 1 only, where 500 terms are many more than any number of replicas
/// needs.
fn upper_fraction(a: f64, x: f64) -> f64 {
    let inner = (1..=500_u32).rev().map(f64::from).fold(0.0, |rest, step| {
        let denominator = x + 2.0 * step + 1.0 - a - rest;
        step * (step - a) / denominator
    });
    1.0 / (x + 1.0 - a - inner)
}

/// ln Γ(ν/2) by Γ(a+1) = a·Γ(a) from Γ(1) = 1 or Γ(1/2) = √π.
fn ln_gamma(degrees_of_freedom: usize) -> f64 {
    let (start, first) =
        if degrees_of_freedom.is_multiple_of(2) { (0.0, 2) } else { (std::f64::consts::PI.sqrt().ln(), 1) };
    (first..degrees_of_freedom).step_by(2).fold(start, |sum, twice| sum + (twice as f64 / 2.0).ln())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rand::rngs::StdRng;
    use rand::{RngExt, SeedableRng};

    use super::*;

    #[test]
    fn critical_values_have_their_printed_probabilities() {
        let table = [
            (1, 3.841_459, 0.05),
            (1, 6.634_897, 0.01),
            (2, 9.210_340, 0.01),
            (3, 11.344_867, 0.01),
            (9, 21.665_994, 0.01),
            (10, 2.558_212, 0.99),
            (30, 50.892_181, 0.01),
            (100, 135.806_723, 0.01),
        ];
        for (degrees, critical, probability) in table {
            let computed = upper_gamma(degrees, critical / 2.0);
            assert!((computed - probability).abs() < 1e-7, "{degrees} {critical}: {computed}");
        }
    }

    #[test]
    fn round_robin_is_more_even_than_chance() {
        let evenness = Evenness::of(&[34, 33, 33]).unwrap();
        assert!(evenness.p_value > 0.98 && evenness.is_even(), "{evenness:?}");
        assert!((Evenness::of(&[50, 50]).unwrap().p_value - 1.0).abs() < 1e-12);
    }

    #[test]
    fn connections_that_stick_are_uneven() {
        let stuck = Evenness::of(&[1_000_000, 0, 0]).unwrap();
        assert!(!stuck.is_even() && stuck.p_value < 1e-12, "{stuck:?}");
        assert!(!Evenness::of(&[60, 30, 30]).unwrap().is_even());
    }

    #[test]
    fn too_little_to_compare_is_no_finding() {
        assert_eq!(Evenness::of(&[]), None);
        assert_eq!(Evenness::of(&[100]), None);
        assert_eq!(Evenness::of(&[0, 0, 0]), None);
        assert_eq!(Evenness::of(&[9, 0]), None);
    }

    #[test]
    fn random_dispatch_is_called_uneven_about_once_in_a_hundred_times() {
        let mut random = StdRng::seed_from_u64(3);
        let mut uneven = || {
            let mut counts = [0; 4];
            (0..400).for_each(|_| counts[random.random_range(0..4)] += 1);
            !Evenness::of(&counts).unwrap().is_even()
        };
        let share = (0..5000).filter(|_| uneven()).count() as f64 / 5000.0;
        assert!((0.005..0.015).contains(&share), "{share}");
    }

    proptest! {
        #[test]
        fn a_probability_is_one_and_falls_with_the_statistic(
            degrees in 1_usize..200, x in 0.0..500.0, more in 0.0..50.0,
        ) {
            let (here, there) = (upper_gamma(degrees, x), upper_gamma(degrees, x + more));
            prop_assert!((0.0..=1.0 + 1e-12).contains(&here) && there <= here + 1e-12, "{here} {there}");
        }
    }
}
