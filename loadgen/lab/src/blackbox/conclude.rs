//! From steps to a report: points, verdict, predictions, expectations, one sentence.

use std::time::Duration;

use super::capacity::Prediction;
use super::elasticity::{Figure, Point};
use super::judge::{Names, Verdict, judge};
use super::plan::{Clients, Expectation, Plan, Step};
use super::report::{Conclusion, Observation, StepReport};
use crate::backend::ProbeObservation;
use crate::laws::units::{Seconds, Throughput};
use crate::report::Outcome;

/// What cut the sweep short.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum CutShort {
    Interrupted,
    Failed(String),
}

/// Everything that measured steps say.
pub(super) struct Concluded {
    pub(super) steps: Vec<StepReport>,
    pub(super) verdict: Verdict,
    pub(super) conclusion: Conclusion,
}

/// Concludes from what was `seen` at the first steps of `plan`, one at least.
pub(super) fn conclude(plan: &Plan, seen: Vec<Observation>, cut_short: Option<CutShort>) -> Concluded {
    let points: Vec<Point> =
        plan.steps.iter().zip(&seen).map(|(step, seen)| point(plan, step, seen)).collect();
    let (all, load) = names(plan);
    let closed = matches!(plan.clients, Clients::Service(_) | Clients::Connections);
    let probed: Vec<bool> =
        plan.services.iter().map(|it| it.probe.is_some() && plan.probe_rate > 0.0).collect();
    let mut verdict = judge(&points, Names { all: &all, load, closed, probed: &probed });
    let prediction = Prediction::new(plan, &points[0]);
    if let Some(prediction) = &prediction {
        hold_to_capacities(plan, prediction, &points, &mut verdict);
    }
    let steps = steps(plan, seen, prediction.as_ref());
    let conclusion = conclusion(plan, &steps, &verdict, &all, cut_short);
    Concluded { steps, verdict, conclusion }
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
fn hold_to_capacities(plan: &Plan, prediction: &Prediction<'_>, points: &[Point], verdict: &mut Verdict) {
    let step = &plan.steps[verdict.step];
    let by_capacity = prediction.bottleneck(step);
    match (verdict.culprit, by_capacity) {
        (Some(seen), Some(given)) if seen != given => {
            let name = &plan.services[given].name;
            verdict.culprit = None;
            verdict.doubts = vec![format!(
                "by the capacities given it would have to be {name}, which is not what was seen: correct the `capacity`"
            )];
        }
        (Some(seen), _) => {
            let busy = prediction.busy(seen, step, points[verdict.step].throughput.mean);
            verdict.evidence.extend(busy.map(|busy| format!("by its capacity it is {busy} busy")));
        }
        _ => {}
    }
}

fn steps(plan: &Plan, seen: Vec<Observation>, prediction: Option<&Prediction<'_>>) -> Vec<StepReport> {
    let first = seen.first().map_or(1.0, |seen| seen.throughput_per_second);
    let step = |(step, seen): (&Step, Observation)| {
        let predicted = prediction.and_then(|prediction| prediction.throughput(step));
        let counts = plan.services.iter().zip(&step.replicas);
        StepReport {
            name: plan.name(step),
            replicas: counts.filter_map(|(service, count)| Some((service.name.clone(), (*count)?))).collect(),
            load: plan.load(step),
            speed_up: seen.throughput_per_second / first,
            predicted_throughput_per_second: predicted,
            deviation_from_prediction: predicted
                .map(|predicted| seen.throughput_per_second / predicted - 1.0),
            seen,
        }
    };
    plan.steps.iter().zip(seen).map(step).collect()
}

fn conclusion(
    plan: &Plan,
    steps: &[StepReport],
    verdict: &Verdict,
    names: &[String],
    cut_short: Option<CutShort>,
) -> Conclusion {
    let bottleneck = verdict.culprit.map(|what| names[what].clone());
    let step = &steps[verdict.step].name;
    let because = verdict.evidence.first().map_or("", String::as_str);
    let sentence = match &bottleneck {
        Some(name) if name == plan.clients_name() => {
            format!("The limit is the load itself: at {step} {because}.")
        }
        Some(name) => format!("The bottleneck is {name}: at {step} {because}."),
        None => format!("What limits {} at {step} cannot be told.", plan.application),
    };
    let (outcome, reasons) = match cut_short {
        Some(CutShort::Interrupted) => (Outcome::Interrupted, vec![measured(plan, steps)]),
        Some(CutShort::Failed(why)) => (Outcome::BackendFailed, vec![why, measured(plan, steps)]),
        None => ended(plan, steps, verdict, bottleneck.as_deref()),
    };
    Conclusion {
        outcome,
        step: bottleneck.is_some().then(|| step.clone()),
        bottleneck,
        sentence,
        evidence: verdict.evidence.clone(),
        reasons,
    }
}

fn measured(plan: &Plan, steps: &[StepReport]) -> String {
    format!("{} of {} steps were measured", steps.len(), plan.steps.len())
}

/// How a whole sweep ended: an expectation that does not hold outweighs a verdict that is missing.
fn ended(
    plan: &Plan,
    steps: &[StepReport],
    verdict: &Verdict,
    bottleneck: Option<&str>,
) -> (Outcome, Vec<String>) {
    let pairs = plan.steps.iter().zip(steps);
    let mut broken: Vec<String> = pairs
        .flat_map(|(step, report)| step.expectations.iter().filter_map(|it| broken(plan, it, report)))
        .collect();
    if let (Some(expected), Some(found)) = (&plan.bottleneck, bottleneck)
        && expected != found
    {
        broken.push(format!("expected the bottleneck {expected}, found {found}"));
    }
    match (broken.is_empty(), bottleneck) {
        (false, _) => (Outcome::ExpectationFailed, broken),
        (true, None) => (Outcome::Inconclusive, verdict.doubts.clone()),
        (true, Some(_)) => (Outcome::Done, Vec::new()),
    }
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
