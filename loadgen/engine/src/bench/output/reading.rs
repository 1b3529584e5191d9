//! Figures as people read them: three digits, and the unit that keeps them short.

use std::time::Duration;

use crate::bench::report::ErrorShare;

/// Replicas that a report for people shows; the others are counted.
pub(super) const MOST_REPLICAS: usize = 20;

/// A time in its own unit, such as `12.1 ms`.
pub(super) fn time(time: Duration) -> String {
    let nanos = time.as_nanos() as f64;
    // What rounds to a thousand of a unit is one of the next.
    let (scaled, unit) = match nanos {
        _ if nanos < 999.5 => return format!("{nanos} ns"),
        _ if nanos < 999.5e3 => (nanos / 1e3, "µs"),
        _ if nanos < 999.5e6 => (nanos / 1e6, "ms"),
        _ => (nanos / 1e9, "s"),
    };
    format!("{} {unit}", digits(scaled))
}

/// A time that may be only a lower bound.
pub(super) fn at_least(known: Duration, lower_bound: bool) -> String {
    if lower_bound { format!("≥ {}", time(known)) } else { time(known) }
}

/// Bytes in powers of a thousand.
pub(super) fn bytes(bytes: u64) -> String {
    let scale = [("GB", 1e9), ("MB", 1e6), ("kB", 1e3)];
    let bytes = bytes as f64;
    match scale.into_iter().find(|(_, factor)| bytes >= 0.9995 * factor) {
        Some((unit, factor)) => format!("{} {unit}", digits(bytes / factor)),
        None => format!("{bytes} B"),
    }
}

/// A share in percent; what is not nothing does not read as nothing.
pub(super) fn percent(share: f64) -> String {
    match 100.0 * share {
        percent if percent <= 0.0 => "0 %".to_owned(),
        percent if percent < 0.01 => "< 0.01 %".to_owned(),
        percent if percent < 10.0 => format!("{percent:.2} %"),
        percent => format!("{percent:.1} %"),
    }
}

/// A share of errors, or the two that it lies between.
pub(super) fn error_share(share: ErrorShare) -> String {
    let ErrorShare { seen, at_most } = share;
    if at_most > seen { format!("between {} and {}", percent(seen), percent(at_most)) } else { percent(seen) }
}

/// A rate and half of its interval, to the same places: `998.1 ± 3.2/s`.
pub(super) fn rate(mean: f64, half_width: Option<f64>) -> String {
    let places = places(half_width.filter(|half| *half > 0.0).map_or(mean / 100.0, |half| half.min(mean)));
    let half = half_width.map_or_else(String::new, |half| format!(" ± {half:.places$}"));
    format!("{mean:.places$}{half}/s")
}

/// So many of a thing: `1 connection`, `2 connections`.
pub(super) fn count(count: u64, one: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {one}{plural}")
}

/// Three digits, or all before the point.
fn digits(value: f64) -> String {
    let places = match value {
        _ if value < 9.995 => 2,
        _ if value < 99.95 => 1,
        _ => 0,
    };
    format!("{value:.places$}")
}

/// Decimals that show two digits of `value`.
fn places(value: f64) -> usize {
    match value {
        _ if value >= 9.95 => 0,
        _ if value >= 0.995 => 1,
        _ => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn times_have_three_digits_and_the_unit_that_keeps_them_short() {
        let cases = [
            (0, "0 ns"),
            (999, "999 ns"),
            (1_000, "1.00 µs"),
            (12_345, "12.3 µs"),
            (999_499, "999 µs"),
            (999_500, "1.00 ms"),
            (9_996_000, "10.0 ms"),
            (250_400_000, "250 ms"),
            (20_000_000_000, "20.0 s"),
            (3_600_000_000_000, "3600 s"),
        ];
        for (nanos, text) in cases {
            assert_eq!(time(Duration::from_nanos(nanos)), text);
        }
        assert_eq!(at_least(Duration::from_secs(20), true), "≥ 20.0 s");
    }

    #[test]
    fn a_rate_has_as_many_places_as_its_interval_tells() {
        assert_eq!(rate(998.123, Some(3.21)), "998.1 ± 3.2/s");
        assert_eq!(rate(52_345.6, Some(123.4)), "52346 ± 123/s");
        assert_eq!(rate(9.987, Some(0.004)), "9.99 ± 0.00/s");
        assert_eq!(rate(9.987, None), "9.99/s");
        assert_eq!(rate(1234.5, None), "1234/s");
        assert_eq!(rate(10.0, Some(0.0)), "10.00 ± 0.00/s");
    }

    #[test]
    fn bytes_shares_and_counts_are_short() {
        assert_eq!([999, 1_000, 1_500_000].map(bytes), ["999 B", "1.00 kB", "1.50 MB"]);
        assert_eq!(
            [0.0, 1e-9, 0.0123, 0.5, 1.0].map(percent),
            ["0 %", "< 0.01 %", "1.23 %", "50.0 %", "100.0 %"]
        );
        assert_eq!([0, 1, 2].map(|it| count(it, "byte")), ["0 bytes", "1 byte", "2 bytes"]);
    }

    proptest! {
        #[test]
        fn a_time_is_short_and_near(nanos in 0..1_000_000_000_000_u64) {
            let text = time(Duration::from_nanos(nanos));
            let (number, unit) = text.split_once(' ').unwrap();
            let factor = match unit { "ns" => 1.0, "µs" => 1e3, "ms" => 1e6, _ => 1e9 };
            let off = (number.parse::<f64>().unwrap() * factor - nanos as f64).abs();
            prop_assert!(off <= 0.0051 * nanos as f64 && text.chars().count() <= 8, "{text} is not {nanos}");
        }
    }
}
