//! What the load generator itself needed. Owns reading it for the thread that asks.

use std::fs::read_to_string;
use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};

/// A thread's use of a CPU since it was first asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Time that passed.
    pub elapsed: Duration,
    /// Time on a CPU.
    pub cpu: Duration,
    /// Time in which it wanted a CPU and had none; zero where the system does not tell.
    pub run_queue: Duration,
}

/// Where a thread's use is counted from.
#[derive(Debug)]
pub(super) struct Meter {
    began_at: Instant,
    cpu: Duration,
    run_queue: Duration,
}

impl Meter {
    /// Counts from now on, in this thread.
    pub(super) fn start() -> Self {
        Self { began_at: Instant::now(), cpu: cpu(), run_queue: run_queue() }
    }

    /// What this thread, which must be the one that started it, has used since.
    pub(super) fn read(&self) -> Usage {
        Usage {
            elapsed: self.began_at.elapsed(),
            cpu: cpu().saturating_sub(self.cpu),
            run_queue: run_queue().saturating_sub(self.run_queue),
        }
    }
}

impl Usage {
    /// The share (0 to 1) of the time in which it was on a CPU.
    pub fn utilisation(&self) -> f64 {
        share(self.cpu, self.elapsed)
    }

    /// The share (0 to 1) of the time in which it was on a CPU or wanted to be.
    pub fn demand(&self) -> f64 {
        share(self.cpu + self.run_queue, self.elapsed)
    }
}

fn share(part: Duration, of: Duration) -> f64 {
    if of.is_zero() { 0.0 } else { (part.as_secs_f64() / of.as_secs_f64()).min(1.0) }
}

fn cpu() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    let seconds = u64::try_from(time.tv_sec).unwrap_or_default();
    Duration::new(seconds, u32::try_from(time.tv_nsec).unwrap_or_default())
}

/// The second number of Linux' schedstat: nanoseconds spent waiting on a run queue.
fn run_queue() -> Duration {
    let nanos = read_to_string("/proc/thread-self/schedstat")
        .ok()
        .and_then(|text| text.split_whitespace().nth(1)?.parse().ok());
    Duration::from_nanos(nanos.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_busy_thread_is_seen_to_be_busy_and_an_idle_one_idle() {
        let meter = Meter::start();
        let began_at = Instant::now();
        while meter.read().cpu < Duration::from_millis(20) {
            assert!(began_at.elapsed() < Duration::from_secs(20), "{:?}", meter.read());
        }
        let usage = meter.read();
        assert!(usage.demand() >= usage.utilisation() && usage.utilisation() > 0.0);
        let meter = Meter::start();
        std::thread::sleep(Duration::from_millis(50));
        assert!(meter.read().utilisation() < 0.5, "{:?}", meter.read());
    }
}
