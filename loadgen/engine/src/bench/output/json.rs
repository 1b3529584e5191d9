//! The report for programs. Its keys are those of [`Report`] as it is serialised.

use crate::bench::report::Report;

pub(super) fn render(report: &Report) -> String {
    match serde_json::to_string_pretty(report) {
        Ok(text) => text + "\n",
        // Its maps have strings as keys, and a histogram has room in memory: there is nothing that could fail.
        Err(error) => format!("{{\"error\": {:?}}}\n", error.to_string()),
    }
}
