//! The report for programs. Its keys are those of [`Report`] as it is serialised; `loadgen/lab/SCHEMA.md` documents them.

use crate::report::Report;

/// The report as JSON; ends with a line break.
pub fn json(report: &Report) -> String {
    match serde_json::to_string_pretty(report) {
        Ok(text) => text + "\n",
        // It has no map, whose keys could be no strings, and nothing in it fails to be serialised.
        Err(error) => format!("{{\"error\": {:?}}}\n", error.to_string()),
    }
}
