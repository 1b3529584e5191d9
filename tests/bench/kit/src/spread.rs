//! What several rounds say together. Owns medians and quartiles: a mean would believe the round in which the machine did
//! something else.

use std::fmt::{self, Display};

/// The middle of some numbers, and the half of them that lies around it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
    /// A quarter of them lies below.
    pub lower: f64,
    /// Half of them lies below.
    pub median: f64,
    /// A quarter of them lies above.
    pub upper: f64,
}

impl Spread {
    /// Of `numbers`; `None` of none.
    pub fn of(numbers: impl IntoIterator<Item = f64>) -> Option<Self> {
        let mut sorted: Vec<f64> = numbers.into_iter().collect();
        sorted.sort_by(f64::total_cmp);
        let at = |share| quantile(&sorted, share);
        (!sorted.is_empty()).then(|| Self { lower: at(0.25), median: at(0.5), upper: at(0.75) })
    }
}

impl Display for Spread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.2} [{:.2}, {:.2}]", self.median, self.lower, self.upper)
    }
}

/// The quantile of `sorted`, which is not empty, between its neighbours (Hyndman and Fan's seventh definition).
pub fn quantile(sorted: &[f64], share: f64) -> f64 {
    let place = share * (sorted.len() - 1) as f64;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a place among them, rounded down"
    )]
    let below = place as usize;
    let above = (below + 1).min(sorted.len() - 1);
    sorted[below] + (place - below as f64) * (sorted[above] - sorted[below])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_odd_round_does_not_move_the_median() {
        let spread = Spread::of([5.0, 1.0, 2.0, 3.0, 400.0]).unwrap();
        assert_eq!(spread, Spread { lower: 2.0, median: 3.0, upper: 5.0 });
        assert_eq!(Spread::of([]), None);
        assert_eq!(Spread::of([7.0]).unwrap().to_string(), "7.00 [7.00, 7.00]");
    }

    #[test]
    fn quantiles_lie_between_neighbours() {
        assert!((quantile(&[1.0, 2.0], 0.5) - 1.5).abs() < 1e-12);
        assert!((quantile(&[1.0, 2.0, 4.0], 1.0) - 4.0).abs() < 1e-12);
    }
}
