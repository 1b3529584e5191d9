//! The steps for spreadsheets: a row for each, units in the header.

use super::rows::probed;
use crate::blackbox::report::{Report, StepReport};
use crate::render::words::or_blank;

/// A header and a row for each step.
pub(super) fn csv(report: &Report) -> String {
    let header = header(report);
    let rows = report.steps.iter().map(|step| row(report, step));
    std::iter::once(header).chain(rows).map(|cells| line(&cells)).collect()
}

fn header(report: &Report) -> Vec<String> {
    let fixed = [
        "load",
        "throughput_per_s",
        "half_width_per_s",
        "predicted_per_s",
        "deviation",
        "response_ms",
        "response_p99_ms",
    ];
    let counts = report.services.iter().map(|name| format!("{name}_replicas"));
    let waits = probed(report)
        .into_iter()
        .flat_map(|(_, name)| ["wait_ms", "half_width_ms", "p99_ms"].map(|what| format!("{name}_{what}")));
    std::iter::once("step".to_owned()).chain(counts).chain(fixed.map(str::to_owned)).chain(waits).collect()
}

fn row(report: &Report, step: &StepReport) -> Vec<String> {
    let seen = &step.seen;
    let known = |value: Option<f64>| or_blank(value, |it| format!("{it:.6}"));
    let millis = |seconds: Option<f64>| or_blank(seconds, |it| format!("{:.3}", it * 1e3));
    let counts = report.services.iter().map(|name| or_blank(step.replicas.get(name), usize::to_string));
    let figures = [
        or_blank(step.load, |load| load.to_string()),
        known(Some(seen.throughput_per_second)),
        known(seen.throughput_half_width_per_second),
        known(step.predicted_throughput_per_second),
        known(step.deviation_from_prediction),
        millis(seen.response.map(|response| response.mean_seconds)),
        millis(seen.response.map(|response| response.p99_seconds)),
    ];
    let waits = probed(report).into_iter().flat_map(|(index, _)| {
        let probe = step.probe(index);
        [
            millis(probe.map(|probe| probe.mean_seconds)),
            millis(probe.and_then(|probe| probe.half_width_seconds)),
            millis(probe.map(|probe| probe.p99_seconds)),
        ]
    });
    std::iter::once(step.name.clone()).chain(counts).chain(figures).chain(waits).collect()
}

/// What has a comma, a quote or a line break in it stands in quotes: RFC 4180.
fn line(cells: &[String]) -> String {
    let quoted = |cell: &String| {
        if cell.contains([',', '"', '\n', '\r']) {
            format!("\"{}\"", cell.replace('"', "\"\""))
        } else {
            cell.clone()
        }
    };
    cells.iter().map(quoted).collect::<Vec<_>>().join(",") + "\n"
}
