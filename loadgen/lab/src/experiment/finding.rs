//! What an experiment has found, whichever it was.

use serde::{Deserialize, Serialize};

use super::autoscale::Autoscale;
use super::kill::Kill;
use super::probes::Probes;
use super::rolling_update::RollingUpdate;
use super::sticky::Sticky;

/// The `experiment` of the JSON report; its `name` says which.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "name", rename_all = "kebab-case")]
pub enum Finding {
    /// A replica died.
    Kill(Kill),
    /// A new version rolled out.
    RollingUpdate(RollingUpdate),
    /// Connections were kept while rng was scaled.
    Sticky(Sticky),
    /// Liveness was asked for where requests queue.
    Probes(Probes),
    /// An autoscaler answered a load step, or did not.
    Autoscale(Autoscale),
}

impl Finding {
    /// What it comes to, in one sentence.
    pub fn sentence(&self) -> String {
        match self {
            Self::Kill(found) => found.sentence(),
            Self::RollingUpdate(found) => found.sentence(),
            Self::Sticky(found) => found.sentence(),
            Self::Probes(found) => found.sentence(),
            Self::Autoscale(found) => found.sentence(),
        }
    }

    /// What to do about it, each a sentence.
    pub fn advice(&self) -> Vec<String> {
        match self {
            Self::Kill(_) => Vec::new(),
            Self::RollingUpdate(found) => found.advice(),
            Self::Sticky(found) => found.advice(),
            Self::Probes(found) => found.advice(),
            Self::Autoscale(found) => found.advice(),
        }
    }

    /// Why it is no answer, each a clause; none if it is one.
    pub fn doubts(&self) -> Vec<String> {
        match self {
            Self::Kill(found) => found.doubts(),
            Self::RollingUpdate(found) => found.doubts(),
            Self::Sticky(found) => found.doubts(),
            Self::Probes(found) => found.doubts(),
            Self::Autoscale(_) => Vec::new(),
        }
    }
}
