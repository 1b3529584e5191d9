//! What was expected of a run, and what became of it.

use serde::{Deserialize, Serialize};

/// An expectation, as it was typed, and whether it held.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Expected {
    /// As it was typed.
    pub expectation: String,
    /// Whether it held.
    pub held: bool,
    /// What it was held against.
    pub measured: String,
}
