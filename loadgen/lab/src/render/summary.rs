//! What every kind of report has: how it ended, what it says in words, what it was held to, and where it comes from.

use super::words::headline;
use crate::provenance::Provenance;
use crate::report::{Outcome, Report};

/// All of it, as the report has it.
#[derive(Clone, Debug)]
pub(crate) struct Summary<'a> {
    pub(crate) outcome: Outcome,
    /// The verdict.
    pub(crate) sentence: &'a str,
    /// What else there is to say of it, each a clause or a sentence.
    pub(crate) points: &'a [String],
    /// Why the outcome is not `done`, each a sentence.
    pub(crate) reasons: &'a [String],
    /// What was expected, and whether it held.
    pub(crate) expectations: Vec<(String, bool)>,
    pub(crate) program: &'a str,
    pub(crate) provenance: Option<&'a Provenance>,
    pub(crate) cpus: usize,
    pub(crate) started_at_unix_seconds: f64,
    pub(crate) duration_seconds: f64,
}

impl Summary<'_> {
    /// The verdict in a few words.
    pub(crate) fn headline(&self) -> &str {
        headline(self.sentence)
    }
}

/// That of a sweep.
pub(super) fn of_sweep(report: &Report) -> Summary<'_> {
    Summary {
        outcome: report.conclusion.outcome,
        sentence: &report.conclusion.sentence,
        points: &report.conclusion.advice,
        reasons: &report.conclusion.reasons,
        expectations: report.expectations.iter().map(|it| (it.expectation.clone(), it.held)).collect(),
        program: &report.program,
        provenance: report.provenance.as_ref(),
        cpus: report.cpus,
        started_at_unix_seconds: report.started_at_unix_seconds,
        duration_seconds: report.duration_seconds,
    }
}
