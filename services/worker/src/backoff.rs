//! How long to wait before the next try: exponential, with jitter, so that workers that failed together do not come back
//! together.

use std::time::Duration;

/// The most that is waited after the first failure.
const FIRST: Duration = Duration::from_millis(100);

/// The most that is ever waited.
const LONGEST: Duration = Duration::from_secs(2);

/// The waits of one run of failures.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Backoff {
    failures: u32,
}

impl Backoff {
    /// The wait after failure k (from 0) is c/2 · (1 + `jitter`) with c = min(100 ms · 2^k, 2 s) and `jitter` even in
    /// [0, 1): "equal jitter", at least 50 ms, at most 2 s.
    pub(crate) fn next(&mut self, jitter: f64) -> Duration {
        let doublings = self.failures.min(16);
        self.failures = self.failures.saturating_add(1);
        let ceiling = (FIRST * 2_u32.pow(doublings)).min(LONGEST);
        ceiling.mul_f64(0.5 * (1.0 + jitter))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_longest() {
        for (jitter, expected) in
            [(0.0, [50, 100, 200, 400, 800, 1000, 1000]), (0.5, [75, 150, 300, 600, 1200, 1500, 1500])]
        {
            let mut backoff = Backoff::default();
            let waits = expected.map(|_| backoff.next(jitter).as_millis());
            assert_eq!(waits, expected, "jitter {jitter}");
        }
    }

    #[test]
    fn no_number_of_failures_overflows() {
        let mut backoff = Backoff { failures: u32::MAX };
        assert_eq!(backoff.next(0.0), LONGEST / 2);
        assert_eq!(backoff.next(0.0), LONGEST / 2);
    }
}
