//! Hashes per second from a counter that grows in steps: each worker reports about once a second, so two readings a second
//! apart may hold one report or two.

use std::collections::VecDeque;

/// Seconds of readings that a speed is computed from.
const WINDOW: f64 = 8.0;

/// Readings below which a speed would be a guess: two may hold one report of a worker or three.
const FEWEST: usize = 3;

/// The last readings of the counter.
#[derive(Clone, Debug, Default)]
pub(crate) struct Speed {
    readings: VecDeque<(f64, f64)>,
}

impl Speed {
    /// Takes a reading of the counter at `now`, in seconds. Returns the slope of the least-squares line through the
    /// readings (t, h) of the last seconds, Σ(t − t̄)(h − h̄) / Σ(t − t̄)², in hashes per second; nothing before the
    /// third reading. A counter that has shrunk was reset, and a clock that stands still was set: both start anew.
    pub(crate) fn take(&mut self, now: f64, hashes: f64) -> Option<f64> {
        if self.readings.back().is_some_and(|&(then, before)| now <= then || hashes < before) {
            self.readings.clear();
        }
        self.readings.push_back((now, hashes));
        while self.readings.front().is_some_and(|&(then, _)| then < now - WINDOW) {
            self.readings.pop_front();
        }
        self.slope()
    }

    fn slope(&self) -> Option<f64> {
        if self.readings.len() < FEWEST {
            return None;
        }
        let count = self.readings.len() as f64;
        let sums = self.readings.iter().fold((0.0, 0.0), |(t, h), reading| (t + reading.0, h + reading.1));
        let (mean_t, mean_h) = (sums.0 / count, sums.1 / count);
        let (mut covariance, mut variance) = (0.0, 0.0);
        for (t, h) in &self.readings {
            covariance += (t - mean_t) * (h - mean_h);
            variance += (t - mean_t).powi(2);
        }
        Some(covariance / variance)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_steady_counter_has_its_slope_and_two_readings_have_none() {
        let mut speed = Speed::default();
        assert_eq!(speed.take(1000.0, 50.0), None);
        assert_eq!(speed.take(1001.0, 53.0), None);
        for second in 2..30 {
            let seen = speed.take(1000.0 + f64::from(second), 50.0 + 3.0 * f64::from(second)).unwrap();
            assert!((seen - 3.0).abs() < 1e-9, "{seen}");
        }
    }

    #[test]
    fn steps_of_a_second_and_a_bit_are_smoothed() {
        // One worker, four hashes every 1.2 s.
        let mut speed = Speed::default();
        for second in 0_u8..60 {
            let hashes = (f64::from(second) / 1.2).floor() * 4.0;
            if let Some(seen) = speed.take(f64::from(second), hashes).filter(|_| second >= 8) {
                assert!((2.8..3.9).contains(&seen), "{seen} at {second}");
            }
        }
    }

    #[test]
    fn a_reset_starts_anew_instead_of_showing_a_negative_speed() {
        let mut speed = Speed::default();
        for second in 0..9 {
            speed.take(f64::from(second), 1000.0 + f64::from(second));
        }
        assert_eq!(speed.take(9.0, 0.0), None);
        speed.take(10.0, 5.0);
        assert_eq!(speed.take(11.0, 10.0), Some(5.0));
        assert_eq!(speed.take(11.0, 10.0), None);
    }

    #[test]
    fn old_readings_are_forgotten() {
        let mut speed = Speed::default();
        speed.take(0.0, 0.0);
        speed.take(100.0, 1_000_000.0);
        speed.take(101.0, 1_000_010.0);
        assert_eq!(speed.take(102.0, 1_000_020.0), Some(10.0));
    }
}
