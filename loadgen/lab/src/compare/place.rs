//! The step at which something changed, of either kind of report.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::step::{Count, Step};

/// A step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Place {
    /// Of the built-in sweep.
    Sweep(Step),
    /// Of a plan, by its name, such as `web=2 connections=16`.
    Plan(String),
}

impl Place {
    /// The step of the built-in sweep, if it is one.
    pub(super) fn step(&self) -> Option<Step> {
        match self {
            Self::Sweep(step) => Some(*step),
            Self::Plan(_) => None,
        }
    }

    /// What tells it from other steps: names, each with how much there was of it; `counts` are those of the built-in sweep.
    pub(super) fn labels(&self, counts: &[Count]) -> Vec<(String, String)> {
        match self {
            Self::Sweep(step) => {
                counts.iter().map(|(name, count)| ((*name).to_owned(), count(step).to_string())).collect()
            }
            Self::Plan(name) => {
                let amounts = name.split(' ').filter_map(|amount| amount.split_once('='));
                amounts.map(|(name, amount)| (name.to_owned(), amount.to_owned())).collect()
            }
        }
    }
}

impl From<Step> for Place {
    fn from(step: Step) -> Self {
        Self::Sweep(step)
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sweep(step) => step.fmt(f),
            Self::Plan(name) => f.write_str(name),
        }
    }
}
