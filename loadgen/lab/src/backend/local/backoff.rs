//! How long to wait before a replica that has ended by itself is started again.

use std::time::Duration;

const SHORTEST: Duration = Duration::from_millis(100);
const LONGEST: Duration = Duration::from_secs(5);
/// A replica that ran this long counts as having been healthy.
const HEALTHY: Duration = Duration::from_secs(10);

/// Counts the ends in a row that came too soon.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Backoff {
    ends: u32,
}

impl Backoff {
    /// The pause after an end that came `ready_for` after readiness (zero if it never was ready): 100 ms, doubled with
    /// each end in a row up to 5 s.
    pub(super) fn after(&mut self, ready_for: Duration) -> Duration {
        if ready_for >= HEALTHY {
            self.ends = 0;
        }
        let pause = SHORTEST.saturating_mul(2u32.saturating_pow(self.ends)).min(LONGEST);
        self.ends = self.ends.saturating_add(1);
        pause
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pauses(ready_for: &[u64]) -> Vec<u128> {
        let mut backoff = Backoff::default();
        ready_for.iter().map(|seconds| backoff.after(Duration::from_secs(*seconds)).as_millis()).collect()
    }

    #[test]
    fn the_pause_doubles_up_to_five_seconds() {
        assert_eq!(pauses(&[0; 8]), [100, 200, 400, 800, 1600, 3200, 5000, 5000]);
        assert_eq!(pauses(&[0; 100])[99], 5000);
    }

    #[test]
    fn ten_healthy_seconds_reset_it() {
        assert_eq!(pauses(&[0, 9, 10, 0]), [100, 200, 100, 200]);
    }
}
