//! Waiting for conditions. Owns the polling, so that no story waits for a fixed time and hopes.

use std::thread;
use std::time::{Duration, Instant};

const BETWEEN_ATTEMPTS: Duration = Duration::from_millis(10);
const BETWEEN_READINGS: Duration = Duration::from_millis(60);
const EQUAL_READINGS: usize = 5;

/// Returns the first value `attempt` yields; panics with `what` once `within` is over.
pub(crate) fn eventually<T>(what: &str, within: Duration, mut attempt: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + within;
    loop {
        if let Some(value) = attempt() {
            return value;
        }
        assert!(Instant::now() < deadline, "not within {within:?}: {what}");
        thread::sleep(BETWEEN_ATTEMPTS);
    }
}

/// Returns a reading once it has stopped changing.
pub(crate) fn settled<T: PartialEq>(what: &str, within: Duration, mut read: impl FnMut() -> T) -> T {
    let (mut last, mut equal) = (read(), 1);
    eventually(what, within, || {
        thread::sleep(BETWEEN_READINGS);
        let now = read();
        equal = if now == last { equal + 1 } else { 1 };
        last = now;
        (equal >= EQUAL_READINGS).then_some(())
    });
    last
}
