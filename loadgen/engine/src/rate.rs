//! Arrivals per second. Owns the check that there are some.

use std::time::Duration;

/// An arrival rate: positive and finite.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Rate(f64);

/// More arrivals a second than this cannot be told apart in nanoseconds.
pub const HIGHEST: f64 = 1e8;

/// Something that is no rate.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[error("an arrival rate must be a positive number per second, not {0}")]
pub struct RateError(f64);

impl Rate {
    /// So many arrivals per second.
    pub fn per_second(arrivals: f64) -> Result<Self, RateError> {
        if arrivals.is_finite() && arrivals > 0.0 { Ok(Self(arrivals)) } else { Err(RateError(arrivals)) }
    }

    /// `ARRIVALS` per second.
    pub const fn of<const ARRIVALS: u32>() -> Self {
        const { assert!(ARRIVALS > 0, "a rate is positive") };
        Self(ARRIVALS as f64)
    }

    /// One arrival per `interval`; an error when that is zero.
    pub fn every(interval: Duration) -> Result<Self, RateError> {
        Self::per_second(interval.as_secs_f64().recip())
    }

    /// Arrivals per second.
    pub fn as_per_second(self) -> f64 {
        self.0
    }

    /// Seconds that `arrivals` of them take on average.
    pub(crate) fn seconds_for(self, arrivals: f64) -> f64 {
        arrivals / self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_positive_numbers_are_rates() {
        for wrong in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert!(Rate::per_second(wrong).is_err(), "{wrong}");
        }
        assert!(Rate::every(Duration::ZERO).is_err());
        assert_eq!(Rate::every(Duration::from_millis(250)), Rate::per_second(4.0));
    }
}
