//! The queue at rng: how long requests wait there, and a probe that needs no service itself.

use maud::{Markup, html};

use super::legend::Entry;
use super::mark::{colour, hollow, mark};
use super::scale::Scale;
use super::steps::Rows;
use super::{Picture, Table, at};
use crate::backend::Service;
use crate::observation::Observation;
use crate::render::words::{millis, or_blank, wait};
use crate::report::{Report, StepReport};

/// The series: what probes met, what the workers' requests did, and what the model says of probes.
const PROBE: usize = 0;
const REQUESTS: usize = 1;
const PREDICTED: usize = 3;

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
    let waits = report.steps.iter().flat_map(|measured| {
        let probe = measured.seen.probe;
        let highest = probe.map(|it| it.mean_seconds + it.half_width_seconds.unwrap_or_default());
        [highest, queueing(&measured.seen), measured.predicted_probe_wait_seconds]
    });
    let longest = waits.flatten().reduce(f64::max)?;
    let rows = Rows::new(report, report.steps.iter().map(|measured| (measured.step, Vec::new())), &[]);
    let scale = rows.scale(longest * 1e3);
    let drawing = html! {
        @for (index, measured) in report.steps.iter().enumerate() { (row(measured, scale, rows.middle(index))) }
    };
    let (drawing, height) = rows.framed(Some((scale, "ms of waiting for rng")), &drawing, &entries(report));
    Some(Picture {
        name: "queue",
        title: "The queue at rng".to_owned(),
        description: description(report),
        height,
        drawing,
        table: table(report),
    })
}

fn row(measured: &StepReport, scale: Scale, y: f64) -> Markup {
    let place = |seconds: f64| (scale.at(seconds * 1e3), y);
    let hint = |what: &str, seconds: f64| format!("{}: {what} {} ms", measured.step, millis(seconds));
    let requests = queueing(&measured.seen);
    html! {
        @if let Some(seconds) = measured.predicted_probe_wait_seconds {
            (hollow(PREDICTED, place(seconds), &hint("a probe should wait", seconds)))
        }
        @if let Some(seconds) = requests {
            (mark(REQUESTS, place(seconds), &hint("each request waits", seconds)))
        }
        @if let Some(probe) = measured.seen.probe {
            @if let Some(half) = probe.half_width_seconds {
                (interval((place(probe.mean_seconds - half).0, place(probe.mean_seconds + half).0), y))
            }
            (mark(PROBE, place(probe.mean_seconds), &hint("a probe waits", probe.mean_seconds)))
        }
    }
}

fn interval((from, to): (f64, f64), y: f64) -> Markup {
    let path = format!("M{l} {t}v12m0-6H{r}m0-6v12", l = at(from), r = at(to), t = at(y - 6.0));
    html! { path class={ "interval line" (colour(PROBE)) } d=(path) {} }
}

fn entries(report: &Report) -> Vec<Entry> {
    let any = |has: fn(&StepReport) -> bool| report.steps.iter().any(has);
    let entries = [
        any(|it| it.seen.probe.is_some())
            .then(|| Entry::new(|place| mark(PROBE, place, ""), "a probe, ± 95 %")),
        any(|it| it.predicted_probe_wait_seconds.is_some())
            .then(|| Entry::new(|place| hollow(PREDICTED, place, ""), "a probe, predicted")),
        any(|it| queueing(&it.seen).is_some())
            .then(|| Entry::new(|place| mark(REQUESTS, place, ""), "a worker's request")),
    ];
    entries.into_iter().flatten().collect()
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
    Table {
        header: vec!["step", "a probe waits", "predicted", "a request waits", "requests waiting"],
        rows: report.steps.iter().map(row).collect(),
    }
}
