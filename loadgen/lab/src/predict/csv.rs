//! The rows for spreadsheets, units in the header. What is not known is empty.

use crate::laws::units::Throughput;

use super::prediction::Prediction;
use super::row::Row;

const HEADER: &str = "workers,rng,hasher,clients,in_turn_per_s,random_per_s,random_error_share,mva_in_turn_per_s,mva_random_per_s,\
                      throughput_per_s,response_time_s,rng_utilisation,rng_queue_length,knee_workers,limited_by\n";

pub(super) fn csv(prediction: &Prediction) -> String {
    std::iter::once(HEADER.to_owned()).chain(prediction.rows.iter().map(row)).collect()
}

fn row(row: &Row) -> String {
    let or_empty = |number: Option<f64>| number.map_or_else(String::new, |number| format!("{number:.6}"));
    let rate = |rate: Option<Throughput>| or_empty(rate.map(|rate| rate.0));
    format!(
        "{},{},{},{},{:.6},{:.6},{},{},{},{:.6},{:.6},{},{:.6},{},{}\n",
        row.step.workers,
        row.step.rng,
        row.step.hasher,
        row.clients,
        row.in_turn_per_second.0,
        row.random_per_second.0,
        row.random_method.error(),
        rate(row.mva_in_turn_per_second),
        rate(row.mva_random_per_second),
        row.throughput_per_second.0,
        row.response_time_seconds.0,
        or_empty(row.rng_utilisation.map(|busy| busy.0)),
        row.rng_queue_length,
        or_empty(row.knee_workers),
        row.limited_by
    )
}
