//! A load that several processes send together. Owns which part of it is whose, so that the parts add up to exactly the whole.

use std::fmt;
use std::num::NonZeroUsize;
use std::str::FromStr;

/// One shard of a load: number `index` of `of`, counted from 0, as `0/3` on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    index: usize,
    of: NonZeroUsize,
}

/// What names no shard.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ShareError {
    /// Not in the form in which shards are written.
    #[error("expected K/N, such as 0/3 for the first of three")]
    Form,
    /// Beyond the last.
    #[error("there is no shard {index} of {of}: they count from 0, and the last is {}/{of}", .of.get() - 1)]
    Beyond {
        /// Asked for.
        index: usize,
        /// How many there are.
        of: NonZeroUsize,
    },
}

impl Share {
    /// All of the load.
    pub const WHOLE: Self = Self { index: 0, of: NonZeroUsize::MIN };

    /// Which of them it is, from 0.
    pub fn index(self) -> usize {
        self.index
    }

    /// How many there are.
    pub fn of(self) -> usize {
        self.of.get()
    }

    /// Whether others send something, too.
    pub fn is_part(self) -> bool {
        self != Self::WHOLE
    }

    /// Its part of `whole`; the first shards have one more where that cannot be divided.
    pub fn part(self, whole: usize) -> usize {
        whole / self.of + usize::from(self.index < whole % self.of)
    }

    /// [`Share::part`] of something that may be more than memory holds.
    pub fn part_of_count(self, whole: u64) -> u64 {
        let of = self.of() as u64;
        whole / of + u64::from((self.index as u64) < whole % of)
    }

    /// What is number `nth` in the shard, from 0, as it is numbered over all of them: every so manieth is its own.
    pub fn number(self, nth: u64) -> u64 {
        nth.wrapping_mul(self.of() as u64).wrapping_add(self.index as u64)
    }
}

impl Default for Share {
    fn default() -> Self {
        Self::WHOLE
    }
}

impl fmt::Display for Share {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}/{}", self.index, self.of)
    }
}

impl FromStr for Share {
    type Err = ShareError;

    fn from_str(text: &str) -> Result<Self, ShareError> {
        let (index, of) = text.split_once('/').ok_or(ShareError::Form)?;
        let number =
            |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?;
        let index = number(index).ok_or(ShareError::Form)?;
        let of = number(of).and_then(NonZeroUsize::new).ok_or(ShareError::Form)?;
        if index < of.get() { Ok(Self { index, of }) } else { Err(ShareError::Beyond { index, of }) }
    }
}

#[cfg(test)]
#[path = "share_tests.rs"]
mod tests;
