//! Which parts of a divided load a report is about.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::bench::share::Share;

use super::seconds;

/// Shards of one load.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Shards {
    /// How many the load was divided into.
    pub of: usize,
    /// Those that are in the report, from 0, in order.
    pub which: Vec<usize>,
    /// From the start of the first of them to that of the last.
    #[serde(rename = "started_apart_s", with = "seconds")]
    pub started_apart: Duration,
}

impl Shards {
    /// That one; `None` if it is all of the load.
    pub(super) fn only(share: Share) -> Option<Self> {
        share.is_part().then(|| Self {
            of: share.of(),
            which: vec![share.index()],
            started_apart: Duration::ZERO,
        })
    }

    /// Whether nothing of the load is missing.
    pub fn is_whole(&self) -> bool {
        self.which.len() == self.of
    }

    /// One that is in both.
    pub fn common(&self, other: &Self) -> Option<usize> {
        self.which.iter().copied().find(|index| other.which.contains(index))
    }
}
