//! When a run starts, if that was said. Owns the reading of such an instant, working out the next round one, and whether it is
//! not too late for it.

use std::str::FromStr;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// A run of unknown length may be so late: long enough for a machine that was slow to start, too short for yesterday.
const LATE_AT_MOST: Duration = Duration::from_secs(60);

/// When to start, as it was typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// Then.
    At(StartAt),
    /// When the time of day, in Unix seconds, is the next multiple of this: machines with the same time of day agree on it
    /// without a word, unless one asks before such an instant and another after it.
    Next(Duration),
}

/// The instant at which the schedule starts, on all machines that share a load.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StartAt(SystemTime);

/// What makes no instant to start at.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StartError {
    /// Not in a form in which instants are written.
    #[error(
        "expected a time such as 2026-11-21T16:00:00Z, 2026-11-21T16:00:00.5+01:00 or 1795276800.5, or next:15s"
    )]
    Form,
    /// The part after `next:`.
    #[error("`{0}` is no duration; write it with its unit, such as next:15s, and longer than nothing")]
    Next(String),
    /// The run would be over.
    #[error("--start-at was {} ago, when the run would have been over: give a later time", humantime::format_duration(Duration::from_secs(.0.as_secs())))]
    Over(Duration),
}

impl Start {
    /// As an instant, if it was asked for `now`.
    pub fn after(self, now: SystemTime) -> Result<StartAt, StartError> {
        let multiple = match self {
            Self::At(at) => return Ok(at),
            Self::Next(multiple) => multiple,
        };
        let nanos = now.duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
        let left = multiple.as_nanos() - nanos % multiple.as_nanos();
        let ahead = u64::try_from(left).map(Duration::from_nanos).ok();
        ahead.and_then(|ahead| now.checked_add(ahead)).map(StartAt).ok_or(StartError::Form)
    }
}

impl StartAt {
    /// An error when a run of this length that started then would be over `now`.
    ///
    /// One that is only late begins at once: what was due meanwhile is sent late, and counted from when it was due.
    pub fn check(self, now: SystemTime, length: Option<Duration>) -> Result<(), StartError> {
        let late = now.duration_since(self.0).unwrap_or_default();
        if late > length.unwrap_or(LATE_AT_MOST) { Err(StartError::Over(late)) } else { Ok(()) }
    }

    /// As a time of day.
    pub fn time(self) -> SystemTime {
        self.0
    }

    /// As an instant of the clock that measures; `None` beyond what that can express.
    pub fn instant(self) -> Option<Instant> {
        let (now, time) = (Instant::now(), SystemTime::now());
        match self.0.duration_since(time) {
            Ok(ahead) => now.checked_add(ahead),
            Err(late) => now.checked_sub(late.duration()),
        }
    }
}

impl FromStr for Start {
    type Err = StartError;

    fn from_str(text: &str) -> Result<Self, StartError> {
        match text.strip_prefix("next:") {
            Some(multiple) => next(multiple).ok_or_else(|| StartError::Next(multiple.to_owned())),
            None => text.parse().map(Self::At),
        }
    }
}

/// A year is more than anybody waits for, and few enough nanoseconds.
const LONGEST: Duration = Duration::from_secs(365 * 24 * 3600);

fn next(multiple: &str) -> Option<Start> {
    let multiple = humantime::parse_duration(multiple).ok()?;
    (!multiple.is_zero() && multiple <= LONGEST).then_some(Start::Next(multiple))
}

impl FromStr for StartAt {
    type Err = StartError;

    fn from_str(text: &str) -> Result<Self, StartError> {
        unix_seconds(text).or_else(|| rfc3339(text)).map(Self).ok_or(StartError::Form)
    }
}

/// Digits, and perhaps a fraction.
fn unix_seconds(text: &str) -> Option<SystemTime> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !(digits(whole) && digits(fraction)) {
        return None;
    }
    let nanos: u32 = format!("{fraction:0<9.9}").parse().ok()?;
    UNIX_EPOCH.checked_add(Duration::new(whole.parse().ok()?, nanos))
}

/// A time of day with its distance from UTC, which is `Z` or as `+01:00`.
fn rfc3339(text: &str) -> Option<SystemTime> {
    if let Ok(time) = humantime::parse_rfc3339(&text.to_ascii_uppercase()) {
        return Some(time);
    }
    let (local, offset) = text.split_at_checked(text.len().checked_sub(6)?)?;
    let local = humantime::parse_rfc3339(&format!("{}Z", local.to_ascii_uppercase())).ok()?;
    let (hours, minutes) = offset.get(1..)?.split_once(':')?;
    let two = |text: &str, most| {
        let number = (text.len() == 2 && text.is_ascii()).then(|| text.parse::<u64>().ok()).flatten();
        number.filter(|number| *number <= most)
    };
    let offset_by = Duration::from_secs(two(hours, 23)? * 3600 + two(minutes, 59)? * 60);
    match offset.as_bytes()[0] {
        b'+' => local.checked_sub(offset_by),
        b'-' => local.checked_add(offset_by),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(seconds: f64) -> StartAt {
        StartAt(UNIX_EPOCH + Duration::from_secs_f64(seconds))
    }

    #[test]
    fn instants_are_read_as_they_are_written() {
        for (text, seconds) in [
            ("0", 0.0),
            ("1795276800", 1_795_276_800.0),
            ("1795276800.25", 1_795_276_800.25),
            ("2026-11-21T16:00:00Z", 1_795_276_800.0),
            ("2026-11-21t16:00:00.5z", 1_795_276_800.5),
            ("2026-11-21T17:30:00.5+01:30", 1_795_276_800.5),
            ("2026-11-21T11:00:00-05:00", 1_795_276_800.0),
        ] {
            assert_eq!(text.parse(), Ok(at(seconds)), "{text}");
        }
    }

    #[test]
    fn what_is_no_instant_is_refused() {
        for text in [
            "",
            "now",
            "-5",
            "+5",
            "1e9",
            "5.",
            ".5",
            "16:00:00",
            "2026-11-21",
            "2026-11-21T16:00:00",
            "2026-11-21T16:00:00+1:00",
            "2026-11-21T16:00:00+24:00",
            "2026-11-21T16:00:00*01:00",
            "99999999999999999999",
        ] {
            assert_eq!(text.parse::<StartAt>(), Err(StartError::Form), "{text}");
        }
    }

    #[test]
    fn the_next_round_instant_is_the_same_for_all_who_ask_between_two_of_them() {
        let after = |text: &str, seconds: f64| {
            text.parse::<Start>().unwrap().after(UNIX_EPOCH + Duration::from_secs_f64(seconds))
        };
        for (text, now, then) in [
            ("next:15s", 1_795_276_800.0, 1_795_276_815.0),
            ("next:15s", 1_795_276_800.5, 1_795_276_815.0),
            ("next:15s", 1_795_276_814.5, 1_795_276_815.0),
            ("next:1m", 1_795_276_814.5, 1_795_276_860.0),
            ("next:250ms", 1000.125, 1000.25),
            ("1795276800.25", 5.0, 1_795_276_800.25),
        ] {
            assert_eq!(after(text, now), Ok(at(then)), "{text} at {now}");
        }
    }

    #[test]
    fn what_comes_next_needs_a_duration() {
        for text in ["next:", "next:0s", "next:15", "next:soon", "next:-5s", "next:2years"] {
            let complaint = text.parse::<Start>().unwrap_err().to_string();
            assert!(
                complaint.contains(&text["next:".len()..]) && complaint.contains("next:15s"),
                "{complaint}"
            );
        }
        assert_eq!("next".parse::<Start>(), Err(StartError::Form));
    }

    #[test]
    fn a_run_that_would_be_over_does_not_start_and_one_that_is_late_does() {
        let second = Duration::from_secs(1);
        let now = UNIX_EPOCH + 1000 * second;
        for (seconds, length, fine) in [
            (2000.0, Some(10 * second), true),
            (991.0, Some(10 * second), true),
            (989.0, Some(10 * second), false),
            (950.0, None, true),
            (930.0, None, false),
        ] {
            assert_eq!(at(seconds).check(now, length).is_ok(), fine, "{seconds} {length:?}");
        }
        let error = at(0.0).check(now, None).unwrap_err().to_string();
        assert!(error.contains("16m 40s ago"), "{error}");
    }

    proptest! {
        #[test]
        fn no_text_makes_the_parser_panic(text in ".{0,30}|[0-9T:.Z+-]{0,30}|2026-11-21T16:00:00.{0,8}|next:[0-9a-z]{0,12}") {
            let _ = text.parse::<Start>();
        }
    }
}
