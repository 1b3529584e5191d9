//! When a run that goes on has failed. Owns the two rules, as pure functions.
//!
//! An expectation limits a ratio of two sums over slices of time: `p99<250ms` says that no more than 1 % of all requests take
//! longer than 250 ms, `errors<1%` that no more than 1 % come to a bad end, `mean<50ms` that times add up to no more than 50 ms a
//! request. What speaks against it is the upper sum, aᵢ in slice i, out of nᵢ.

/// What speaks against an expectation in a slice of time, and out of how much.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Part {
    /// aᵢ
    pub(super) against: f64,
    /// nᵢ
    pub(super) of: f64,
}

/// Fewer slices say too little of how much they differ by chance.
pub(super) const LEAST_SLICES: usize = 10;

/// Standard errors beyond the limit. By chance ten slices lie as far off once in 10⁴ looks, and most looks depend on the one
/// before.
const BEYOND: f64 = 6.0;

/// Differences below this share are rounding.
const ROUNDING: f64 = 1e-9;

impl Part {
    /// Both together.
    pub(super) fn plus(self, other: Self) -> Self {
        Self { against: self.against + other.against, of: self.of + other.of }
    }

    /// All of them together.
    pub(super) fn sum(parts: &[Self]) -> Self {
        parts.iter().fold(Self::default(), |sum, part| sum.plus(*part))
    }

    /// How much of it speaks against the expectation.
    pub(super) fn ratio(self) -> f64 {
        if self.of > 0.0 { self.against / self.of } else { 0.0 }
    }

    /// Whether the ratio ends over `limit` even if nothing of what is `left`, which may be infinite, speaks against it:
    /// Σa > limit·(Σn + left).
    pub(super) fn certainly_over(self, limit: f64, left: f64) -> bool {
        let most = if limit > 0.0 { limit * (self.of + left) } else { 0.0 };
        self.against > most * (1.0 + ROUNDING)
    }
}

/// Whether the ratio would end over `limit` if the run went on as it did in `parts`, beyond doubt: r = Σa/Σn exceeds it by six
/// standard errors, s = √(B/(B−1)·Σ(aᵢ − r·nᵢ)²)/Σn, of the ratio over B ≥ 10 slices, so that what differs from slice to
/// slice, for whatever reason, counts as doubt. Where requests are counted (`counted`), s is not below √(limit·(1 − limit)/Σn),
/// the standard error of as many independent requests that just keep to the limit.
///
/// Source: Cochran, "Sampling Techniques", 1977, ch. 6.
pub(super) fn beyond_doubt(parts: &[Part], limit: f64, counted: bool) -> bool {
    let sum = Part::sum(parts);
    if parts.len() < LEAST_SLICES || sum.of <= 0.0 {
        return false;
    }
    let (ratio, slices) = (sum.ratio(), parts.len() as f64);
    let squares: f64 = parts.iter().map(|part| (part.against - ratio * part.of).powi(2)).sum();
    let error = (slices / (slices - 1.0) * squares).sqrt() / sum.of;
    let least = if counted { (limit * (1.0 - limit) / sum.of).sqrt() } else { 0.0 };
    ratio - limit > BEYOND * error.max(least) + ROUNDING * limit.abs()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rand::rngs::SmallRng;
    use rand::{RngExt, SeedableRng};

    fn parts(counts: &[(u32, u32)]) -> Vec<Part> {
        counts.iter().map(|(against, of)| Part { against: (*against).into(), of: (*of).into() }).collect()
    }

    #[test]
    fn more_slow_requests_than_all_may_have_are_certainty() {
        let part = Part { against: 11.0, of: 100.0 };
        assert!(part.certainly_over(0.01, 900.0));
        assert!(!part.certainly_over(0.01, 1000.0), "ten of a thousand may, and eleven of eleven hundred");
        assert!(!part.certainly_over(0.01, f64::INFINITY));
    }

    #[test]
    fn as_many_as_may_be_are_not_too_many_whatever_the_rounding() {
        for tenths in 1..10_u32 {
            let limit = 1.0 - f64::from(10 - tenths) / 10.0;
            let part = Part { against: f64::from(tenths) * 1e5, of: 1e6 };
            assert!(!part.certainly_over(limit, 0.0), "{tenths}");
            assert!(Part { against: part.against + 1.0, ..part }.certainly_over(limit, 0.0), "{tenths}");
        }
    }

    #[test]
    fn where_none_is_allowed_one_is_enough() {
        assert!(Part { against: 1.0, of: 5.0 }.certainly_over(0.0, f64::INFINITY));
        assert!(!Part { against: 0.0, of: 5.0 }.certainly_over(0.0, f64::INFINITY));
    }

    #[test]
    fn slices_that_all_fail_leave_no_doubt_and_few_do() {
        let slow = parts(&[(100, 100); LEAST_SLICES]);
        assert!(beyond_doubt(&slow, 0.01, true));
        assert!(!beyond_doubt(&slow[1..], 0.01, true));
        assert!(!beyond_doubt(&[], 0.01, true));
    }

    #[test]
    fn a_single_burst_is_no_proof() {
        let mut counts = [(0, 100); 16];
        counts[7] = (100, 100);
        assert!(!beyond_doubt(&parts(&counts), 0.01, true));
    }

    #[test]
    fn a_dozen_requests_are_no_proof_that_the_median_is_off() {
        assert!(!beyond_doubt(&parts(&[(1, 1); 12]), 0.5, true));
        assert!(beyond_doubt(&parts(&[(10, 10); 12]), 0.5, true));
    }

    #[test]
    fn a_run_that_just_keeps_to_its_limit_is_hardly_ever_given_up() {
        let mut random = SmallRng::seed_from_u64(1);
        let mut slice = |limit: f64| Part {
            against: (0..50).filter(|_| random.random::<f64>() < limit).count() as f64,
            of: 50.0,
        };
        for limit in [0.5, 0.1, 0.01] {
            let wrong = (0..2000).filter(|_| {
                let slices: Vec<Part> = (0..LEAST_SLICES).map(|_| slice(limit)).collect();
                beyond_doubt(&slices, limit, true)
            });
            assert!(wrong.count() <= 1, "{limit}");
        }
    }

    proptest! {
        #[test]
        fn what_is_certain_stays_so_whatever_comes(
            against in 0..100_u32, within in 0..100_u32, slow in 0..50_u32, left in 0..50_u32, limit in 0.0..1.0,
        ) {
            let part = Part { against: against.into(), of: (against + within).into() };
            let slow = slow.min(left);
            if part.certainly_over(limit, left.into()) {
                let rest = Part { against: slow.into(), of: left.into() };
                prop_assert!(part.plus(rest).ratio() > limit);
            }
        }
    }
}
