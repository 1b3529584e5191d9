//! The report in the forms that people and programs read. What it says is fixed before anything here runs.

mod experiment;
mod text;

pub use text::text;

use crate::report::Report;

/// The report as JSON, for programs; see [`Report`] for the names and their units.
pub fn json(report: &Report) -> Result<String, serde_json::Error> {
    serde_json::to_string_pretty(report)
}
