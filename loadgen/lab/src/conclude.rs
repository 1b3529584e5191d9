//! From the steps to one sentence, what to do next, and how the sweep ended. Pure functions of the report so far.

use crate::backend::Service;
use crate::calibrate::Calibration;
use crate::confirm::Confirmation;
use crate::laws::bounds::Model;
use crate::laws::units::Throughput;
use crate::observation::ServiceObservation;
use crate::plan::Plan;
use crate::remedy;
use crate::report::{Conclusion, Outcome, Report, StepReport};
use crate::step::Step;
use crate::verdict::{Limit, sticky};

/// An interval wider than this share of the mean says too little.
const WIDEST: f64 = 0.05;

/// Replica counts of the bottleneck that advice looks ahead to.
const LOOK_AHEAD: usize = 64;

/// A replica that adds a smaller share of throughput than this is not worth it.
const LEAST_GAIN: f64 = 0.01;

/// Throughput that falls short of its prediction by more than this share is kept back by something.
const KEPT_BACK: f64 = 0.05;

/// What `report` comes to, unless it was `cut_short` by something.
pub fn conclude(report: &Report, plan: &Plan, cut_short: Option<(Outcome, String)>) -> Conclusion {
    let decisive = decisive(&report.steps);
    let verdict = decisive.and_then(|step| step.verdict.as_ref());
    let mut conclusion = Conclusion {
        outcome: Outcome::Done,
        bottleneck: verdict.map(|verdict| verdict.limit.name().to_owned()),
        step: decisive.map(|step| step.step),
        sentence: decisive.map_or_else(|| "Nothing was measured.".to_owned(), sentence),
        advice: decisive
            .zip(report.calibration.as_ref())
            .map_or_else(Vec::new, |(step, times)| advice(step, &report.steps, times, plan)),
        reasons: Vec::new(),
    };
    conclusion.reasons = doubts(report);
    if !conclusion.reasons.is_empty() {
        conclusion.outcome = Outcome::Inconclusive;
    }
    if let Some((outcome, reason)) = cut_short {
        conclusion.outcome = outcome;
        conclusion.reasons.insert(0, reason);
    }
    conclusion
}

/// The step that a sweep is about: the one where a service is full with the most workers, and the fewest replicas of
/// it; else the last one.
pub fn decisive(steps: &[StepReport]) -> Option<&StepReport> {
    let full =
        |it: &&StepReport| it.verdict.as_ref().is_some_and(|it| matches!(it.limit, Limit::Service { .. }));
    let most_workers = steps.iter().filter(full).map(|it| it.step.workers).max();
    let candidates = steps.iter().filter(full).filter(|it| Some(it.step.workers) == most_workers);
    candidates.min_by_key(|it| (it.step.rng, it.step.hasher)).or_else(|| steps.last())
}

fn sentence(step: &StepReport) -> String {
    let Some(verdict) = &step.verdict else { return format!("At {} there is no verdict.", step.step) };
    let evidence = verdict.evidence.join(", ");
    match &verdict.limit {
        Limit::Service { service, software: true } => {
            format!("The bottleneck is {service}, in software: at {} {evidence}.", step.step)
        }
        Limit::Service { service, software: false } => {
            format!("The bottleneck is {service}: at {} {evidence}.", step.step)
        }
        Limit::Workers => {
            format!("The workers are the limit, no service is full: at {} {evidence}.", step.step)
        }
        Limit::Dispatch { cause } => {
            format!("Dispatch is the limit{}: at {} {evidence}.", remedy::blamed(*cause), step.step)
        }
        Limit::Throttling { service } => {
            format!("The CPU quota of {service} is the limit: at {} {evidence}.", step.step)
        }
        Limit::HostCpu => format!("The CPUs of the host are the limit: at {} {evidence}.", step.step),
        Limit::Lab => format!("The lab itself is the limit: at {} {evidence}.", step.step),
        Limit::Machine => {
            format!("The machine is the limit, no service is full: at {} {evidence}.", step.step)
        }
        Limit::DarkTime => format!("There is dark time: at {} {evidence}.", step.step),
    }
}

fn advice(at: &StepReport, steps: &[StepReport], times: &Calibration, plan: &Plan) -> Vec<String> {
    let clients = plan.clients(at.step);
    let model = times.model(at.step);
    match at.verdict.as_ref().map(|verdict| &verdict.limit) {
        Some(Limit::Service { service: service @ (Service::Rng | Service::Hasher), .. }) => {
            let mut advice = vec![scaling(times, at.step, *service, clients)];
            advice.extend(kept_back(steps, at.step, *service));
            advice.extend(in_turn(times, at.step, *service, clients));
            if let Some(knee) = model.knee() {
                let workers = (knee / plan.setup.concurrency as f64).round().max(1.0);
                let now = count_of(at.step, *service);
                advice.push(format!(
                    "With {service}={now}, workers past worker={workers:.0} only wait longer."
                ));
            }
            advice
        }
        Some(Limit::Workers) => {
            let Some(knee) = model.knee() else {
                return vec!["More workers help: no service limits how many it serves at once.".to_owned()];
            };
            // Several loops a worker come in leaps: the next worker may be the one that fills it.
            let workers = (knee / plan.setup.concurrency as f64).floor().max((at.step.workers + 1) as f64);
            let most = Throughput(model.bound(clients).0 * knee / clients as f64);
            let name = model.bottleneck().map_or("rng", |station| station.name.as_str());
            vec![format!(
                "More workers help, up to about worker={workers:.0} and {most}; then {name} is full."
            )]
        }
        Some(limit) => remedy::remedy(*limit, at, &model).into_iter().collect(),
        None => Vec::new(),
    }
}

/// `rng=2 gives 20.0/s, rng=3 gives 30.0/s; past rng=4 the 10 workers are the limit, at 33.2/s.`
fn scaling(times: &Calibration, step: Step, service: Service, clients: usize) -> String {
    let model = |count| times.model(scaled(step, service, count));
    let now = count_of(step, service);
    let (mut gains, mut reached) = (Vec::new(), model(now).throughput(clients));
    for count in now + 1..=now + LOOK_AHEAD {
        let next = model(count).throughput(clients);
        if next.0 <= reached.0 * (1.0 + LEAST_GAIN) {
            let last = count - 1;
            let gained =
                if gains.is_empty() { format!("More {service} alone buys nothing") } else { listed(&gains) };
            let limit = limit_of(&model(count), step, clients);
            return format!("{gained}; past {service}={last} {limit}, at {reached}.");
        }
        gains.push(format!("{service}={count} gives {next}"));
        reached = next;
    }
    format!("{}, and so on.", gains[..gains.len().min(4)].join(", "))
}

/// All of a few; the first and the last of many.
fn listed(gains: &[String]) -> String {
    match gains {
        [first, second, _, .., last] if gains.len() > 4 => format!("{first}, {second}, …, {last}"),
        few => few.join(", "),
    }
}

/// What bounds `model`.
fn limit_of(model: &Model, step: Step, clients: usize) -> String {
    let full = model.knee().is_some_and(|knee| knee < clients as f64);
    match model.bottleneck().filter(|_| full) {
        Some(station) => format!("{} is the limit", station.name),
        None if step.workers == 1 => "the one worker is the limit".to_owned(),
        None => format!("the {} workers are the limit", step.workers),
    }
}

/// Where more replicas were measured, and something kept requests from using them or them from working.
fn kept_back(steps: &[StepReport], at: Step, service: Service) -> Option<String> {
    let more = |it: &&StepReport| {
        it.step.workers == at.workers && count_of(it.step, service) > count_of(at, service)
    };
    let falls_short =
        |it: &&StepReport| it.deviation_from_prediction.is_none_or(|deviation| deviation < -KEPT_BACK);
    let by_else = |it: &StepReport| {
        let limit = it.verdict.as_ref()?.limit;
        let expected = matches!(limit, Limit::Service { .. } | Limit::Workers | Limit::DarkTime);
        (!expected).then_some(limit)
    };
    let candidates = steps.iter().filter(more).filter(falls_short);
    let (measured, limit) = candidates.filter_map(|it| Some((it, by_else(it)?))).next_back()?;
    let throughput = Throughput(measured.seen.throughput_per_second);
    if !matches!(limit, Limit::Dispatch { .. }) {
        return Some(format!(
            "But not as it is: {} gave {throughput}, limited by {}.",
            measured.step,
            limit.name()
        ));
    }
    let seen = measured.seen.service(service);
    let stuck = seen.and_then(ServiceObservation::stuck_to).map(sticky);
    let slow =
        seen.and_then(ServiceObservation::slow_replica).map(|slow| format!("{} is slow", slow.replica));
    let why = stuck.or(slow).map_or_else(String::new, |why| format!(", since {why}"));
    Some(format!("But only with better dispatch: as it is, {} gave {throughput}{why}.", measured.step))
}

/// Where replicas are chosen at random: what the next two would give otherwise.
fn in_turn(times: &Calibration, step: Step, service: Service, clients: usize) -> Option<String> {
    let now = count_of(step, service);
    let model = |count| times.model(scaled(step, service, count));
    let [next, one_more] = [now + 1, now + 2].map(|count| (count, model(count).bound(clients)));
    (model(next.0).throughput(clients) < next.1).then(|| {
        format!(
            "Each request goes to a replica at random; with dispatch in turn {service}={} would give {}, {service}={} {}.",
            next.0, next.1, one_more.0, one_more.1
        )
    })
}

fn count_of(step: Step, service: Service) -> usize {
    if service == Service::Hasher { step.hasher } else { step.rng }
}

fn scaled(step: Step, service: Service, count: usize) -> Step {
    match service {
        Service::Hasher => Step { hasher: count, ..step },
        _ => Step { rng: count, ..step },
    }
}

fn doubts(report: &Report) -> Vec<String> {
    let mut doubts: Vec<String> = report.steps.iter().flat_map(doubts_of_step).collect();
    if let Some(confirmation) = report.confirmation.as_ref().filter(|confirmation| !confirmation.confirmed) {
        doubts.push(unconfirmed(confirmation));
    }
    doubts
}

fn doubts_of_step(measured: &StepReport) -> Vec<String> {
    let step = measured.step;
    let mut doubts = Vec::new();
    if measured.verdict.is_none() {
        doubts.push(format!("at {step} there is no verdict, since not every replica could be read"));
    }
    if measured.verdict.as_ref().is_some_and(|verdict| verdict.limit == Limit::DarkTime) {
        let dark = measured.seen.dark_time_share * 100.0;
        doubts
            .push(format!("at {step} Little's law does not close: {dark:.1} % of the workers' time is dark"));
    }
    if measured.verdict.as_ref().is_some_and(|verdict| verdict.limit == Limit::Lab) {
        doubts.push(format!("at {step} the lab was short of CPU: what it measured there is its own doing"));
    }
    let mean = measured.seen.throughput_per_second;
    match measured.seen.throughput_half_width_per_second {
        Some(half) if half > WIDEST * mean => doubts.push(format!(
            "at {step} the interval is {:.0} % wide on either side: give a longer --window",
            100.0 * half / mean
        )),
        None => {
            doubts
                .push(format!("at {step} there are too few cycles for an interval: give a longer --window"));
        }
        Some(_) => {}
    }
    doubts
}

fn unconfirmed(confirmation: &Confirmation) -> String {
    let off =
        confirmation.perturbations.iter().max_by(|a, b| a.deviation().abs().total_cmp(&b.deviation().abs()));
    let Some(off) = off else {
        return "the verdict could not be put to the proof: every service time is zero".into();
    };
    if let Some(disturbed) = confirmation.perturbations.iter().find(|it| it.disturbed) {
        return format!(
            "the proof was disturbed: something happened to a replica at each attempt with 10 % less time at {}",
            disturbed.service
        );
    }
    format!(
        "the proof failed: 10 % less time at {} gives {}, not {}",
        off.service,
        Throughput(off.throughput_per_second),
        Throughput(off.predicted_per_second)
    )
}

#[cfg(test)]
#[path = "conclude_tests.rs"]
mod tests;
