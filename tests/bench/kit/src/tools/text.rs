//! Numbers in what tools print for people.

use std::time::Duration;

use anyhow::Context;

/// The number that follows `label` in `text`.
pub(super) fn after(text: &str, label: &str) -> anyhow::Result<f64> {
    optional(text, label).with_context(|| format!("no number after {label:?} in:\n{text}"))
}

/// The same, where the line may be left out.
pub(super) fn optional(text: &str, label: &str) -> Option<f64> {
    let rest = text.split_once(label)?.1.trim_start();
    let end = rest.find(|letter: char| !letter.is_ascii_digit() && letter != '.').unwrap_or(rest.len());
    rest[..end].parse().ok()
}

/// A whole number that follows `label`.
pub(super) fn count_after(text: &str, label: &str) -> anyhow::Result<u64> {
    whole(after(text, label)?)
}

/// A number that is whole.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked")]
pub(super) fn whole(number: f64) -> anyhow::Result<u64> {
    anyhow::ensure!(number >= 0.0 && number.fract() == 0.0, "{number} is no count");
    Ok(number as u64)
}

/// A time with its unit, such as `1.25ms`.
pub(super) fn time(text: &str) -> anyhow::Result<Duration> {
    let text = text.trim();
    let unit_at = text.find(|letter: char| !letter.is_ascii_digit() && letter != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(unit_at);
    let number: f64 = number.parse().with_context(|| format!("{text:?} is no time"))?;
    let scale = match unit.trim() {
        "us" => 1e-6,
        "ms" => 1e-3,
        "s" => 1.0,
        "m" => 60.0,
        _ => anyhow::bail!("{text:?} has no unit that is known"),
    };
    Ok(Duration::from_secs_f64(number * scale))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_found_after_their_labels() {
        assert!((after("a: 1\nRequests/sec:  12.5\n", "Requests/sec:").unwrap() - 12.5).abs() < 1e-9);
        assert_eq!(count_after("Complete requests:      42", "Complete requests:").unwrap(), 42);
        assert!(after("nothing", "Requests/sec:").is_err());
        assert_eq!(optional("nothing", "Non-2xx"), None);
    }

    #[test]
    fn times_have_units() {
        assert_eq!(time(" 1.25ms").unwrap(), Duration::from_micros(1250));
        assert_eq!(time("2s").unwrap(), Duration::from_secs(2));
        assert!(time("3").is_err() && time("ms").is_err());
    }
}
