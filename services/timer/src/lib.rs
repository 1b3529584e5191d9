//! Sleeping until an instant, to tens of microseconds.
//!
//! tokio's own timer rounds up to its millisecond wheel, so a 100 ms service time would last 101.2 ms. This crate owns
//! the one remedy: an [`Alarm`] is a kernel timer (`timerfd`) that the runtime polls like a socket. Elsewhere than on
//! Linux it falls back to tokio's timer and its lateness.

use std::time::Instant;

#[cfg(target_os = "linux")]
mod timerfd;
#[cfg(target_os = "linux")]
pub use timerfd::Alarm;

#[cfg(not(target_os = "linux"))]
mod wheel;
#[cfg(not(target_os = "linux"))]
pub use wheel::Alarm;

/// Sleeps until `deadline` with an alarm made for this one sleep; a loop keeps its own [`Alarm`] instead.
pub async fn sleep_until(deadline: Instant) {
    Alarm::new().until(deadline).await;
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[tokio::test]
    async fn an_alarm_never_rings_early_and_can_be_set_again() {
        let mut alarm = Alarm::new();
        for wait in [0, 1, 5, 2] {
            let deadline = Instant::now() + Duration::from_millis(wait);
            alarm.until(deadline).await;
            assert!(Instant::now() >= deadline);
        }
    }

    #[tokio::test]
    async fn an_abandoned_sleep_does_not_ring_into_the_next_one() {
        let mut alarm = Alarm::new();
        let soon = Instant::now() + Duration::from_millis(2);
        let _ = tokio::time::timeout(Duration::from_millis(1), alarm.until(soon)).await;
        let later = Instant::now() + Duration::from_millis(20);
        alarm.until(later).await;
        assert!(Instant::now() >= later);
    }
}
