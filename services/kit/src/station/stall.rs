//! Periodic stalls: instants at which a whole replica falls silent, as in a collection of garbage or a compaction.

use std::time::{Duration, Instant};

use serde::{Serialize, Serializer};

use crate::settings::as_milliseconds;

/// Nothing is answered for `length`, once in `every`: the n-th stall begins exactly n times `every` after they were set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Stall {
    /// From one beginning to the next; `None` for no stalls, and never zero.
    #[serde(rename = "stall_every_ms", serialize_with = "as_milliseconds_or_null")]
    pub every: Option<Duration>,
    /// How long each of them takes: less than `every`.
    #[serde(rename = "stall_for_ms", serialize_with = "as_milliseconds")]
    pub length: Duration,
}

#[expect(clippy::ref_option, reason = "the signature that serde asks for")]
fn as_milliseconds_or_null<S: Serializer>(time: &Option<Duration>, serializer: S) -> Result<S::Ok, S::Error> {
    match time {
        Some(time) => as_milliseconds(time, serializer),
        None => serializer.serialize_none(),
    }
}

impl Stall {
    /// No stalls; once some are asked for, they take a second.
    pub const NONE: Self = Self { every: None, length: Duration::from_secs(1) };

    /// Whether there is time between the stalls.
    pub(super) fn leaves_time(self) -> bool {
        self.every.is_none_or(|every| self.length < every)
    }

    /// When that which is due at `due` is answered, with stalls that were set at `set_at`: at the end of the stall that
    /// `due` falls into, if there is one. Whatever arrives in a stall and is due later than its end is not held up.
    pub(super) fn release(self, set_at: Instant, due: Instant) -> Instant {
        let Some(every) = self.every else { return due };
        let elapsed = due.saturating_duration_since(set_at);
        if elapsed < every {
            return due;
        }
        let into = remainder(elapsed, every);
        due + self.length.saturating_sub(into)
    }
}

/// What is left of `elapsed` after as many whole `every` as there are in it.
fn remainder(elapsed: Duration, every: Duration) -> Duration {
    let nanos = elapsed.as_nanos() % every.as_nanos().max(1);
    // Less than `every`, which itself is at most a day.
    Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    const STALL: Stall = Stall { every: Some(Duration::from_secs(10)), length: Duration::from_secs(1) };

    #[test]
    fn what_is_due_in_a_stall_is_answered_at_its_end_and_the_rest_when_due() {
        let set_at = Instant::now();
        let answered_ms =
            |due| (STALL.release(set_at, set_at + Duration::from_millis(due)) - set_at).as_millis();
        for (due, answered) in [
            (0, 0),
            (500, 500),
            (9_999, 9_999),
            (10_000, 11_000),
            (10_300, 11_000),
            (10_999, 11_000),
            (11_000, 11_000),
            (19_999, 19_999),
            (20_000, 21_000),
            // After a day, not a nanosecond has been lost.
            (86_400_000, 86_401_000),
            (86_401_001, 86_401_001),
        ] {
            assert_eq!(answered_ms(due), answered, "due at {due} ms");
        }
    }

    #[test]
    fn without_stalls_everything_is_answered_when_due() {
        let due = Instant::now() + Duration::from_secs(10);
        assert_eq!(Stall::NONE.release(Instant::now(), due), due);
    }

    #[test]
    fn a_stall_that_never_ends_is_none() {
        assert!(STALL.leaves_time() && Stall::NONE.leaves_time());
        assert!(!Stall { length: Duration::from_secs(10), ..STALL }.leaves_time());
    }
}
