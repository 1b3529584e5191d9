//! The alarm where there is no `timerfd`: tokio's timer, a millisecond late.

use std::time::Instant;

/// A reusable timer; see the Linux one for its contract.
#[derive(Debug, Default)]
pub struct Alarm;

impl Alarm {
    /// Makes an alarm.
    pub fn new() -> Self {
        Self
    }

    /// Waits until `deadline`; returns at once when it has passed.
    pub async fn until(&mut self, deadline: Instant) {
        tokio::time::sleep_until(deadline.into()).await;
    }
}
