//! Which target is the slowest, and by how much. Owns the order, and what is said of each.

use super::spread::Difference;
use super::tally::Tally;

/// One target's place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Place {
    /// Index of the target.
    pub(super) target: usize,
    /// Its mean time; `None` if it never answered, nor was waited for in vain.
    pub(super) mean_ms: Option<f64>,
    /// Whether some have not been answered, so that the mean is at least that.
    pub(super) at_least: bool,
    /// How much slower the slowest is; `None` for the slowest itself, and for those without a mean.
    pub(super) less: Option<Difference>,
}

/// The places, slowest first; those without a time come last. Timeouts count for what was waited at least.
pub(super) fn rank(tallies: &[Tally]) -> Vec<Place> {
    let mut order: Vec<usize> = (0..tallies.len()).collect();
    let mean = |target: &usize| tallies[*target].waits().mean_ms().unwrap_or(f64::NEG_INFINITY);
    order.sort_by(|a, b| mean(b).total_cmp(&mean(a)));
    let slowest = order.first().copied();
    let place = |target: usize| Place {
        target,
        mean_ms: tallies[target].waits().mean_ms(),
        at_least: tallies[target].mean_at_least().is_some(),
        less: slowest
            .filter(|slowest| *slowest != target)
            .and_then(|slowest| tallies[slowest].waits().minus(tallies[target].waits())),
    };
    order.into_iter().map(place).collect()
}

impl Place {
    /// The line of the `number`th, for a person.
    pub(super) fn line(&self, number: usize, name: &str) -> String {
        let Some(mean) = self.mean_ms else { return format!("-. {name}: nothing but errors") };
        let at_least = if self.at_least { ">= " } else { "" };
        let less = self.less.map_or_else(String::new, describe);
        format!("{number}. {name}: avg {at_least}{mean:.1} ms{less}")
    }
}

fn describe(less: Difference) -> String {
    let mean = less.mean_ms;
    match less.half_width_ms {
        None => format!(", {mean:.1} ms less; more pings could tell whether that is chance"),
        Some(half_width) if less.is_significant() => format!(", {mean:.1} ± {half_width:.1} ms less"),
        Some(half_width) => format!(", {mean:.1} ± {half_width:.1} ms less, which may be chance"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tally::tests::{answered, failed, timed_out};
    use super::*;

    fn tally(millis: &[u64]) -> Tally {
        let mut tally = Tally::default();
        for millis in millis {
            tally.add(&answered(*millis));
        }
        tally
    }

    fn lines(tallies: &[Tally]) -> Vec<String> {
        let named = |(place, number): (Place, usize)| place.line(number, ["a", "b", "c"][place.target]);
        rank(tallies).into_iter().zip(1..).map(named).collect()
    }

    #[test]
    fn the_slowest_comes_first_and_the_others_say_by_how_much() {
        let tallies = [tally(&[10, 12, 14]), tally(&[100, 110, 120]), tally(&[99, 112, 116])];
        assert_eq!(
            lines(&tallies),
            [
                "1. b: avg 110.0 ms",
                "2. c: avg 109.0 ms, 1.0 ± 24.6 ms less, which may be chance",
                "3. a: avg 12.0 ms, 98.0 ± 25.3 ms less",
            ]
        );
    }

    #[test]
    fn one_ping_each_tells_no_more_than_the_order() {
        assert_eq!(
            lines(&[tally(&[10]), tally(&[20])])[1],
            "2. a: avg 10.0 ms, 10.0 ms less; more pings could tell whether that is chance"
        );
    }

    #[test]
    fn timeouts_are_slow_and_errors_are_not_fast() {
        let (mut dead, mut hung) = (Tally::default(), tally(&[5]));
        dead.add(&failed());
        hung.add(&timed_out(1_000));
        assert_eq!(
            lines(&[dead, tally(&[300, 300]), hung]),
            [
                "1. c: avg >= 502.5 ms",
                "2. b: avg 300.0 ms, 202.5 ± 6321.3 ms less, which may be chance",
                "-. a: nothing but errors",
            ]
        );
    }
}
