//! How figures are written while a run goes on. Owns their digits: in a column they have one unit, so that they don't jump.

use std::time::Duration;

use crate::times::Quantile;

use super::progress::Progress;

/// What is not known.
pub(super) const NOTHING: &str = "-";

/// Milliseconds, without the unit.
pub(super) fn millis(time: Duration) -> String {
    digits(time.as_secs_f64() * 1e3)
}

/// Milliseconds that may be only a lower bound.
pub(super) fn at_least(quantile: Quantile) -> String {
    let bound = if quantile.lower_bound { "≥ " } else { "" };
    format!("{bound}{}", millis(quantile.time))
}

/// So many a second.
pub(super) fn per_second(rate: f64) -> String {
    format!("{}/s", if rate < 100.0 { digits(rate) } else { groups(&format!("{rate:.0}")) })
}

/// Seconds, minutes and hours since the start.
pub(super) fn clock(time: Duration) -> String {
    let seconds = time.as_secs();
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, _) => format!("{:.1} s", time.as_secs_f64()),
        (0, minutes, seconds) => format!("{minutes}:{seconds:02} min"),
        (hours, minutes, seconds) => format!("{hours}:{minutes:02}:{seconds:02} h"),
    }
}

/// A whole number in groups of three digits.
pub(super) fn grouped(number: u64) -> String {
    groups(&number.to_string())
}

fn groups(digits: &str) -> String {
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// What is not a success, the most frequent first; nothing without any.
pub(super) fn errors(progress: &Progress) -> Option<String> {
    let errors = progress.errors();
    let overflowed = progress.standing().overflowed;
    let told = errors.iter().map(|(outcome, count)| format!("{outcome}: {}", grouped(*count)));
    let unsent = (overflowed > 0).then(|| format!("not sent: {}", grouped(overflowed)));
    let all: Vec<String> = told.chain(unsent).collect();
    (!all.is_empty()).then(|| all.join(", "))
}

/// All that matters in one line.
pub(super) fn line(elapsed: Duration, progress: &Progress) -> String {
    let mut parts = vec![format!("{}: {} requests", clock(elapsed), grouped(progress.done()))];
    if let Some(last) = progress.last() {
        parts.push(per_second(last.throughput));
        if let Some([p50, _, p99]) = last.response {
            parts.push(format!("p50 {} ms, p99 {} ms", at_least(p50), at_least(p99)));
        }
    }
    parts.extend(errors(progress));
    parts.extend(progress.limit().map(|why| format!("the load generator is the limit: {why}")));
    parts.join(", ")
}

/// Three digits, or all before the point.
fn digits(value: f64) -> String {
    let places = match value {
        _ if value < 0.9995 => 3,
        _ if value < 9.995 => 2,
        _ if value < 99.95 => 1,
        _ => 0,
    };
    format!("{value:.places$}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn figures_have_three_digits() {
        let micros = [0, 41, 999, 1_234, 12_345, 99_960, 123_456, 20_000_000];
        let texts = micros.map(|it| millis(Duration::from_micros(it)));
        assert_eq!(texts, ["0.000", "0.041", "0.999", "1.23", "12.3", "100", "123", "20000"]);
        assert_eq!(
            [0.0, 3.333, 99.0, 1234.6, 52_345.6].map(per_second),
            ["0.000/s", "3.33/s", "99.0/s", "1,235/s", "52,346/s"]
        );
    }

    #[test]
    fn a_bound_is_told() {
        let bound = Quantile { time: Duration::from_secs(2), lower_bound: true };
        assert_eq!(at_least(bound), "≥ 2000");
    }

    #[test]
    fn times_are_read_off_a_clock() {
        let texts = [400, 59_900, 61_000, 3_723_000].map(|it| clock(Duration::from_millis(it)));
        assert_eq!(texts, ["0.4 s", "59.9 s", "1:01 min", "1:02:03 h"]);
    }

    proptest! {
        #[test]
        fn groups_have_three_digits_and_lose_none(number: u64) {
            let text = grouped(number);
            prop_assert_eq!(text.replace(',', ""), number.to_string());
            let mut groups = text.split(',');
            prop_assert!((1..=3).contains(&groups.next().unwrap().len()) && groups.all(|it| it.len() == 3));
        }
    }
}
