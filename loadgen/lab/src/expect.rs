//! Expectations that turn a measurement into a gate.

use std::str::FromStr;

/// Something that must hold at the end of a sweep.
#[derive(Clone, Debug, PartialEq)]
pub enum Expectation {
    /// The service (or `workers`) that the last word names as the bottleneck.
    Bottleneck(String),
    /// Every step's throughput lies within this share of its prediction.
    Model(f64),
}

impl FromStr for Expectation {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let unknown = || format!("`{text}` is no expectation: write bottleneck=rng or model=2%");
        match text.split_once('=').ok_or_else(unknown)? {
            ("bottleneck", name) if !name.is_empty() => Ok(Self::Bottleneck(name.to_owned())),
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
    fn expectations_are_read_and_nonsense_is_told_how() {
        assert_eq!("bottleneck=rng".parse(), Ok(Expectation::Bottleneck("rng".into())));
        assert_eq!("model=2%".parse(), Ok(Expectation::Model(0.02)));
        for nonsense in ["", "rng", "bottleneck=", "model=2", "model=-1%", "p99<5ms"] {
            assert!(nonsense.parse::<Expectation>().unwrap_err().contains("model=2%"), "{nonsense}");
        }
    }
}
