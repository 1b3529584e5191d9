//! From steps to a report: points, verdict, predictions, expectations, one sentence.

use std::time::Duration;

use super::capacity::{Amounts, Prediction};
use super::elasticity::{Figure, Point};
use super::judge::{Names, Verdict, judge};
use super::plan::{Clients, Expectation, Plan, Step};
use super::report::{Conclusion, Observation, StepReport};
use crate::backend::ProbeObservation;
use crate::expect::Expected;
use crate::laws::units::{Seconds, Throughput};
use crate::report::Outcome;

/// What cut the sweep short.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum CutShort {
    Interrupted,
    Failed(String),
}

/// Probes that a service may leave unanswered, of all of them.
const MOST_UNANSWERED: f64 = 0.1;

/// Everything that measured steps say.
pub(super) struct Concluded {
    pub(super) steps: Vec<StepReport>,
    pub(super) verdict: Verdict,
    pub(super) prediction: Option<Prediction>,
    /// Of all steps together.
    pub(super) expectations: Vec<Expected>,
    pub(super) conclusion: Conclusion,
}

/// Concludes from what was `seen` at the first steps of `plan`, one at least.
pub(super) fn conclude(plan: &Plan, seen: Vec<Observation>, cut_short: Option<CutShort>) -> Concluded {
    let points: Vec<Point> =
        plan.steps.iter().zip(&seen).map(|(step, seen)| point(plan, step, seen)).collect();
    let (all, load) = names(plan);
    let probed: Vec<bool> = (0..plan.services.len()).map(|index| plan.is_probed(index)).collect();
    let mut verdict =
        judge(&points, Names { all: &all, load, closed: plan.clients.is_closed_loop(), probed: &probed });
    let prediction = Prediction::new(plan, &points[0]);
    if let Some(prediction) = &prediction {
        hold_to_capacities(plan, prediction, &points, &mut verdict);
    }
    hold_to_answers(plan, &seen, &all, &mut verdict);
    let mut steps = steps(plan, seen, prediction.as_ref());
    let bottleneck = verdict.culprit.map(|what| all[what].as_str());
    let expectations =
        if cut_short.is_none() { hold_to_expectations(plan, &mut steps, bottleneck) } else { Vec::new() };
    let ended = match cut_short {
        Some(CutShort::Interrupted) => (Outcome::Interrupted, vec![measured(plan, &steps)]),
        Some(CutShort::Failed(why)) => (Outcome::BackendFailed, vec![why, measured(plan, &steps)]),
        None => ended(&steps, &expectations, &verdict),
    };
    let conclusion = conclusion(plan, &steps[verdict.step].name, &verdict, bottleneck, ended);
    Concluded { steps, verdict, prediction, expectations, conclusion }
}

/// Services and, if it sends, the load generator's amount behind them; the place of the load among them.
fn names(plan: &Plan) -> (Vec<String>, Option<usize>) {
    let mut all: Vec<String> = plan.services.iter().map(|service| service.name.clone()).collect();
    let load = match plan.clients {
        Clients::Service(index) => Some(index),
        Clients::Connections | Clients::Rate => {
            all.push(plan.clients_name().to_owned());
            Some(all.len() - 1)
        }
        Clients::Unknown => None,
    };
    (all, load)
}

fn point(plan: &Plan, step: &Step, seen: &Observation) -> Point {
    let mut amounts: Vec<Option<f64>> =
        step.replicas.iter().map(|count| count.map(|count| count as f64)).collect();
    if matches!(plan.clients, Clients::Connections | Clients::Rate) {
        amounts.push(step.load);
    }
    let load = plan.load(step);
    let cycle = match plan.clients {
        Clients::Service(_) | Clients::Connections => load.map(|load| load / seen.throughput_per_second),
        Clients::Rate => seen.response.map(|response| response.mean_seconds),
        Clients::Unknown => None,
    };
    let wait =
        |probe: &ProbeObservation| Figure { mean: probe.mean_seconds, half_width: probe.half_width_seconds };
    Point {
        amounts,
        load,
        cycle,
        throughput: Figure {
            mean: seen.throughput_per_second,
            half_width: seen.throughput_half_width_per_second,
        },
        waits: seen.probes.iter().map(|probe| probe.as_ref().map(wait)).collect(),
    }
}

/// What the capacities say of the culprit is evidence, or a contradiction.
fn hold_to_capacities(plan: &Plan, prediction: &Prediction, points: &[Point], verdict: &mut Verdict) {
    let step = &plan.steps[verdict.step];
    let replicas = plan.replicas(step);
    let amounts = Amounts { replicas: &replicas, load: plan.load(step) };
    let name = |what: usize| plan.services.get(what).map(|service| service.name.as_str());
    match (verdict.culprit, prediction.bottleneck(amounts)) {
        (Some(seen), Some(given)) if name(seen) != Some(&given) => {
            verdict.culprit = None;
            verdict.doubts = vec![format!(
                "by the capacities given it would have to be {given}, which is not what was seen: correct the `capacity`"
            )];
        }
        (Some(seen), _) => {
            let throughput = points[verdict.step].throughput.mean;
            let busy = name(seen).and_then(|name| prediction.busy(name, amounts, throughput));
            verdict.evidence.extend(busy.map(|busy| format!("by its capacity it is {busy} busy")));
        }
        _ => {}
    }
}

/// A service that leaves probes unanswered may be the one that limits, whatever those wait that it does answer. What makes the
/// step less certain may be why nothing can be told.
fn hold_to_answers(plan: &Plan, seen: &[Observation], names: &[String], verdict: &mut Verdict) {
    let judged = &seen[verdict.step];
    let silent =
        |what: &usize| plan.is_probed(*what) && Some(*what) != verdict.culprit && is_silent(judged, *what);
    if let (Some(_), Some(what)) = (verdict.culprit, (0..plan.services.len()).find(silent)) {
        verdict.culprit = None;
        verdict.doubts = vec![format!(
            "{0} leaves probes unanswered, and what it does with requests then is not known: mend that, or scale {0} in a step",
            names[what]
        )];
    }
    if verdict.culprit.is_none() {
        verdict.doubts.extend(judged.caveats.iter().cloned());
    }
}

fn is_silent(seen: &Observation, service: usize) -> bool {
    seen.probes[service].as_ref().is_none_or(|probe| {
        probe.unanswered as f64 > MOST_UNANSWERED * (probe.answered + probe.unanswered) as f64
    })
}

fn steps(plan: &Plan, seen: Vec<Observation>, prediction: Option<&Prediction>) -> Vec<StepReport> {
    let first = seen.first().map_or(1.0, |seen| seen.throughput_per_second);
    let step = |(step, seen): (&Step, Observation)| {
        let (replicas, load) = (plan.replicas(step), plan.load(step));
        let amounts = Amounts { replicas: &replicas, load };
        let predicted = prediction.and_then(|prediction| prediction.throughput(amounts));
        StepReport {
            name: plan.name(step),
            speed_up: seen.throughput_per_second / first,
            predicted_throughput_per_second: predicted,
            deviation_from_prediction: predicted
                .map(|predicted| seen.throughput_per_second / predicted - 1.0),
            expectations: Vec::new(),
            replicas,
            load,
            seen,
        }
    };
    plan.steps.iter().zip(seen).map(step).collect()
}

/// What the verdict about `step` comes to, if the sweep has `ended` like that.
fn conclusion(
    plan: &Plan,
    step: &str,
    verdict: &Verdict,
    bottleneck: Option<&str>,
    (outcome, reasons): (Outcome, Vec<String>),
) -> Conclusion {
    let because = verdict.evidence.first().map_or("", String::as_str);
    let sentence = match bottleneck {
        Some(name) if name == plan.clients_name() => {
            format!("The limit is the load itself: at {step} {because}.")
        }
        Some(name) => format!("The bottleneck is {name}: at {step} {because}."),
        None => format!("What limits {} at {step} cannot be told.", plan.application),
    };
    Conclusion {
        outcome,
        step: bottleneck.map(|_| step.to_owned()),
        bottleneck: bottleneck.map(str::to_owned),
        sentence,
        evidence: verdict.evidence.clone(),
        reasons,
    }
}

fn measured(plan: &Plan, steps: &[StepReport]) -> String {
    format!("{} of {} steps were measured", steps.len(), plan.steps.len())
}

/// How a whole sweep ended: an expectation that does not hold outweighs a verdict that is missing.
fn ended(steps: &[StepReport], of_all: &[Expected], verdict: &Verdict) -> (Outcome, Vec<String>) {
    let held_to = steps.iter().flat_map(|step| &step.expectations).chain(of_all);
    let broken: Vec<String> = held_to.filter_map(|it| it.why.clone()).collect();
    match (broken.is_empty(), verdict.culprit) {
        (false, _) => (Outcome::ExpectationFailed, broken),
        (true, None) => (Outcome::Inconclusive, verdict.doubts.clone()),
        (true, Some(_)) => (Outcome::Done, Vec::new()),
    }
}

/// Holds each step to what was expected of it; what came of the expectations of all steps together.
fn hold_to_expectations(plan: &Plan, steps: &mut [StepReport], bottleneck: Option<&str>) -> Vec<Expected> {
    for (step, report) in plan.steps.iter().zip(steps) {
        report.expectations = step.expectations.iter().map(|it| expected(plan, it, report)).collect();
    }
    of_bottleneck(plan, bottleneck).into_iter().collect()
}

/// Whether the `bottleneck` is the expected one; `None` where none is expected, or none was found.
fn of_bottleneck(plan: &Plan, bottleneck: Option<&str>) -> Option<Expected> {
    let (expected, found) = plan.bottleneck.as_deref().zip(bottleneck)?;
    let why = (expected != found).then(|| format!("expected the bottleneck {expected}, found {found}"));
    Some(Expected { expectation: format!("bottleneck={expected}"), held: why.is_none(), why })
}

/// Whether a step is as it was expected.
fn expected(plan: &Plan, expectation: &Expectation, report: &StepReport) -> Expected {
    let why = broken(plan, expectation, report);
    Expected { expectation: plan.written(expectation), held: why.is_none(), why }
}

/// What of a step breaks `expectation`, as a sentence; `None` if it holds.
fn broken(plan: &Plan, expectation: &Expectation, report: &StepReport) -> Option<String> {
    let (seen, name) = (&report.seen, &report.name);
    match expectation {
        Expectation::Throughput(least) => (seen.throughput_per_second < *least).then(|| {
            let seen = Throughput(seen.throughput_per_second);
            format!("expected throughput>={least} at {name}, found {seen:.2}")
        }),
        Expectation::P99 { of, below } => {
            let (whose, p99) = match of {
                None => ("p99".to_owned(), seen.response.map(|response| response.p99_seconds)),
                Some(index) => {
                    let probe = seen.probes.get(*index).and_then(Option::as_ref);
                    (format!("{}.p99", plan.services[*index].name), probe.map(|probe| probe.p99_seconds))
                }
            };
            exceeded(&whose, p99, *below, name)
        }
    }
}

fn exceeded(whose: &str, p99: Option<f64>, below: Duration, name: &str) -> Option<String> {
    let found = match p99 {
        Some(p99) if p99 < below.as_secs_f64() => return None,
        Some(p99) => Seconds(p99).to_string(),
        None => "no answer".to_owned(),
    };
    Some(format!("expected {whose}<{} at {name}, found {found}", humantime::format_duration(below)))
}

#[cfg(test)]
#[path = "conclude_tests.rs"]
pub(super) mod tests;
