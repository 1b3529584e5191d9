//! The report for programs. Its keys are those of the report as it is serialised; `loadgen/lab/SCHEMA.md` documents those of a
//! sweep, of a comparison and of an A/B, `loadgen/PLANS.md` those of a plan.

use serde::Serialize;

/// The report as JSON; ends with a line break.
pub(crate) fn json(report: &impl Serialize) -> String {
    match serde_json::to_string_pretty(report) {
        Ok(text) => text + "\n",
        // Every map in it has strings as its keys, and nothing in it fails to be serialised.
        Err(error) => format!("{{\"error\": {:?}}}\n", error.to_string()),
    }
}
