//! A share of a whole.

use serde::Serialize;

/// From 0 to 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd, Serialize)]
#[serde(transparent)]
pub struct Share(f64);

impl Share {
    /// `None` unless it lies between 0 and 1.
    pub fn new(share: f64) -> Option<Self> {
        (0.0..=1.0).contains(&share).then_some(Self(share))
    }

    /// One in a hundred, so many times.
    ///
    /// # Panics
    /// Never at run time: more than 100 does not compile in a constant.
    pub const fn percent(percent: u8) -> Self {
        assert!(percent <= 100, "a share is at most 100 %");
        Self(percent as f64 / 100.0)
    }

    /// As a number from 0 to 1.
    pub const fn get(self) -> f64 {
        self.0
    }
}

/// Parses a share, such as `1%` or `0.01`.
pub fn share(text: &str) -> Result<Share, String> {
    let (number, whole) = text.strip_suffix('%').map_or((text, 1.0), |percent| (percent.trim_end(), 100.0));
    let share = number.parse::<f64>().ok().and_then(|number| Share::new(number / whole));
    share.ok_or_else(|| {
        format!("`{text}` is no share; write it between 0% and 100%, such as 1%, or as a number such as 0.01")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_written_in_percent_or_as_a_number() {
        for (text, number) in [("1%", 0.01), ("0.01", 0.01), ("100 %", 1.0), ("0", 0.0), ("0.5%", 0.005)] {
            assert!((share(text).unwrap().get() - number).abs() < 1e-12, "{text}");
        }
    }

    #[test]
    fn what_is_no_share_is_told_with_the_remedy() {
        for text in ["", "%", "101%", "1.01", "-1%", "NaN", "inf", "half", "1%%"] {
            assert!(share(text).unwrap_err().contains("such as 1%"), "{text}");
        }
    }
}
