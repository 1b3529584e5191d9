//! The rate of a counter that is read from outside: where its warm-up ends, and what it is after that.

use loadgen_engine::statistics::mser;

use super::trust::half_width;
use crate::statistics::series::{EventCount, batch_rates};

/// Parts of a step that MSER-5 looks at: forty groups of five.
const PARTS: usize = 200;

/// Means of two halves that differ by less than this share count as the same: MSER-5 by itself refuses one steady run in eight.
pub(super) const LEVEL: f64 = 0.02;

/// The steady part of a step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Steady {
    /// Seconds since the Unix epoch.
    pub(super) from: f64,
    pub(super) to: f64,
    /// Whether the warm-up has ended by then.
    pub(super) settled: bool,
    /// Events a second.
    pub(super) rate: f64,
    /// Half of its 95 % interval.
    pub(super) half_width: Option<f64>,
}

/// What `count`, read since `began_at`, shows after at least `warm_up` seconds; `None` below two events after that.
pub(super) fn steady(count: &EventCount, began_at: f64, warm_up: f64) -> Option<Steady> {
    let (first, last) = count.span()?;
    let counts = std::slice::from_ref(count);
    let start = first.max(began_at);
    let cut = mser::warm_up(&batch_rates(counts, start, last, PARTS).unwrap_or_default());
    let part = (last - start) / PARTS as f64;
    let floor = (began_at + warm_up).max(start);
    let from = cut.map_or(floor, |parts| floor.max(start + part * parts as f64));
    let rate = slope(count, from, last)?;
    let halves = batch_rates(counts, from, last, 2)?;
    let level = (halves[0] - halves[1]).abs() <= LEVEL * halves[0].max(halves[1]);
    Some(Steady {
        from,
        to: last,
        settled: cut.is_some() || level,
        rate,
        half_width: half_width(count, from, last, rate),
    })
}

/// The slope of the least-squares line through the count. What workers tell once a second comes in portions: those at the two
/// ends would weigh more than all others in the difference between them, and weigh little here. Regular events lie on the line.
fn slope(count: &EventCount, from: f64, to: f64) -> Option<f64> {
    let (mut products, mut squares) = (0.0, 0.0);
    for part in 0..=PARTS {
        let distance = part as f64 / PARTS as f64 - 0.5;
        let instant = (from + (to - from) * (distance + 0.5)).min(to);
        products += distance * count.at(instant)?;
        squares += distance * distance;
    }
    (from < to).then(|| products / squares / (to - from))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An event every tenth of a second for ten seconds; every half a second in the first two.
    fn slow_start() -> EventCount {
        let slow = (0..4).map(|k| 0.5 * f64::from(k));
        let at = slow.chain((0..80).map(|k| 2.0 + 0.1 * f64::from(k)));
        at.zip(1..).map(|(at, count)| (1000.0 + at, f64::from(count))).collect()
    }

    #[test]
    fn the_warm_up_is_cut_and_a_regular_rate_has_no_width() {
        let steady = steady(&slow_start(), 1000.0, 0.5).unwrap();
        assert!(steady.settled && (1001.5..1003.0).contains(&steady.from), "{steady:?}");
        assert!((steady.rate - 10.0).abs() < 0.2, "{steady:?}");
        assert!(steady.half_width.unwrap() < 0.3, "{steady:?}");
    }

    /// Ten workers tell of the hashes of their last second; where the window ends is chance.
    #[test]
    fn portions_at_the_ends_hardly_matter() {
        let mut told: Vec<(f64, f64)> = (0..10)
            .flat_map(|worker| {
                (0..9).map(move |turn| (0.13 * f64::from(worker) + 1.1 * f64::from(turn), 11.0))
            })
            .collect();
        told.sort_by(|one, other| one.0.total_cmp(&other.0));
        let mut total = 0.0;
        let portions = told.into_iter().map(|(at, portion)| {
            total += portion;
            (1000.0 + at, total)
        });
        let steady = steady(&portions.collect(), 1000.0, 0.0).unwrap();
        assert!((steady.rate - 100.0).abs() < 3.0, "{steady:?}");
    }

    #[test]
    fn nothing_is_told_of_a_counter_that_stands() {
        assert_eq!(super::steady(&[(1000.0, 5.0)].into_iter().collect(), 1000.0, 1.0), None);
        assert_eq!(super::steady(&EventCount::default(), 1000.0, 1.0), None);
    }
}
