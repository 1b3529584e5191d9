//! Figures with their units. Owns how each is read and shown.

use std::cmp::Ordering;
use std::fmt;
use std::time::Duration;

/// A figure of a run, or what it is held against. Only those of one unit can be compared.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub enum Value {
    /// How long something took.
    Time(Duration),
    /// How often a second.
    PerSecond(f64),
    /// A part of all, 0 to 1.
    Share(f64),
    /// How many.
    Count(u64),
    /// How likely something is by chance alone, 0 to 1.
    Probability(f64),
}

/// A kind of figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Of [`Value::Time`].
    Time,
    /// Of [`Value::PerSecond`].
    PerSecond,
    /// Of [`Value::Share`].
    Share,
    /// Of [`Value::Count`].
    Count,
    /// Of [`Value::Probability`].
    Probability,
}

impl Unit {
    /// What `text` says; `None` if that is no figure of this unit.
    pub(super) fn read(self, text: &str) -> Option<Value> {
        match self {
            Self::Time => humantime::parse_duration(text).ok().map(Value::Time),
            Self::PerSecond => amount(text.trim_end_matches("/s")).map(Value::PerSecond),
            Self::Share => share(text).map(Value::Share),
            Self::Count => text.parse().ok().map(Value::Count),
            Self::Probability => amount(text).filter(|it| *it <= 1.0).map(Value::Probability),
        }
    }

    /// Figures of this unit, as they are typed.
    pub(super) const fn example(self) -> &'static str {
        match self {
            Self::Time => "a time with its unit, such as 250ms or 1.5s",
            Self::PerSecond => "a number a second, such as 1000 or 9.5/s",
            Self::Share => "a share, such as 1% or 0.01",
            Self::Count => "a whole number, such as 0",
            Self::Probability => "a number from 0 to 1, such as 0.01",
        }
    }
}

fn amount(text: &str) -> Option<f64> {
    text.trim().parse().ok().filter(|number: &f64| number.is_finite() && *number >= 0.0)
}

fn share(text: &str) -> Option<f64> {
    let share = match text.strip_suffix('%') {
        Some(percent) => amount(percent)? / 100.0,
        None => amount(text)?,
    };
    (share <= 1.0).then_some(share)
}

impl Value {
    /// How it compares with one of the same unit.
    pub(super) fn against(self, other: Self) -> Option<Ordering> {
        self.partial_cmp(&other)
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Time(time) => {
                let (number, unit) = scaled(*time);
                write!(f, "{} {unit}", digits(number))
            }
            Self::PerSecond(rate) => write!(f, "{}/s", digits(*rate)),
            Self::Share(share) => write!(f, "{} %", digits(100.0 * share)),
            Self::Count(count) => write!(f, "{count}"),
            Self::Probability(p) => write!(f, "p = {}", digits(*p)),
        }
    }
}

/// In the largest unit of which there is at least one.
fn scaled(time: Duration) -> (f64, &'static str) {
    let seconds = time.as_secs_f64();
    match time.as_nanos() {
        1_000_000_000.. => (seconds, "s"),
        1_000_000.. => (seconds * 1e3, "ms"),
        1_000.. => (seconds * 1e6, "µs"),
        _ => (seconds * 1e9, "ns"),
    }
}

/// Three digits, and all of those before the point; no zeros after it that say nothing.
pub(super) fn digits(number: f64) -> String {
    if number > 0.0 && number < 1e-4 {
        return format!("{number:.1e}");
    }
    let decimals = if number == 0.0 || number.abs() >= 100.0 {
        0
    } else if number.abs() >= 10.0 {
        1
    } else if number.abs() >= 1.0 {
        2
    } else {
        4
    };
    let text = format!("{number:.decimals$}");
    if decimals == 0 { text } else { text.trim_end_matches('0').trim_end_matches('.').to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_read_in_their_unit_only() {
        for (unit, text, value) in [
            (Unit::Time, "250ms", Some(Value::Time(Duration::from_millis(250)))),
            (Unit::Time, "1.5ms", Some(Value::Time(Duration::from_micros(1500)))),
            (Unit::Time, "250", None),
            (Unit::PerSecond, "9.5/s", Some(Value::PerSecond(9.5))),
            (Unit::PerSecond, "1000", Some(Value::PerSecond(1000.0))),
            (Unit::PerSecond, "fast", None),
            (Unit::PerSecond, "-1", None),
            (Unit::PerSecond, "inf", None),
            (Unit::Share, "1%", Some(Value::Share(0.01))),
            (Unit::Share, "0.25 %", Some(Value::Share(0.0025))),
            (Unit::Share, "0.01", Some(Value::Share(0.01))),
            (Unit::Share, "5", None),
            (Unit::Count, "0", Some(Value::Count(0))),
            (Unit::Count, "1.5", None),
            (Unit::Probability, "0.01", Some(Value::Probability(0.01))),
            (Unit::Probability, "2", None),
        ] {
            assert_eq!(unit.read(text), value, "{text}");
        }
    }

    #[test]
    fn what_a_unit_gives_as_an_example_is_of_that_unit() {
        for unit in [Unit::Time, Unit::PerSecond, Unit::Share, Unit::Count, Unit::Probability] {
            let (_, examples) = unit.example().split_once("such as ").unwrap();
            for example in examples.split(" or ") {
                assert!(unit.read(example).is_some(), "{example}");
            }
        }
    }

    #[test]
    fn figures_are_short_and_have_their_unit() {
        for (value, text) in [
            (Value::Time(Duration::from_micros(12_149)), "12.1 ms"),
            (Value::Time(Duration::from_secs(20)), "20 s"),
            (Value::Time(Duration::from_nanos(1_500)), "1.5 µs"),
            (Value::Time(Duration::ZERO), "0 ns"),
            (Value::PerSecond(1234.56), "1235/s"),
            (Value::PerSecond(9.5), "9.5/s"),
            (Value::Share(0.01234), "1.23 %"),
            (Value::Share(0.0), "0 %"),
            (Value::Count(7), "7"),
            (Value::Probability(0.0412), "p = 0.0412"),
            (Value::Probability(3.14e-9), "p = 3.1e-9"),
        ] {
            assert_eq!(value.to_string(), text);
        }
    }
}
