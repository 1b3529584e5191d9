//! The rows for spreadsheets, units in the header. What is not known is empty.

use crate::laws::units::{Seconds, Throughput};

use super::prediction::Prediction;
use super::row::Row;

const HEADER: [&str; 19] = [
    "workers",
    "rng",
    "hasher",
    "clients",
    "in_turn_per_s",
    "random_per_s",
    "random_error_share",
    "mva_in_turn_per_s",
    "mva_in_turn_response_time_s",
    "mva_random_per_s",
    "mva_random_response_time_s",
    "mva_random_error_share",
    "throughput_per_s",
    "response_time_s",
    "rng_utilisation",
    "rng_queue_length",
    "knee_workers",
    "bottleneck",
    "limited_by",
];

pub(super) fn csv(prediction: &Prediction) -> String {
    let lines = prediction.rows.iter().map(|row| cells(row).join(","));
    std::iter::once(HEADER.join(",")).chain(lines).map(|line| line + "\n").collect()
}

fn cells(row: &Row) -> [String; 19] {
    let or_empty = |number: Option<f64>| number.map_or_else(String::new, |number| format!("{number:.6}"));
    let rate = |rate: Throughput| format!("{:.6}", rate.0);
    // To the nanosecond, in which times are given.
    let time = |time: Seconds| format!("{:.9}", time.0);
    [
        row.step.workers.to_string(),
        row.step.rng.to_string(),
        row.step.hasher.to_string(),
        row.clients.to_string(),
        rate(row.in_turn_per_second),
        rate(row.random_per_second),
        row.random_method.error().to_string(),
        rate(row.mva_in_turn_per_second),
        time(row.mva_in_turn_response_time_seconds),
        rate(row.mva_random_per_second),
        time(row.mva_random_response_time_seconds),
        row.mva_random_method.error().to_string(),
        rate(row.throughput_per_second),
        time(row.response_time_seconds),
        or_empty(row.rng_utilisation.map(|busy| busy.0)),
        format!("{:.6}", row.rng_queue_length),
        or_empty(row.knee_workers),
        row.bottleneck.clone().unwrap_or_default(),
        row.limited_by.clone(),
    ]
}
