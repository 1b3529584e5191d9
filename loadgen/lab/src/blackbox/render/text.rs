//! The report as text for a terminal.

use std::fmt::Write;

use super::notes;
use super::rows::{header, row};
use crate::blackbox::report::Report;
use crate::render::text::{reasons, table};

/// The whole report; ends with a line break.
pub(super) fn text(report: &Report) -> String {
    let mut text =
        format!("{}: {} of {} steps.\n\n", report.application, report.steps.len(), report.steps_planned);
    let rows = report.steps.iter().map(|step| row(report, step));
    let _ = writeln!(text, "{}\n", table(header(report), rows));
    for note in notes::notes(report) {
        let _ = writeln!(text, "{note}");
    }
    if !text.ends_with("\n\n") {
        text.push('\n');
    }
    text.push_str(&conclusion(report));
    text
}

fn conclusion(report: &Report) -> String {
    let conclusion = &report.conclusion;
    let mut text = format!("{}\n", conclusion.sentence);
    for clause in conclusion.evidence.iter().skip(1) {
        let _ = writeln!(text, "  {clause}");
    }
    text + &reasons(conclusion.outcome, &conclusion.reasons)
}
