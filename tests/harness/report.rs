//! The JSON report of a lab, held to the bound of the design.

use serde_json::Value;

/// A figure of the report.
pub(crate) fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("a number, not {value}"))
}

/// `min(N / (Z + S + ε), m / S)` with the overhead ε that the lab measured: the bound of the design.
fn bound(report: &Value, step: &Value) -> f64 {
    let overhead = number(&report["calibration"]["overhead_seconds"]);
    (number(&step["workers"]) / (0.3 + overhead)).min(number(&step["rng"]) / 0.1)
}

/// How far each step's throughput lies from the bound, as a share of it.
pub(crate) fn deviations(report: &Value) -> Vec<f64> {
    steps(report).iter().map(|step| throughput(step) / bound(report, &step["step"]) - 1.0).collect()
}

/// Which steps have rng as their limit.
pub(crate) fn limited_by_rng(report: &Value) -> Vec<bool> {
    steps(report).iter().map(|step| step["verdict"]["limit"].to_string().contains("rng")).collect()
}

/// How far each perturbation lies from 11.1 at rng and 10.0 elsewhere, as a share of it.
pub(crate) fn deviations_of_the_proof(report: &Value) -> Vec<f64> {
    let perturbations = report["confirmation"]["perturbations"].as_array().expect("perturbations");
    let seen = perturbations.iter().map(|one| number(&one["throughput_per_second"]));
    seen.zip([100.0 / 9.0, 10.0, 10.0]).map(|(seen, expected)| seen / expected - 1.0).collect()
}

/// The steps, in order.
pub(crate) fn steps(report: &Value) -> &[Value] {
    report["steps"].as_array().expect("steps")
}

/// Hashes a second at a step.
pub(crate) fn throughput(step: &Value) -> f64 {
    number(&step["seen"]["throughput_per_second"])
}

/// Whether all of them are smaller than `most`, whatever their sign.
pub(crate) fn all_small(deviations: &[f64], most: f64) -> bool {
    deviations.iter().all(|deviation| deviation.abs() < most)
}
