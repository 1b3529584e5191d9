//! The gate: holds a concluded report to what was expected of it.

use crate::expect::{Expectation, Expected};
use crate::plan::Plan;
use crate::report::{Outcome, Report, StepReport};

/// Holds `report`, which is concluded, to the expectations of `plan`. A sweep that was cut short is not judged.
pub fn hold_to_expectations(report: &mut Report, plan: &Plan) {
    if matches!(report.conclusion.outcome, Outcome::BackendFailed | Outcome::Interrupted) {
        return;
    }
    report.expectations = plan.expectations.iter().map(|it| expected(it, report)).collect();
    let broken: Vec<String> = report.expectations.iter().filter_map(|it| it.why.clone()).collect();
    if !broken.is_empty() {
        report.conclusion.outcome = Outcome::ExpectationFailed;
        report.conclusion.reasons.extend(broken);
    }
}

fn expected(expectation: &Expectation, report: &Report) -> Expected {
    let why = broken(expectation, report);
    Expected { expectation: expectation.to_string(), held: why.is_none(), why }
}

/// What of `report` breaks `expectation`, as a sentence; `None` if it holds.
fn broken(expectation: &Expectation, report: &Report) -> Option<String> {
    match expectation {
        Expectation::Bottleneck(expected) => {
            let found = report.conclusion.bottleneck.as_deref().unwrap_or("nothing");
            (found != *expected).then(|| format!("expected the bottleneck {expected}, found {found}"))
        }
        Expectation::Model(_) => {
            report.steps.iter().find_map(|measured| expectation.broken_by_throughput(measured))
        }
    }
}

impl Expectation {
    /// How the throughput of one step breaks it, as a sentence; `None` if it does not, or is about something else.
    pub fn broken_by_throughput(&self, measured: &StepReport) -> Option<String> {
        let Self::Model(tolerance) = self else { return None };
        let deviation = measured.deviation_from_prediction?;
        (deviation.abs() > *tolerance).then(|| {
            format!(
                "expected every step within {:.1} % of its prediction, but {} is {:+.1} % off",
                tolerance * 100.0,
                measured.step,
                deviation * 100.0
            )
        })
    }
}
