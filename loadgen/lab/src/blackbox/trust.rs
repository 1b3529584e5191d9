//! How far the rate of a counter can be trusted that is only read, and that may be told of in portions, such as once a second.

use loadgen_engine::statistics::student;

use crate::statistics::series::EventCount;

/// Parts of the time at whose ends the count is looked at.
const PARTS: usize = 200;

/// Parts in the shortest stretch that is tried, and in the longest one.
const SHORTEST: usize = PARTS / 20;
const LONGEST: usize = PARTS / 5;

/// Portions in a stretch, where the time allows: within one portion nothing is known, and it would pass for perfectly regular.
const PORTIONS: usize = 2;

/// A longer stretch is taken only if its interval is shorter than this share of the shortest one's: among stretches that are as
/// good as each other the best one is so by chance, and its interval too short.
const CLEARLY: f64 = 0.7;

/// Independent stretches for each that fits into the time: neighbouring ones overlap, and each is compared with the next.
const INDEPENDENT: f64 = 0.75;

/// The variance of the slope of the least-squares line through a count whose increments are independent, as a multiple of that of
/// the difference between its ends.
const OF_SLOPE: f64 = 1.2;

/// Half of the 95 % interval of `rate`, the slope of the line through `count` from `from` to `to`, in events a second; `None`
/// where the counter has moved less often than five times.
///
/// With C the count, less what `rate` explains, and M(t) its mean over a stretch of length L from t on, the variance of the
/// rate over a time T is 6/5 · v/(2L/3)/T, where v is the mean of (M(t+L) − M(t))² over all t. If the increments of C are
/// independent, that is so with any L, since M(t+L) − M(t) has the variance of C over a time of 2L/3. What workers have not told
/// yet makes C jump to and fro without the rate being any less certain: the more of the jumps a stretch has in its mean the less of
/// that is left in v, and nothing at all where L is a whole number of the counter's own periods. So the L whose interval is the
/// shortest is such a period if there is one. Source: overlapping batch means, Meketon and Schmeiser 1984, with means of the
/// count in place of the count at the ends of a batch.
pub(super) fn half_width(count: &EventCount, from: f64, to: f64, rate: f64) -> Option<f64> {
    let moved = count.moves_between(from, to);
    if moved < PARTS / LONGEST {
        return None;
    }
    let part = (to - from) / PARTS as f64;
    let start = count.at(from)?;
    let mut sums = vec![0.0];
    for index in 0..=PARTS {
        let after = part * index as f64;
        let unexplained = count.at((from + after).min(to))? - start - rate * after;
        sums.push(sums[index] + unexplained);
    }
    let shortest = (PORTIONS * PARTS).div_ceil(moved).clamp(SHORTEST, LONGEST);
    let first = of_stretches(&sums, shortest);
    let best = (shortest..=LONGEST).map(|length| of_stretches(&sums, length)).fold(first, f64::min);
    Some(if best < CLEARLY * first { best } else { first } / part)
}

/// Half of the interval, in events a part, by stretches of so many parts; `sums` are those of what is left of the count, at the
/// ends of parts.
fn of_stretches(sums: &[f64], length: usize) -> f64 {
    let differences = sums.windows(2 * length + 1);
    let count = differences.len() as f64;
    let squares: f64 = differences
        .map(|sums| ((sums[2 * length] - 2.0 * sums[length] + sums[0]) / length as f64).powi(2))
        .sum();
    let (all, parts) = (PARTS as f64, length as f64);
    let time = 2.0 * parts / 3.0;
    // That the rate was taken from the same count leaves less variance than there is.
    let variance = OF_SLOPE * squares / count / time / (all - time);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 3 and 14")]
    let degrees = (INDEPENDENT * all / parts).round() as usize - 1;
    student::quantile_975(degrees) * variance.sqrt()
}

#[cfg(test)]
#[path = "trust_tests.rs"]
mod tests;
