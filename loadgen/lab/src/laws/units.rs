//! The units that the laws are written in, and the few products and quotients of them that the laws need.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, Div, Mul, Sub};
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Events per second: hashes, cycles or requests.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd, Serialize)]
#[serde(transparent)]
pub struct Throughput(pub f64);

/// The share of a station's capacity that is busy: 1 is all of it.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd, Serialize)]
#[serde(transparent)]
pub struct Utilisation(pub f64);

/// A length of time in seconds.
///
/// The laws subtract measured times from each other and divide by throughputs. Such a difference may come out below
/// zero, which is a finding (and would panic in a [`Duration`]), and a quotient may be infinite.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Seconds(pub f64);

impl From<Duration> for Seconds {
    fn from(duration: Duration) -> Self {
        Self(duration.as_secs_f64())
    }
}

impl Add for Seconds {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl Sub for Seconds {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

impl Sum for Seconds {
    fn sum<I: Iterator<Item = Self>>(times: I) -> Self {
        times.fold(Self(0.0), Add::add)
    }
}

impl Mul<Seconds> for f64 {
    type Output = Seconds;

    fn mul(self, time: Seconds) -> Seconds {
        Seconds(self * time.0)
    }
}

impl Div<f64> for Seconds {
    type Output = Self;

    fn div(self, parts: f64) -> Self {
        Self(self.0 / parts)
    }
}

/// How many times one length of time holds the other.
impl Div for Seconds {
    type Output = f64;

    fn div(self, other: Self) -> f64 {
        self.0 / other.0
    }
}

impl Div<Seconds> for f64 {
    type Output = Throughput;

    fn div(self, time: Seconds) -> Throughput {
        Throughput(self / time.0)
    }
}

/// The events of that length of time.
impl Mul<Seconds> for Throughput {
    type Output = f64;

    fn mul(self, time: Seconds) -> f64 {
        self.0 * time.0
    }
}

impl fmt::Display for Throughput {
    /// `10.0/s`; a precision sets the decimals.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.*}/s", f.precision().unwrap_or(1), self.0)
    }
}

impl fmt::Display for Utilisation {
    /// `98 %`; a precision sets the decimals.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.*} %", f.precision().unwrap_or(0), self.0 * 100.0)
    }
}

impl fmt::Display for Seconds {
    /// `400 µs`, `17 ms`, `1.25 s`; a precision sets the decimals.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (scaled, unit, decimals) = match self.0.abs() {
            0.0 => (0.0, "s", 0),
            size if size < 1e-3 => (self.0 * 1e6, "µs", 0),
            size if size < 1.0 => (self.0 * 1e3, "ms", 0),
            _ => (self.0, "s", 2),
        };
        write!(f, "{scaled:.*} {unit}", f.precision().unwrap_or(decimals))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_print_as_people_write_them() {
        assert_eq!(Throughput(10.0).to_string(), "10.0/s");
        assert_eq!(format!("{:.2}", Throughput(100.0 / 9.0)), "11.11/s");
        assert_eq!(Utilisation(0.98).to_string(), "98 %");
        assert_eq!(Seconds(0.0).to_string(), "0 s");
        assert_eq!(Seconds(0.000_4).to_string(), "400 µs");
        assert_eq!(Seconds(0.016_67).to_string(), "17 ms");
        assert_eq!(format!("{:.1}", Seconds(-0.016_67)), "-16.7 ms");
        assert_eq!(Seconds(1.25).to_string(), "1.25 s");
    }

    #[test]
    fn units_are_bare_numbers_in_json() {
        let json = serde_json::to_string(&(Throughput(2.5), Utilisation(0.5), Seconds(0.25))).unwrap();
        assert_eq!(json, "[2.5,0.5,0.25]");
    }

    #[test]
    fn a_duration_becomes_its_seconds() {
        assert_eq!(Seconds::from(Duration::from_millis(250)), Seconds(0.25));
    }
}
