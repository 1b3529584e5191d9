//! Throughput of a sweep against its workers, and against its replicas of rng.

use super::Picture;
use super::curves::{Curves, Point, Series, alike};
use crate::calibrate::Calibration;
use crate::report::{Report, StepReport};
use crate::step::Step;

/// Which count a picture goes along.
#[derive(Clone, Copy)]
struct Along {
    name: &'static str,
    noun: &'static str,
    /// What stands before the count in a step's name.
    label: &'static str,
    count: fn(&Step) -> usize,
    set: fn(Step, usize) -> Step,
}

const WORKERS: Along = Along {
    name: "workers",
    noun: "workers",
    label: "worker=",
    count: |step| step.workers,
    set: |step, workers| Step { workers, ..step },
};

const RNG: Along = Along {
    name: "rng",
    noun: "replicas of rng",
    label: "rng=",
    count: |step| step.rng,
    set: |step, rng| Step { rng, ..step },
};

/// Throughput against workers, a series for each count of rng.
pub(super) fn workers(report: &Report) -> Option<Picture> {
    let groups = groups(report, WORKERS);
    let only = report.steps.len() == 1;
    let any = only || groups.iter().any(|steps| steps.len() > 1);
    any.then(|| picture(report, WORKERS, &groups))
}

/// Throughput against replicas of rng, a series for each count of workers with which it was scaled.
pub(super) fn rng(report: &Report) -> Option<Picture> {
    let mut groups = groups(report, RNG);
    groups.retain(|steps| steps.len() > 1);
    (!groups.is_empty()).then(|| picture(report, RNG, &groups))
}

/// Steps that differ only by what the picture goes along, in its order.
fn groups(report: &Report, along: Along) -> Vec<Vec<&StepReport>> {
    let rest = |measured: &StepReport| (along.set)(measured.step, 0);
    alike(&report.steps, rest, |measured| (along.count)(&measured.step) as f64)
}

fn picture(report: &Report, along: Along, groups: &[Vec<&StepReport>]) -> Picture {
    let series = groups.iter().map(|steps| Series {
        label: label(steps[0].step, along),
        points: steps.iter().map(|measured| point(measured, along)).collect(),
        bound: bound(report, along, steps[0].step),
    });
    let curves = Curves {
        name: along.name.to_owned(),
        noun: along.noun.to_owned(),
        unit: "hashes".to_owned(),
        formula: "min(N/(Z+S+ε), m/S)",
        series: series.collect(),
    };
    curves.picture()
}

/// What the steps of a series have in common.
fn label(step: Step, along: Along) -> String {
    let text = step.to_string();
    text.split(' ').filter(|part| !part.starts_with(along.label)).collect::<Vec<_>>().join(" ")
}

fn point(measured: &StepReport, along: Along) -> Point {
    Point {
        step: measured.step.to_string(),
        at: (along.count)(&measured.step) as f64,
        throughput: measured.seen.throughput_per_second,
        half_width: measured.seen.throughput_half_width_per_second,
        predicted: measured.predicted_throughput_per_second,
        deviation: measured.deviation_from_prediction,
        bound: measured.bound_per_second,
    }
}

/// The bound of the series that `step` is of: X = min(N/(Z+S+ε), m/S), as far as anything was measured.
fn bound(report: &Report, along: Along, step: Step) -> Vec<(f64, f64)> {
    let Some(times) = &report.calibration else { return Vec::new() };
    let most = report.steps.iter().map(|it| (along.count)(&it.step)).max().unwrap_or(1);
    let at = |count: usize| bound_at(report, times, (along.set)(step, count));
    if along.name == RNG.name {
        return (1..=most).map(|count| (count as f64, at(count))).collect();
    }
    let knee = times.model(step).knee().map(|knee| knee / report.settings.concurrency.max(1) as f64);
    Series::up_to_the_knee(knee, (most as f64, at(most)))
}

fn bound_at(report: &Report, times: &Calibration, step: Step) -> f64 {
    times.model(step).bound(report.clients(step)).0
}
