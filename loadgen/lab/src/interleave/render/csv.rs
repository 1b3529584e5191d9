//! The blocks for spreadsheets: a row for each, units in the header.

use crate::backend::Service;
use crate::compare::Comparison;
use crate::interleave::Block;
use crate::render::words::or_blank;

const HEADER: [&str; 13] = [
    "workers",
    "rng",
    "hasher",
    "build",
    "from_unix_s",
    "seconds",
    "throughput_per_s",
    "response_ms",
    "rng_service_ms",
    "hasher_service_ms",
    "rng_queueing_ms",
    "hasher_queueing_ms",
    "host_cpu_pressure",
];

/// A header and a row for each block, in the order of measurement.
pub(super) fn csv(comparison: &Comparison) -> String {
    let mut blocks: Vec<&Block> = comparison.interleaved.iter().flat_map(|turns| &turns.blocks).collect();
    blocks.sort_by(|one, other| one.from_unix_seconds.total_cmp(&other.from_unix_seconds));
    let header = HEADER.map(str::to_owned);
    std::iter::once(header).chain(blocks.into_iter().map(row)).map(|cells| cells.join(",") + "\n").collect()
}

fn row(block: &Block) -> [String; 13] {
    let millis = |seconds: Option<&f64>| or_blank(seconds, |it| format!("{:.3}", it * 1e3));
    let served = |service| millis(block.service_time_seconds.get(&service));
    let waited = |service| millis(block.queueing_time_seconds.get(&service));
    [
        block.step.workers.to_string(),
        block.step.rng.to_string(),
        block.step.hasher.to_string(),
        block.side.name().to_owned(),
        format!("{:.3}", block.from_unix_seconds),
        format!("{:.3}", block.seconds),
        format!("{:.6}", block.throughput_per_second),
        millis(Some(&block.response_time_seconds)),
        served(Service::Rng),
        served(Service::Hasher),
        waited(Service::Rng),
        waited(Service::Hasher),
        format!("{:.6}", block.host_cpu_pressure_share),
    ]
}
