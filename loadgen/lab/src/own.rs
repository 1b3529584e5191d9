//! What the lab itself uses of a CPU and is kept from: an instrument that is short of CPU measures itself.

use dockercoins_kit::contention::Contention;
use rustix::time::{ClockId, clock_gettime};

use crate::tape::Reading;

impl Reading {
    /// The process that calls this, read at `at`. Its CPU time is that of the calling thread, which the lab's runtime, its
    /// forwarders and its prober share.
    pub fn own(at: f64) -> Self {
        let used = clock_gettime(ClockId::ThreadCPUTime);
        let told = Contention::read();
        let seconds = |sum: Option<std::time::Duration>| sum.unwrap_or_default().as_secs_f64();
        Self {
            at,
            cpu: used.tv_sec as f64 + used.tv_nsec as f64 / 1e9,
            cpu_waited: seconds(told.waiting),
            cpu_throttled: seconds(told.throttled),
            cpu_pressure: seconds(told.pressure),
            cpu_stolen: seconds(told.stolen),
            ..Self::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_lab_computes_is_seen() {
        let before = Reading::own(0.0);
        let began_at = std::time::Instant::now();
        while Reading::own(0.0).cpu < before.cpu + 0.02 {
            assert!(began_at.elapsed().as_secs() < 30, "{before:?}");
        }
        assert!(Reading::own(1.0).cpu_waited >= before.cpu_waited);
    }
}
