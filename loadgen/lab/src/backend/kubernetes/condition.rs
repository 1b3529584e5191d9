//! Conditions, as the API server tells them of pods and of what makes pods.

use serde::Deserialize;

/// One of them.
#[derive(Deserialize)]
pub(super) struct Condition {
    #[serde(rename = "type")]
    kind: String,
    status: String,
    /// Why it is so, for people.
    #[serde(default)]
    pub(super) message: String,
}

impl Condition {
    /// Whether it is the one of that `kind`, with that `status`: `True`, `False` or `Unknown`.
    pub(super) fn says(&self, kind: &str, status: &str) -> bool {
        self.kind == kind && self.status == status
    }
}
