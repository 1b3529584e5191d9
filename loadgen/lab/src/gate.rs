//! The gate: holds a concluded report to what was expected of it.

use crate::expect::Expectation;
use crate::plan::Plan;
use crate::report::{Outcome, Report};

/// Adds the expectations of `plan` that `report`, which is concluded, breaks. A sweep that was cut short is not judged.
pub fn hold_to_expectations(report: &mut Report, plan: &Plan) {
    let broken: Vec<String> = plan.expectations.iter().filter_map(|it| broken(it, report)).collect();
    let cut_short = matches!(report.conclusion.outcome, Outcome::BackendFailed | Outcome::Interrupted);
    if broken.is_empty() || cut_short {
        return;
    }
    report.conclusion.outcome = Outcome::ExpectationFailed;
    report.conclusion.reasons.extend(broken);
}

/// What of `report` breaks `expectation`, as a sentence; `None` if it holds.
fn broken(expectation: &Expectation, report: &Report) -> Option<String> {
    match expectation {
        Expectation::Bottleneck(expected) => {
            let found = report.conclusion.bottleneck.as_deref().unwrap_or("nothing");
            (found != expected).then(|| format!("expected the bottleneck {expected}, found {found}"))
        }
        Expectation::Model(tolerance) => report.steps.iter().find_map(|measured| {
            let deviation = measured.deviation_from_prediction?;
            (deviation.abs() > *tolerance).then(|| {
                format!(
                    "expected every step within {:.1} % of its prediction, but {} is {:+.1} % off",
                    tolerance * 100.0,
                    measured.step,
                    deviation * 100.0
                )
            })
        }),
    }
}
