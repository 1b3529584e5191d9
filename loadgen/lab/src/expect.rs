//! Expectations that turn a measurement into a gate.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Something that must hold at the end of a sweep.
#[derive(Clone, Debug, PartialEq)]
pub enum Expectation {
    /// What the last word names as the bottleneck: one of [`BOTTLENECKS`].
    Bottleneck(&'static str),
    /// Every step's throughput lies within this share of its prediction.
    Model(f64),
}

/// What can be a bottleneck, as [`Limit::name`](crate::verdict::Limit::name) has it.
pub const BOTTLENECKS: [&str; 10] = [
    "rng",
    "hasher",
    "store",
    "workers",
    "dispatch",
    "throttling",
    "host CPU",
    "lab",
    "machine",
    "dark time",
];

/// The bottleneck that is meant: names of two words may be written with a hyphen, and Redis is the store.
fn bottleneck(text: &str) -> Result<&'static str, String> {
    let words = text.trim().replace(['-', '_'], " ");
    let is = |name: &&str| name.eq_ignore_ascii_case(if words == "redis" { "store" } else { &words });
    BOTTLENECKS.into_iter().find(is).ok_or_else(|| {
        let names: Vec<String> =
            BOTTLENECKS.iter().map(|name| name.to_lowercase().replace(' ', "-")).collect();
        format!("`{text}` is no bottleneck: write bottleneck=NAME with one of {}", names.join(", "))
    })
}

/// An expectation that a sweep was held to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Expected {
    /// As one types it.
    pub expectation: String,
    /// Whether it held.
    pub held: bool,
    /// How it did not, as a sentence; `None` if it held.
    pub why: Option<String>,
}

impl fmt::Display for Expectation {
    /// As one types it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bottleneck(name) => write!(f, "bottleneck={}", name.to_lowercase().replace(' ', "-")),
            // A share of 0.07 is 7 %, whatever its last bit says.
            Self::Model(share) => write!(f, "model={}%", (share * 1e6).round() / 1e4),
        }
    }
}

impl FromStr for Expectation {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let unknown = || format!("`{text}` is no expectation: write bottleneck=rng or model=2%");
        match text.split_once('=').ok_or_else(unknown)? {
            ("bottleneck", name) if !name.is_empty() => bottleneck(name).map(Self::Bottleneck),
            ("model", share) => {
                let percent = share.strip_suffix('%').and_then(|share| share.trim().parse::<f64>().ok());
                percent
                    .filter(|percent| *percent > 0.0)
                    .map(|percent| Self::Model(percent / 100.0))
                    .ok_or_else(unknown)
            }
            _ => Err(unknown()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expectation_is_written_as_it_is_typed() {
        for typed in ["bottleneck=rng", "model=2%", "model=7%", "model=0.5%"] {
            assert_eq!(typed.parse::<Expectation>().unwrap().to_string(), typed);
        }
    }

    #[test]
    fn expectations_are_read_and_nonsense_is_told_how() {
        assert_eq!("bottleneck=rng".parse(), Ok(Expectation::Bottleneck("rng")));
        assert_eq!("model=2%".parse(), Ok(Expectation::Model(0.02)));
        for nonsense in ["", "rng", "bottleneck=", "model=2", "model=-1%", "p99<5ms"] {
            assert!(nonsense.parse::<Expectation>().unwrap_err().contains("model=2%"), "{nonsense}");
        }
    }

    #[test]
    fn every_limit_can_be_expected_however_its_name_is_written() {
        for (text, name) in [
            ("dark-time", "dark time"),
            ("dark time", "dark time"),
            ("host-cpu", "host CPU"),
            ("host_CPU", "host CPU"),
            ("redis", "store"),
            ("throttling", "throttling"),
        ] {
            assert_eq!(format!("bottleneck={text}").parse(), Ok(Expectation::Bottleneck(name)));
        }
    }

    #[test]
    fn a_name_that_no_limit_has_is_refused_with_those_that_there_are() {
        let complaint = "bottleneck=rgn".parse::<Expectation>().unwrap_err();
        assert!(complaint.contains("`rgn`") && complaint.contains("rng, hasher, store"), "{complaint}");
    }
}
