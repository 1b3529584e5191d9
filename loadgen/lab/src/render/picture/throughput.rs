//! Throughput against replicas: what was measured with its interval, the bound, and where it differs from that, what was
//! predicted.

use maud::{Markup, html};

use super::chart::Chart;
use super::legend::{Entry, line};
use super::mark::{colour, hollow, mark};
use super::{Picture, Table};
use crate::calibrate::Calibration;
use crate::render::words::{or_blank, per_second, percent, plus_minus};
use crate::report::{Report, StepReport};
use crate::step::Step;

/// A prediction this near to the bound, as a share of it, is the bound.
const SAME: f64 = 1e-3;

/// Which count a picture goes along.
#[derive(Clone, Copy)]
struct Along {
    name: &'static str,
    noun: &'static str,
    count: fn(&Step) -> usize,
    set: fn(Step, usize) -> Step,
}

const WORKERS: Along = Along {
    name: "throughput-workers",
    noun: "workers",
    count: |step| step.workers,
    set: |step, workers| Step { workers, ..step },
};

const RNG: Along = Along {
    name: "throughput-rng",
    noun: "replicas of rng",
    count: |step| step.rng,
    set: |step, rng| Step { rng, ..step },
};

/// Steps that differ only by the count that the picture goes along, in its order.
struct Series<'a> {
    steps: Vec<&'a StepReport>,
    label: String,
}

/// Throughput against workers, a series for each count of rng.
pub(super) fn over_workers(report: &Report) -> Option<Picture> {
    let series = series(report, WORKERS);
    let only = report.steps.len() == 1;
    let any = only || series.iter().any(|series| series.steps.len() > 1);
    any.then(|| picture(report, WORKERS, &series))
}

/// Throughput against replicas of rng, a series for each count of workers with which it was scaled.
pub(super) fn over_rng(report: &Report) -> Option<Picture> {
    let mut series = series(report, RNG);
    series.retain(|series| series.steps.len() > 1);
    (!series.is_empty()).then(|| picture(report, RNG, &series))
}

fn series(report: &Report, along: Along) -> Vec<Series<'_>> {
    let rest = |step: &Step| (along.set)(*step, 0);
    let mut all: Vec<Series<'_>> = Vec::new();
    for measured in &report.steps {
        match all.iter_mut().find(|it| rest(&it.steps[0].step) == rest(&measured.step)) {
            Some(series) => series.steps.push(measured),
            None => all.push(Series { steps: vec![measured], label: label(measured.step, along) }),
        }
    }
    for series in &mut all {
        series.steps.sort_by_key(|measured| (along.count)(&measured.step));
    }
    all
}

/// What the steps of a series have in common.
fn label(step: Step, along: Along) -> String {
    let text = step.to_string();
    let own = if along.name == WORKERS.name { "worker=" } else { "rng=" };
    text.split(' ').filter(|part| !part.starts_with(own)).collect::<Vec<_>>().join(" ")
}

fn picture(report: &Report, along: Along, series: &[Series<'_>]) -> Picture {
    let chart = chart(report, along, series);
    let drawing = html! {
        @for (index, series) in series.iter().enumerate() { (lines(report, along, &chart, index, series)) }
        @for (index, series) in series.iter().enumerate() { (points(along, &chart, index, series)) }
    };
    let (drawing, height) = chart.framed(&drawing, &entries(report, series));
    Picture {
        name: along.name,
        title: format!("Throughput against {}", along.noun),
        description: description(along, series),
        height,
        drawing,
        table: table(series),
    }
}

fn chart(report: &Report, along: Along, series: &[Series<'_>]) -> Chart {
    let steps = || series.iter().flat_map(|series| &series.steps);
    let most = most(report, along);
    let reached = steps().map(|it| {
        let half = it.seen.throughput_half_width_per_second.unwrap_or_default();
        (it.seen.throughput_per_second + half).max(it.predicted_throughput_per_second.unwrap_or_default())
    });
    let bounds = series.iter().flat_map(|it| bound(report, along, it, most)).map(|(_, bound)| bound);
    let highest = reached.chain(bounds).fold(0.0, f64::max);
    Chart::new((most as f64, highest), (along.noun, "hashes/s"))
}

/// The bound of a series: X = min(N/(Z+S+ε), m/S), from none to `most` of what the picture goes along.
fn bound(report: &Report, along: Along, series: &Series<'_>, most: usize) -> Vec<(f64, f64)> {
    let Some(times) = &report.calibration else { return Vec::new() };
    let step = series.steps[0].step;
    let at = |count: usize| bound_at(report, times, (along.set)(step, count));
    if along.name == RNG.name {
        return (1..=most).map(|count| (count as f64, at(count))).collect();
    }
    // Straight up to the knee, and level beyond.
    let knee = times.model(step).knee().map(|knee| knee / report.settings.concurrency.max(1) as f64);
    let knee = knee.filter(|knee| *knee < most as f64);
    let bend = knee.map(|knee| (knee, at(most)));
    [Some((0.0, 0.0)), bend, Some((most as f64, at(most)))].into_iter().flatten().collect()
}

fn bound_at(report: &Report, times: &Calibration, step: Step) -> f64 {
    times.model(step).bound(report.clients(step)).0
}

/// What was predicted, where it is not the bound.
fn predicted(series: &Series<'_>, along: Along) -> Vec<(f64, f64)> {
    let differs = |it: &&&StepReport| {
        let both = it.predicted_throughput_per_second.zip(it.bound_per_second);
        both.is_some_and(|(predicted, bound)| (predicted / bound - 1.0).abs() > SAME)
    };
    if !series.steps.iter().any(|it| differs(&it)) {
        return Vec::new();
    }
    let point =
        |it: &&StepReport| Some(((along.count)(&it.step) as f64, it.predicted_throughput_per_second?));
    series.steps.iter().filter_map(point).collect()
}

fn lines(report: &Report, along: Along, chart: &Chart, index: usize, series: &Series<'_>) -> Markup {
    let bound = bound(report, along, series, most(report, along));
    let predicted = predicted(series, along);
    let line = format!("line{}", colour(index));
    html! {
        @if !bound.is_empty() { (chart.line(&bound, &line)) }
        @if predicted.len() > 1 { (chart.line(&predicted, &format!("{line} dashed"))) }
        @for point in &predicted { (hollow(index, chart.place(*point), "predicted")) }
    }
}

/// Bounds are drawn as far as anything was measured.
fn most(report: &Report, along: Along) -> usize {
    report.steps.iter().map(|it| (along.count)(&it.step)).max().unwrap_or(1)
}

fn points(along: Along, chart: &Chart, index: usize, series: &Series<'_>) -> Markup {
    let line = format!("line{}", colour(index));
    html! {
        @for measured in &series.steps {
            @let point = ((along.count)(&measured.step) as f64, measured.seen.throughput_per_second);
            @if let Some(half) = measured.seen.throughput_half_width_per_second {
                (chart.interval(point, half, &line))
            }
            (mark(index, chart.place(point), &hint(measured)))
        }
    }
}

/// `worker=4 rng=1: 10.00 ± 0.01 hashes/s, predicted 10.00`.
fn hint(measured: &StepReport) -> String {
    let seen = &measured.seen;
    let half = or_blank(seen.throughput_half_width_per_second, |half| format!(" {}", plus_minus(half)));
    let predicted = or_blank(measured.predicted_throughput_per_second, |it| format!(", predicted {it:.2}"));
    format!("{}: {}{half} hashes/s{predicted}", measured.step, per_second(seen.throughput_per_second))
}

fn entries(report: &Report, series: &[Series<'_>]) -> Vec<Entry> {
    let measured = series
        .iter()
        .enumerate()
        .map(|(index, series)| Entry::new(move |place| mark(index, place, ""), series.label.clone()));
    let mut entries: Vec<Entry> = measured.collect();
    if report.calibration.is_some() {
        entries.push(Entry::new(line("line0".to_owned()), "bound min(N/(Z+S+ε), m/S)"));
    }
    let differs = |it: &Series<'_>| !predicted(it, WORKERS).is_empty();
    if series.iter().any(differs) {
        let dashed = line("line0 dashed".to_owned());
        entries.push(Entry::new(move |place| html! { (dashed(place)) (hollow(0, place, "")) }, "predicted"));
    }
    entries
}

fn description(along: Along, series: &[Series<'_>]) -> String {
    let told = series.iter().map(|series| {
        let points = series.steps.iter().map(|measured| {
            let count = (along.count)(&measured.step);
            format!("{} at {count}", per_second(measured.seen.throughput_per_second))
        });
        format!("With {}: {}.", series.label, points.collect::<Vec<_>>().join(", "))
    });
    format!("Hashes per second by the number of {}. {}", along.noun, told.collect::<Vec<_>>().join(" "))
}

fn table(series: &[Series<'_>]) -> Table {
    let row = |measured: &&StepReport| {
        let seen = &measured.seen;
        vec![
            measured.step.to_string(),
            per_second(seen.throughput_per_second),
            or_blank(seen.throughput_half_width_per_second, plus_minus),
            or_blank(measured.predicted_throughput_per_second, per_second),
            or_blank(measured.deviation_from_prediction, percent),
            or_blank(measured.bound_per_second, per_second),
        ]
    };
    Table {
        header: vec!["step", "hashes/s", "95 %", "predicted", "off", "bound"],
        rows: series.iter().flat_map(|series| series.steps.iter().map(row)).collect(),
    }
}
