//! Replica counts as they are typed: `1`, `1..10`, several of them with commas between.

use std::fmt;
use std::str::FromStr;

/// More than this no machine room holds; it is also where the laws would take seconds.
pub(super) const MOST: usize = 10_000_000;

/// All counts from the first to the last, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counts {
    first: usize,
    last: usize,
}

impl Counts {
    /// How many there are.
    pub(super) fn len(self) -> usize {
        self.last - self.first + 1
    }

    /// Each of them.
    pub(super) fn each(self) -> impl Iterator<Item = usize> {
        self.first..=self.last
    }
}

impl FromStr for Counts {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (first, last) = text.split_once("..").unwrap_or((text, text));
        let count = |text: &str| text.trim().parse().ok().filter(|count| (1..=MOST).contains(count));
        match (count(first), count(last)) {
            (Some(first), Some(last)) if first <= last => Ok(Self { first, last }),
            _ => {
                Err(format!("`{text}` is no count: give whole numbers from 1 to {MOST}, such as 4 or 1..10"))
            }
        }
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.first == self.last {
            write!(f, "{}", self.first)
        } else {
            write!(f, "{}..{}", self.first, self.last)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_and_ranges_are_read() {
        let counts = |text: &str| text.parse::<Counts>().unwrap();
        assert_eq!(counts("4").each().collect::<Vec<_>>(), [4]);
        assert_eq!(counts("2..5").each().collect::<Vec<_>>(), [2, 3, 4, 5]);
        assert_eq!((counts("7..7").len(), counts("1..10000000").len()), (1, MOST));
        assert_eq!([counts("7..7"), counts("1..3")].map(|it| it.to_string()), ["7", "1..3"]);
    }

    #[test]
    fn what_is_no_count_is_told_how() {
        for nonsense in ["", "0", "-1", "ten", "5..2", "1..", "..3", "1.5", "10000001", "1..2..3"] {
            let complaint = nonsense.parse::<Counts>().unwrap_err();
            assert!(complaint.contains("1..10") && complaint.contains(nonsense), "{complaint}");
        }
    }
}
