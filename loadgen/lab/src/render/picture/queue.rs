//! The queue at rng: how long requests wait there, and a probe that needs no service itself.

use super::steps::Rows;
use super::waits::{Look, Wait, Waits};
use super::{Picture, Table};
use crate::backend::Service;
use crate::observation::Observation;
use crate::render::words::{millis, or_blank, wait};
use crate::report::{Report, StepReport};

/// What probes met, what the workers' requests did, and what the model says of probes. They should be in one place.
const PROBE: Look = Look { series: 0, is_predicted: false, lane: (0, 1) };
const REQUESTS: Look = Look { series: 1, is_predicted: false, lane: (0, 1) };
const PREDICTED: Look = Look { series: 3, is_predicted: true, lane: (0, 1) };

/// How long the workers' requests waited for rng.
fn queueing(seen: &Observation) -> Option<f64> {
    seen.service(Service::Rng)?.queueing_time_seconds
}

/// L = X·W, by Little's law.
fn length(seen: &Observation) -> Option<f64> {
    Some(seen.throughput_per_second * queueing(seen)?)
}

/// The waits at all steps; nothing where nobody can tell them.
pub(super) fn picture(report: &Report) -> Option<Picture> {
    let waits = Waits {
        title: "The queue at rng".to_owned(),
        axis: "ms of waiting for rng".to_owned(),
        description: description(report),
        rows: Rows::of_steps(report),
        steps: report.steps.iter().map(waits).collect(),
        entries: entries(report),
        table: table(report),
    };
    waits.picture()
}

/// Those of one step: what was measured is drawn over what was predicted.
fn waits(measured: &StepReport) -> Vec<Wait> {
    let wait =
        |look: Look, what: &str, figures: (f64, Option<f64>)| Wait::new(measured.step, look, what, figures);
    let predicted = measured.predicted_probe_wait_seconds;
    let probe = measured.seen.probe;
    let all = [
        predicted.map(|seconds| wait(PREDICTED, "a probe should wait", (seconds, None))),
        queueing(&measured.seen).map(|seconds| wait(REQUESTS, "each request waits", (seconds, None))),
        probe.map(|probe| wait(PROBE, "a probe waits", (probe.mean_seconds, probe.half_width_seconds))),
    ];
    all.into_iter().flatten().collect()
}

fn entries(report: &Report) -> Vec<(Look, String)> {
    let any = |has: fn(&StepReport) -> bool| report.steps.iter().any(has);
    let entries = [
        (PROBE, "a probe, ± 95 %", any(|it| it.seen.probe.is_some())),
        (PREDICTED, "a probe, predicted", any(|it| it.predicted_probe_wait_seconds.is_some())),
        (REQUESTS, "a worker's request", any(|it| queueing(&it.seen).is_some())),
    ];
    let shown = entries.into_iter().filter(|(.., is_shown)| *is_shown);
    shown.map(|(look, text, _)| (look, text.to_owned())).collect()
}

fn description(report: &Report) -> String {
    let told = report.steps.iter().filter_map(|measured| {
        let length = length(&measured.seen)?;
        Some(format!("{}: {} ms, {length:.1} in the queue", measured.step, millis(queueing(&measured.seen)?)))
    });
    format!(
        "How long requests wait for rng, and how many wait there. {}.",
        told.collect::<Vec<_>>().join("; ")
    )
}

fn table(report: &Report) -> Table {
    let row = |measured: &StepReport| {
        let seen = &measured.seen;
        vec![
            measured.step.to_string(),
            or_blank(seen.probe.as_ref(), wait),
            or_blank(measured.predicted_probe_wait_seconds, |it| format!("{} ms", millis(it))),
            or_blank(queueing(seen), |it| format!("{} ms", millis(it))),
            or_blank(length(seen), |it| format!("{it:.2}")),
        ]
    };
    let header = ["step", "a probe waits", "predicted", "a request waits", "requests waiting"];
    Table::new(header, report.steps.iter().map(row))
}
