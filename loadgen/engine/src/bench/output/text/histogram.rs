//! The shape of the response times, in a dozen rows: logarithmic where they differ much, so that a tail stays visible, and
//! linear where they hardly differ.

use std::time::Duration;

use crate::bench::output::reading::time;
use crate::distribution::Distribution;

const MOST_ROWS: usize = 12;

/// Of the longest bar.
const WIDTH: f64 = 60.0;

/// Times whose extremes are closer than this factor are shown on a linear scale.
const WIDE: f64 = 4.0;

/// Edges within a decade, from coarse to fine.
const DECADES: [&[f64]; 5] =
    [&[1.0], &[1.0, 3.0], &[1.0, 2.0, 5.0], &[1.0, 1.5, 2.0, 3.0, 5.0, 7.0], &TWELVE];

const TWELVE: [f64; 12] = [1.0, 1.2, 1.5, 1.8, 2.2, 2.7, 3.3, 3.9, 4.7, 5.6, 6.8, 8.2];

/// A row for each step of the scale; empty with fewer than two different times.
pub(super) fn render(times: &Distribution) -> String {
    let (Some(min), Some(max)) = (times.min(), times.max()) else { return String::new() };
    if min == max {
        return String::new();
    }
    let edges = edges(min.as_nanos() as f64, max.as_nanos() as f64);
    let counts = counts(times, &edges);
    let longest = counts.iter().copied().max().unwrap_or(1) as f64;
    let digits = counts.iter().map(|count| count.to_string().len()).max().unwrap_or(1);
    let labels = labels(&edges);
    let width = labels.iter().map(|label| label.chars().count()).fold(7, usize::max);
    let rows = labels.windows(2).zip(&counts).map(|(labels, count)| {
        let [low, high] = [&labels[0], &labels[1]];
        let bar = bar(*count as f64 / longest);
        format!("  {low:>width$} .. {high:>width$}  {count:>digits$}  {bar}").trim_end().to_owned() + "\n"
    });
    std::iter::once("Successes by response time\n".to_owned()).chain(rows).collect()
}

/// As all times are written, unless edges that differ would read alike: then in one unit, to as many places as a step takes.
fn labels(edges: &[f64]) -> Vec<String> {
    let short: Vec<String> = edges.iter().map(|edge| time(as_duration(*edge))).collect();
    if short.is_sorted_by(|a, b| a != b) {
        return short;
    }
    let [first, second, .., last] = edges else { return short };
    let (unit, nanos) = [("s", 1e9), ("ms", 1e6), ("µs", 1e3)]
        .into_iter()
        .find(|(_, nanos)| last >= nanos)
        .unwrap_or(("ns", 1.0));
    let places = as_count((nanos / (second - first)).log10().ceil().max(0.0));
    edges.iter().map(|edge| format!("{:.places$} {unit}", edge / nanos)).collect()
}

fn bar(share: f64) -> String {
    let lengths = [(WIDTH * share).round(), 1.0];
    let length = if share > 0.0 { lengths[0].max(lengths[1]) } else { 0.0 };
    "#".repeat(as_count(length))
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small and not negative")]
fn as_count(value: f64) -> usize {
    value as usize
}

fn as_duration(nanos: f64) -> Duration {
    Duration::try_from_secs_f64(nanos / 1e9).unwrap_or(Duration::MAX)
}

/// Successes up to each edge but the first, and beyond the one before.
fn counts(times: &Distribution, edges: &[f64]) -> Vec<u64> {
    let mut counts = vec![0; edges.len() - 1];
    for step in times.histogram().iter_recorded() {
        let nanos = times.histogram().median_equivalent(step.value_iterated_to()) as f64;
        let row = edges[1..edges.len() - 1].iter().filter(|edge| nanos >= **edge).count();
        counts[row] += step.count_at_value();
    }
    counts
}

/// The finest scale of round numbers around `min` and `max` with few enough rows; both are positive or zero, and differ.
fn edges(min: f64, max: f64) -> Vec<f64> {
    let min = min.max(1.0);
    let scales = if max / min < WIDE { linear(min, max) } else { logarithmic(min, max) };
    scales.into_iter().rfind(|edges| edges.len() <= MOST_ROWS + 1).unwrap_or_else(|| vec![min, max])
}

/// From coarse to fine.
fn linear(min: f64, max: f64) -> Vec<Vec<f64>> {
    let decade = 10_f64.powf((max - min).log10().floor());
    let steps = [1.0, 0.5, 0.2, 0.1].map(|part| (part * decade).max(1.0));
    let scale = |step: f64| {
        let (first, last) = ((min / step).floor(), (max / step).floor() + 1.0);
        (0..=as_count(last - first)).map(|k| (first + k as f64) * step).collect()
    };
    steps.map(scale).into()
}

/// From coarse to fine; the coarsest takes several decades a row.
fn logarithmic(min: f64, max: f64) -> Vec<Vec<f64>> {
    let (first, last) = (min.log10().floor(), max.log10().floor() + 1.0);
    let decades = || (0..=as_count(last - first)).map(move |k| 10_f64.powf(first + k as f64));
    let coarse =
        (0..=as_count((last - first) / 3.0) + 1).map(|k| 10_f64.powf(first + 3.0 * k as f64)).collect();
    let within = |marks: &&[f64]| {
        let all: Vec<f64> =
            decades().flat_map(|decade| marks.iter().map(move |mark| mark * decade)).collect();
        trimmed(&all, min, max)
    };
    std::iter::once(coarse).chain(DECADES.iter().map(within)).collect()
}

/// From the last edge that is not beyond `min` to the first beyond `max`.
fn trimmed(edges: &[f64], min: f64, max: f64) -> Vec<f64> {
    let first = edges.iter().rposition(|edge| *edge <= min).unwrap_or(0);
    let last = edges.iter().position(|edge| *edge > max).unwrap_or(edges.len() - 1);
    edges[first..=last].to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(nanos: impl IntoIterator<Item = u64>) -> Distribution {
        let mut all = Distribution::new();
        nanos.into_iter().for_each(|nanos| all.record(Duration::from_nanos(nanos)));
        all
    }

    #[test]
    fn nothing_to_compare_has_no_shape() {
        assert_eq!(render(&of([])), "");
        assert_eq!(render(&of([5, 5])), "");
    }

    proptest! {
        #[test]
        fn every_time_is_in_one_of_a_few_rows(nanos in prop::collection::vec(0..10_u64.pow(12), 2..40)) {
            let times = of(nanos.iter().copied());
            prop_assume!(times.min() != times.max());
            let (min, max) = (times.min().unwrap().as_nanos() as f64, times.max().unwrap().as_nanos() as f64);
            let edges = edges(min, max);
            prop_assert!((2..=MOST_ROWS + 1).contains(&edges.len()), "{edges:?}");
            prop_assert!(edges.is_sorted_by(|a, b| a < b), "{edges:?}");
            prop_assert!(edges[0] <= min.max(1.0) && max <= *edges.last().unwrap(), "{edges:?} {min} {max}");
            prop_assert_eq!(counts(&times, &edges).iter().sum::<u64>(), nanos.len() as u64);
        }

        #[test]
        fn near_times_are_told_apart(base in 1_000_000_u64..1_000_000_000, spread in 10_000_u64..500_000) {
            let edges = edges(base as f64, (base + spread) as f64);
            prop_assert!((4..=MOST_ROWS + 1).contains(&edges.len()), "{edges:?}");
            let labels = labels(&edges);
            prop_assert!(labels.is_sorted_by(|a, b| a != b), "{labels:?}");
        }
    }

    #[test]
    fn labels_have_the_places_that_tell_them_apart() {
        let read = |edges: &[f64]| labels(edges).join(", ");
        assert_eq!(read(&[13.80e6, 13.82e6, 13.84e6]), "13.80 ms, 13.82 ms, 13.84 ms");
        assert_eq!(read(&[13.8e6, 13.9e6, 14e6]), "13.8 ms, 13.9 ms, 14.0 ms");
    }
}
