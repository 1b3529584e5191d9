//! The alarm on Linux: one `timerfd`, registered with the runtime's poller.

use std::os::fd::OwnedFd;
use std::time::Instant;

use rustix::time::{
    Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create, timerfd_settime,
};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

/// A reusable timer that rings within tens of microseconds after the instant it is set to.
#[derive(Debug)]
pub struct Alarm {
    /// `None` when the process has no file descriptor left: the sleep is then late, not lost.
    timer: Option<AsyncFd<OwnedFd>>,
}

impl Alarm {
    /// Makes an alarm; it must be used on the tokio runtime that made it.
    pub fn new() -> Self {
        let flags = TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC;
        let timer = timerfd_create(TimerfdClockId::Monotonic, flags).ok();
        Self { timer: timer.and_then(registered) }
    }

    /// Waits until `deadline`; returns at once when it has passed. Dropping the future abandons the wait.
    pub async fn until(&mut self, deadline: Instant) {
        while let Some(left) = deadline.checked_duration_since(Instant::now()).filter(|left| !left.is_zero())
        {
            let Some(timer) = &self.timer else { return tokio::time::sleep(left).await };
            let once = Itimerspec {
                it_interval: Timespec { tv_sec: 0, tv_nsec: 0 },
                it_value: Timespec {
                    tv_sec: i64::try_from(left.as_secs()).unwrap_or(i64::MAX),
                    tv_nsec: left.subsec_nanos().into(),
                },
            };
            // Setting the timer also forgets an expiry that an abandoned wait left behind.
            if timerfd_settime(timer, TimerfdTimerFlags::empty(), &once).is_err() {
                return tokio::time::sleep(left).await;
            }
            let Ok(mut ready) = timer.readable().await else { return tokio::time::sleep(left).await };
            let mut expirations = [0u8; 8];
            let _ = ready.try_io(|fd| Ok(rustix::io::read(fd.get_ref(), &mut expirations)?));
        }
    }
}

#[expect(
    deprecated,
    reason = "the successor is an unsafe function; an OwnedFd keeps the promise that it asks for"
)]
fn registered(timer: OwnedFd) -> Option<AsyncFd<OwnedFd>> {
    AsyncFd::with_interest(timer, Interest::READABLE).ok()
}

impl Default for Alarm {
    fn default() -> Self {
        Self::new()
    }
}
