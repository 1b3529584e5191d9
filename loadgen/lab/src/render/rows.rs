//! The rows of the tables that several forms of the report have in common. Owns their columns; how a table looks is its form's.

use super::words::{millis, or_blank, per_second, percent, plus_minus, station, wait};
use crate::backend::Service;
use crate::confirm::Perturbation;
use crate::laws::units::Utilisation;
use crate::report::{Report, StepReport};
use crate::step::counts;

/// The table of a report, a row for each step.
pub(super) struct Table {
    pub(super) header: Vec<&'static str>,
    pub(super) rows: Vec<Vec<String>>,
}

impl Table {
    /// Begins each row with what tells its step from others.
    fn of<const COLUMNS: usize>(
        report: &Report,
        header: [&'static str; COLUMNS],
        row: impl Fn(&StepReport) -> [String; COLUMNS],
    ) -> Self {
        let counts = counts(report.steps.iter().map(|measured| measured.step));
        let of_step = |measured: &StepReport| {
            counts.iter().map(|(_, count)| count(&measured.step).to_string()).chain(row(measured)).collect()
        };
        Self {
            header: counts.iter().map(|(name, _)| *name).chain(header).collect(),
            rows: report.steps.iter().map(of_step).collect(),
        }
    }
}

/// What each step achieved.
pub(super) fn achieved(report: &Report) -> Table {
    let header = ["hashes/s", "95 %", "predicted", "off", "speed-up", "limited by"];
    Table::of(report, header, |measured| {
        let seen = &measured.seen;
        [
            per_second(seen.throughput_per_second),
            or_blank(seen.throughput_half_width_per_second, plus_minus),
            or_blank(measured.predicted_throughput_per_second, per_second),
            or_blank(measured.deviation_from_prediction, percent),
            format!("{:.2} x", measured.speed_up),
            or_blank(measured.verdict.as_ref(), |verdict| verdict.limit.name().to_owned()),
        ]
    })
}

/// Where the time of a cycle went, in milliseconds, how long it should be, and how busy rng was.
pub(super) fn spent(report: &Report) -> Table {
    let header = ["think", "+ rng", "+ hasher", "+ store", "= cycle", "predicted", "rng busy", "probe waits"];
    Table::of(report, header, |measured| {
        let seen = &measured.seen;
        let stage = |stage| millis(seen.stage(stage).0);
        let busy = seen.service(Service::Rng).and_then(|rng| rng.utilisation);
        [
            stage("think"),
            stage("rng"),
            stage("hasher"),
            stage("store"),
            millis(seen.cycle().0),
            or_blank(measured.predicted_cycle(), |cycle| millis(cycle.0)),
            or_blank(busy, |busy| Utilisation(busy).to_string()),
            or_blank(seen.probe.as_ref(), wait),
        ]
    })
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
