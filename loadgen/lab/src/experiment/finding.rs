//! What an experiment has found, whichever it was.

use serde::Serialize;

use super::kill::Kill;
use crate::step::Step;

/// The `experiment` of the JSON report; its `name` says which.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "name", rename_all = "kebab-case")]
pub enum Finding {
    /// A replica died.
    Kill(Kill),
}

impl Finding {
    /// What it comes to, in one sentence.
    pub fn sentence(&self) -> String {
        match self {
            Self::Kill(found) => found.sentence(),
        }
    }

    /// What to do about it, each a sentence.
    pub fn advice(&self) -> Vec<String> {
        match self {
            Self::Kill(_) => Vec::new(),
        }
    }

    /// Why it is no answer, each a clause; none if it is one.
    pub fn doubts(&self) -> Vec<String> {
        match self {
            Self::Kill(found) => found.doubts(),
        }
    }

    /// The replicas that it is about.
    pub fn step(&self) -> Option<Step> {
        match self {
            Self::Kill(found) => Some(found.step),
        }
    }
}
