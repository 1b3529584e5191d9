//! The table of steps that several forms of the report have in common. Owns its columns.

use crate::blackbox::report::{Report, StepReport};
use crate::laws::units::Seconds;
use crate::render::words::{or_blank, percent, wait};

/// What is in a column, and what a step has there.
struct Column<'a> {
    name: String,
    cell: Box<dyn Fn(&StepReport) -> String + 'a>,
}

impl<'a> Column<'a> {
    fn new(name: impl Into<String>, cell: impl Fn(&StepReport) -> String + 'a) -> Self {
        Self { name: name.into(), cell: Box::new(cell) }
    }
}

/// The names of all columns.
pub(super) fn header(report: &Report) -> Vec<String> {
    columns(report).into_iter().map(|column| column.name).collect()
}

/// A step, in as many cells.
pub(super) fn row(report: &Report, step: &StepReport) -> Vec<String> {
    columns(report).iter().map(|column| (column.cell)(step)).collect()
}

/// The amounts that tell steps apart, by name.
pub(super) fn labels(report: &Report) -> Vec<&str> {
    report.steps.first().map(|step| step.labels().map(|(name, _)| name).collect()).unwrap_or_default()
}

/// Services that were probed, each with its place and its name.
pub(super) fn probed(report: &Report) -> Vec<(usize, &str)> {
    let services = report.services.iter().map(String::as_str).enumerate();
    services.filter(|(index, _)| report.steps.iter().any(|step| step.probe(*index).is_some())).collect()
}

fn columns(report: &Report) -> Vec<Column<'_>> {
    let any = |of: &dyn Fn(&StepReport) -> bool| report.steps.iter().any(of);
    let mut columns: Vec<Column<'_>> = labels(report).into_iter().map(label).collect();
    columns.push(Column::new(format!("{}/s", report.unit), |step| number(step.seen.throughput_per_second)));
    columns.push(Column::new("95 %", |step| {
        or_blank(step.seen.throughput_half_width_per_second, |half| format!("± {}", number(half)))
    }));
    if any(&|step| step.predicted_throughput_per_second.is_some()) {
        columns.push(Column::new("predicted", |step| or_blank(step.predicted_throughput_per_second, number)));
        columns.push(Column::new("off", |step| or_blank(step.deviation_from_prediction, percent)));
    }
    columns.push(Column::new("speed-up", |step| format!("{:.2} x", step.speed_up)));
    if any(&|step| step.seen.response.is_some()) {
        let time = |seconds: Option<f64>| or_blank(seconds, |seconds| Seconds(seconds).to_string());
        columns.push(Column::new("mean", move |step| time(step.seen.response.map(|it| it.mean_seconds))));
        columns.push(Column::new("p99", move |step| time(step.seen.response.map(|it| it.p99_seconds))));
    }
    columns.extend(probed(report).into_iter().map(|(index, name)| {
        Column::new(format!("{name}'s probe"), move |step| or_blank(step.probe(index), wait))
    }));
    columns
}

fn label(name: &str) -> Column<'_> {
    Column::new(name, move |step| {
        step.labels().find(|(it, _)| *it == name).map(|(_, amount)| amount.to_owned()).unwrap_or_default()
    })
}

fn number(value: f64) -> String {
    let decimals = if value.abs() < 100.0 { 2 } else { 0 };
    format!("{value:.decimals$}")
}
