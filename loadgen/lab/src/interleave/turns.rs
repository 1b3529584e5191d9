//! Whose turn it is. Owns the order in which the builds are measured, so that what a machine becomes slower by meets both alike.

use serde::{Deserialize, Serialize};

/// One of two builds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// The one that is compared with.
    Base,
    /// The one that is judged.
    New,
}

impl Side {
    /// Both, the base first.
    pub const BOTH: [Self; 2] = [Self::Base, Self::New];

    /// As a person calls it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Base => "base",
            Self::New => "new",
        }
    }
}

/// The two pairs of a visit to a step: base, new, new, base at each other visit, and new, base, base, new in between.
///
/// A drift that is a straight line over a visit adds as much to one of its pairs as it takes from the other, and one that bends
/// from visit to visit meets both builds alike.
pub(super) fn turns(visit: usize) -> [[Side; 2]; 2] {
    let (there, back) = ([Side::Base, Side::New], [Side::New, Side::Base]);
    if visit.is_multiple_of(2) { [there, back] } else { [back, there] }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drift_meets_both_builds_alike() {
        let order: Vec<Side> = (0..2).flat_map(turns).flatten().collect();
        let (base, new) = (Side::Base, Side::New);
        assert_eq!(order, [base, new, new, base, new, base, base, new]);
        // A straight line and a square: the sums over the places of one build are those of the other's.
        for drift in [|place: usize| place, |place: usize| place * place] {
            let sum = |of: Side| {
                order
                    .iter()
                    .enumerate()
                    .filter(|(_, it)| **it == of)
                    .map(|(place, _)| drift(place))
                    .sum::<usize>()
            };
            assert_eq!(sum(base), sum(new));
        }
    }
}
