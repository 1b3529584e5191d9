//! How single figures and endings are written, wherever they stand.

use crate::backend::{ProbeObservation, Service};
use crate::report::Outcome;

/// The latest instant that a date is written for: the end of the year 9999.
const LAST_SECOND: f64 = 253_402_300_799.0;

/// What is known of it, and nothing where it is not.
pub(crate) fn or_blank<T>(value: Option<T>, print: impl FnOnce(T) -> String) -> String {
    value.map(print).unwrap_or_default()
}

/// A share with its sign, except for what rounds to nothing.
pub(crate) fn percent(share: f64) -> String {
    let text = format!("{:+.1} %", share * 100.0);
    if text == "-0.0 %" { "+0.0 %".to_owned() } else { text }
}

/// Events per second.
pub(crate) fn per_second(value: f64) -> String {
    format!("{value:.2}")
}

/// What to add to the figure before it.
pub(crate) fn plus_minus(half_width: f64) -> String {
    format!("± {half_width:.2}")
}

/// Milliseconds.
pub(crate) fn millis(seconds: f64) -> String {
    format!("{:.1}", seconds * 1e3)
}

/// How long a probe waited.
pub(crate) fn wait(probe: &ProbeObservation) -> String {
    let least = if probe.unanswered > 0 { "> " } else { "" };
    let half = probe.half_width_seconds.map_or_else(String::new, |half| format!(" ± {:.0}", half * 1e3));
    format!("{least}{:.0}{half} ms", probe.mean_seconds * 1e3)
}

/// What is perturbed at a service.
pub(crate) fn station(service: Service) -> &'static str {
    match service {
        Service::Worker => "worker (think)",
        other => other.name(),
    }
}

/// What stands before a reason.
pub(crate) fn label(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Done => "",
        Outcome::ExpectationFailed => "FAILED",
        Outcome::Inconclusive => "INCONCLUSIVE",
        Outcome::BackendFailed => "ERROR",
        Outcome::Interrupted => "INTERRUPTED",
    }
}

/// A verdict's `sentence` in a few words, such as `The bottleneck is rng, in software`: what stands before its evidence.
pub(crate) fn headline(sentence: &str) -> &str {
    sentence.split_once(": ").map_or(sentence.trim_end_matches('.'), |(headline, _)| headline)
}

/// A date with its time, to the second, in UTC.
pub(crate) fn date(unix_seconds: f64) -> String {
    let since = std::time::Duration::from_secs_f64(unix_seconds.clamp(0.0, LAST_SECOND));
    humantime::format_rfc3339_seconds(std::time::SystemTime::UNIX_EPOCH + since).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_short() {
        assert_eq!([0.0, -0.0004, 0.0123].map(percent), ["+0.0 %", "+0.0 %", "+1.2 %"]);
        assert_eq!(or_blank(None, per_second), "");
        assert_eq!((per_second(9.996), millis(0.0123)), ("10.00".to_owned(), "12.3".to_owned()));
    }

    #[test]
    fn every_instant_has_a_date() {
        assert_eq!(date(1_790_000_000.6), "2026-09-21T14:13:20Z");
        assert_eq!([-1.0, 1e300].map(date), ["1970-01-01T00:00:00Z", "9999-12-31T23:59:59Z"]);
    }
}
