//! Which reports of plans can be compared: those of the same steps of the same application. Owns what may differ, and says so.

use super::Comparison;
use super::change::{Change, LEAST, Metric, Ruling};
use super::pairing::{Differs, Origin, PairingError, differing, noted, whole};
use super::place::Place;
use crate::backend::ProbeObservation;
use crate::blackbox::{MATTERS, Report, StepReport};
use crate::laws::units::Seconds;

/// The comparison of two reports, each with its file's name; changes below `threshold` do not matter.
pub(super) fn compared(
    [(base_file, base), (new_file, new)]: [(&String, &Report); 2],
    threshold: f64,
) -> Result<Comparison, PairingError> {
    whole(base_file, base.conclusion.outcome, !base.steps.is_empty())?;
    whole(new_file, new.conclusion.outcome, !new.steps.is_empty())?;
    nothing(base_file, base)?;
    nothing(new_file, new)?;
    differing([base_file, new_file], same_plan(base, new))?;
    let pairs = base.steps.iter().zip(&new.steps);
    let changes: Vec<Change> =
        pairs.flat_map(|(before, after)| changes(base, new, [before, after], threshold)).collect();
    let sides = [(base_file, base), (new_file, new)].map(|(file, report)| {
        let bottleneck = report.conclusion.bottleneck.as_deref();
        Origin::new(file, &report.program, report.started_at_unix_seconds, bottleneck)
    });
    Ok(Comparison::of(sides, threshold, notes(base, new), changes))
}

/// That something was done at each step: there is no share of nothing.
fn nothing(file: &str, report: &Report) -> Result<(), PairingError> {
    let idle = report.steps.iter().find(|step| step.seen.throughput_per_second < LEAST);
    idle.map_or(Ok(()), |step| {
        let (metric, step) = (Metric::Throughput.name(), step.name.clone());
        Err(PairingError::Nothing { file: file.to_owned(), metric, step })
    })
}

/// Everything without which there is nothing to compare.
fn same_plan(base: &Report, new: &Report) -> Vec<Differs> {
    let same = "run both with the same --plan";
    let steps = |report: &Report| {
        let steps = report.steps.iter().map(|step| {
            let counts = step.replicas.iter().map(|(name, count)| format!("{name}={count}"));
            let load = step.load.map(|load| format!("load={load}"));
            counts.chain(load).collect::<Vec<_>>().join(" ")
        });
        steps.collect::<Vec<_>>().join(", ")
    };
    let clients = |report: &Report| report.clients.clone().unwrap_or_else(|| "nobody's".to_owned());
    vec![
        ("the application", base.application.clone(), new.application.clone(), same),
        ("what is counted", base.unit.clone(), new.unit.clone(), same),
        ("the list of services", base.services.join(", "), new.services.join(", "), same),
        ("the load", clients(base), clients(new), same),
        ("the list of steps", steps(base), steps(new), same),
    ]
}

fn changes(base: &Report, new: &Report, steps: [&StepReport; 2], threshold: f64) -> Vec<Change> {
    let throughput =
        steps.map(|step| (step.seen.throughput_per_second, step.seen.throughput_half_width_per_second));
    let place = || Place::Plan(steps[0].name.clone());
    let mut changes = vec![Change::ruled(
        place(),
        Metric::Throughput,
        throughput.map(|(mean, _)| mean),
        half_width(throughput),
        threshold,
    )];
    let both = |index: usize| steps[0].probe(index).zip(steps[1].probe(index));
    let probed =
        base.services.iter().enumerate().filter_map(|(index, service)| Some((service, both(index)?)));
    changes.extend(probed.map(|(service, (before, after))| {
        wait(service, place(), [before, after], cycle(base, steps[0]).or(cycle(new, steps[1])), threshold)
    }));
    changes
}

/// What a whole cycle takes: N/X by Little's law in a closed loop, the mean response time in an open one.
fn cycle(report: &Report, step: &StepReport) -> Option<f64> {
    match report.clients.as_deref() {
        Some("rate") => step.seen.response.map(|response| response.mean_seconds),
        Some(_) => step.load.map(|load| load / step.seen.throughput_per_second),
        None => None,
    }
}

/// What became of the wait for a `service`. One that grew by less than matters to whoever waits for a whole `cycle` passes, however
/// many times what it was.
fn wait(
    service: &str,
    place: Place,
    probes: [&ProbeObservation; 2],
    cycle: Option<f64>,
    threshold: f64,
) -> Change {
    let means = probes.map(|probe| probe.mean_seconds);
    let half = half_width(probes.map(|probe| (probe.mean_seconds, probe.half_width_seconds)));
    let mut change = Change::ruled(place, Metric::ProbeWait, means, half, threshold);
    change.of = Some(service.to_owned());
    let grows = change.change_to.map(|to| to * means[0]);
    if grows.zip(cycle).is_some_and(|(grows, cycle)| grows < MATTERS * cycle) {
        change.ruling = Ruling::Pass;
    }
    change
}

/// Half of the interval of ln(new/base), of means that are known with half of their own 95 % intervals: √((h₁/x₁)² + (h₂/x₂)²),
/// to first order. It is no narrower than that of Cochran and Cox, "Experimental Designs", 1950, whose t is the mean of the two t,
/// weighted by their variances: this one's is their root mean square.
fn half_width([(base, base_half), (new, new_half)]: [(f64, Option<f64>); 2]) -> Option<f64> {
    let half = (base_half? / base).hypot(new_half? / new);
    Some(half).filter(|half| half.is_finite())
}

/// What differs between the two and may be the reason for a change, or the change itself.
fn notes(base: &Report, new: &Report) -> Vec<String> {
    let windows = |report: &Report| Seconds(report.settings.window_seconds).to_string();
    let machine = |report: &Report| super::pairing::machine(report.cpus, report.provenance.as_ref());
    let bottleneck =
        |report: &Report| report.conclusion.bottleneck.clone().unwrap_or_else(|| "nothing".to_owned());
    let plan = (base.plan != new.plan).then(|| "the text of the plan is not what it was".to_owned());
    let figures = [
        ("windows are of", windows(base), windows(new)),
        ("the machine has", machine(base), machine(new)),
        ("the bottleneck is", bottleneck(base), bottleneck(new)),
    ];
    plan.into_iter().chain(noted(figures)).collect()
}

#[cfg(test)]
#[path = "plans_tests.rs"]
mod tests;
