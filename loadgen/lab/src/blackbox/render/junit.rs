//! The report as `JUnit` XML: a suite for each step with a case for its throughput, the load generator's answers and each service
//! that is probed, and one for the sweep. A case fails where an expectation does.

use super::rows::probed;
use super::summary;
use crate::blackbox::report::{Report, StepReport};
use crate::junit::{Case, Ended, Suite, document};
use crate::laws::units::Seconds;
use crate::render::junit::{Achieved, of_whole, outcome};
use crate::render::words::{date, or_blank, wait};

/// The cases of a plan.
pub(super) fn junit(report: &Report) -> String {
    let mut suites: Vec<Suite> = report.steps.iter().map(|step| of_step(report, step)).collect();
    let summary = summary(report);
    let measured = report.steps.iter().map(|step| step.seen.window_seconds).sum();
    suites.push(of_whole(&summary, measured, vec![outcome(&summary)]));
    document("lab", &date(report.started_at_unix_seconds), &suites)
}

fn of_step(report: &Report, step: &StepReport) -> Suite {
    let mut cases = vec![throughput(report, step)];
    cases.extend(response(step));
    cases.extend(probed(report).into_iter().map(|(index, service)| waiting(step, index, service)));
    Suite { name: step.name.clone(), seconds: step.seen.window_seconds, cases }
}

fn throughput(report: &Report, step: &StepReport) -> Case {
    let achieved = Achieved {
        unit: &report.unit,
        throughput: step.seen.throughput_per_second,
        half_width: step.seen.throughput_half_width_per_second,
        predicted: step.predicted_throughput_per_second,
        deviation: step.deviation_from_prediction,
    };
    achieved.case(broken(step, "throughput>="))
}

fn response(step: &StepReport) -> Option<Case> {
    let response = step.seen.response?;
    let [mean, p99] = [response.mean_seconds, response.p99_seconds].map(Seconds);
    let ended = broken(step, "p99<").map_or(Ended::Passed, Ended::Failed);
    Some(Case { name: "response time".into(), ended, said: format!("{mean} in the mean, p99 {p99}") })
}

fn waiting(step: &StepReport, index: usize, service: &str) -> Case {
    let name = format!("wait for {service}").into();
    let broken = broken(step, &format!("{service}.p99<"));
    match (broken, step.probe(index)) {
        (Some(why), probe) => Case { name, ended: Ended::Failed(why), said: or_blank(probe, wait) },
        (None, Some(probe)) => {
            Case { name, ended: Ended::Passed, said: format!("a probe takes {}", wait(probe)) }
        }
        (None, None) => {
            let ended = Ended::Skipped("no probe was answered".to_owned());
            Case { name, ended, said: String::new() }
        }
    }
}

/// How the first expectation does not hold that begins with `what`.
fn broken(step: &StepReport, what: &str) -> Option<String> {
    step.expectations.iter().filter(|it| it.expectation.starts_with(what)).find_map(|it| it.why.clone())
}
