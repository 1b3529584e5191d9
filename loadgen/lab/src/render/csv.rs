//! The steps for spreadsheets: a row for each, units in the header.

use super::words::or_blank;
use crate::backend::Service;
use crate::report::{Report, StepReport};

const HEADER: [&str; 22] = [
    "workers",
    "rng",
    "hasher",
    "throughput_per_s",
    "half_width_per_s",
    "predicted_per_s",
    "bound_per_s",
    "deviation",
    "limited_by",
    "think_ms",
    "rng_ms",
    "hasher_ms",
    "store_ms",
    "cycle_ms",
    "predicted_cycle_ms",
    "dark_time_share",
    "rng_utilisation",
    "rng_cpu_cores",
    "rng_queueing_ms",
    "probe_wait_ms",
    "probe_half_width_ms",
    "predicted_probe_wait_ms",
];

/// A header and a row for each step.
pub(super) fn csv(report: &Report) -> String {
    let line = |cells: [String; 22]| cells.join(",") + "\n";
    let header = HEADER.map(str::to_owned);
    std::iter::once(header).chain(report.steps.iter().map(row)).map(line).collect()
}

fn row(measured: &StepReport) -> [String; 22] {
    let (step, seen) = (measured.step, &measured.seen);
    let known = |value: Option<f64>| or_blank(value, |it| format!("{it:.6}"));
    let millis = |seconds: Option<f64>| or_blank(seconds, |it| format!("{:.3}", it * 1e3));
    let stage = |stage| millis(Some(seen.stage(stage).0));
    let (rng, probe) = (seen.service(Service::Rng), seen.probe);
    [
        step.workers.to_string(),
        step.rng.to_string(),
        step.hasher.to_string(),
        known(Some(seen.throughput_per_second)),
        known(seen.throughput_half_width_per_second),
        known(measured.predicted_throughput_per_second),
        known(measured.bound_per_second),
        known(measured.deviation_from_prediction),
        or_blank(measured.verdict.as_ref(), |verdict| verdict.limit.name().to_owned()),
        stage("think"),
        stage("rng"),
        stage("hasher"),
        stage("store"),
        millis(Some(seen.cycle().0)),
        millis(measured.predicted_cycle().map(|cycle| cycle.0)),
        known(Some(seen.dark_time_share)),
        known(rng.and_then(|rng| rng.utilisation)),
        known(rng.map(|rng| rng.cpu_cores)),
        millis(rng.and_then(|rng| rng.queueing_time_seconds)),
        millis(probe.map(|probe| probe.mean_seconds)),
        millis(probe.and_then(|probe| probe.half_width_seconds)),
        millis(measured.predicted_probe_wait_seconds),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::fixture;

    #[tokio::test]
    async fn each_step_is_a_row_with_units_in_the_header() {
        let text = csv(&fixture::swept().await);
        let rows: Vec<&str> = text.lines().collect();
        insta::assert_snapshot!(rows[..3].join("\n"), @r"
        workers,rng,hasher,throughput_per_s,half_width_per_s,predicted_per_s,bound_per_s,deviation,limited_by,think_ms,rng_ms,hasher_ms,store_ms,cycle_ms,predicted_cycle_ms,dark_time_share,rng_utilisation,rng_cpu_cores,rng_queueing_ms,probe_wait_ms,probe_half_width_ms,predicted_probe_wait_ms
        1,1,1,3.322642,0.000193,3.322642,3.322642,0.000000,workers,100.000,100.486,100.480,0.000,300.966,300.965,-0.000001,0.336225,0.003462,0.000,15.649,4.675,16.613
        2,1,1,6.644136,0.000439,6.645285,6.645285,-0.000173,workers,100.000,100.495,100.522,0.000,301.018,300.965,-0.000001,0.668168,0.006782,0.000,32.188,5.351,33.226
        ");
        let columns = |row: &str| row.split(',').count();
        assert!(rows.len() == 7 && rows.iter().all(|row| columns(row) == columns(rows[0])), "{text}");
    }
}
