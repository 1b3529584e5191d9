//! The rows of the tables that several forms of the report have in common. Owns their columns; how a table looks is its form's.

use super::words::{millis, or_blank, per_second, percent, plus_minus, station, wait};
use crate::backend::Service;
use crate::confirm::Perturbation;
use crate::laws::units::Utilisation;
use crate::report::StepReport;

/// What [`achieved`] has in its columns.
pub(super) const ACHIEVED: [&str; 8] =
    ["worker", "rng", "hashes/s", "95 %", "predicted", "off", "speed-up", "limited by"];

/// What a step achieved.
pub(super) fn achieved(measured: &StepReport) -> [String; 8] {
    let seen = &measured.seen;
    [
        measured.step.workers.to_string(),
        measured.step.rng.to_string(),
        per_second(seen.throughput_per_second),
        or_blank(seen.throughput_half_width_per_second, plus_minus),
        or_blank(measured.predicted_throughput_per_second, per_second),
        or_blank(measured.deviation_from_prediction, percent),
        format!("{:.2} x", measured.speed_up),
        or_blank(measured.verdict.as_ref(), |verdict| verdict.limit.name().to_owned()),
    ]
}

/// What [`spent`] has in its columns.
pub(super) const SPENT: [&str; 9] = [
    "worker",
    "rng",
    "think",
    "+ rng",
    "+ hasher",
    "+ store",
    "= cycle ms",
    "rng busy",
    "a probe of rng waits",
];

/// Where the time of a cycle went, in milliseconds, and how busy rng was.
pub(super) fn spent(measured: &StepReport) -> [String; 9] {
    let seen = &measured.seen;
    let stage = |stage| millis(seen.stage(stage).0);
    let busy = seen.service(Service::Rng).and_then(|rng| rng.utilisation);
    [
        measured.step.workers.to_string(),
        measured.step.rng.to_string(),
        stage("think"),
        stage("rng"),
        stage("hasher"),
        stage("store"),
        millis(seen.cycle().0),
        or_blank(busy, |busy| Utilisation(busy).to_string()),
        or_blank(seen.probe.as_ref(), wait),
    ]
}

/// What [`proof`] has in its columns.
pub(super) const PROOF: [&str; 5] = ["less time at", "hashes/s", "95 %", "predicted", "off"];

/// What came of one perturbation.
pub(super) fn proof(perturbation: &Perturbation) -> [String; 5] {
    [
        station(perturbation.service).to_owned(),
        per_second(perturbation.throughput_per_second),
        or_blank(perturbation.throughput_half_width_per_second, plus_minus),
        per_second(perturbation.predicted_per_second),
        percent(perturbation.deviation()),
    ]
}
