//! Figures of several runs as those of one.

use std::collections::BTreeMap;

use super::together::Together;
use crate::bench::report::{Estimate, LoadGenerator, ReplicaRow, Replicas, Report};

/// Runs that went on side by side have rates that add up; so do the squares of their half widths, since no run knows of
/// another. Others have their successes over the time from the first one's start to the last one's end.
pub(super) fn throughput(reports: &[Report], together: &Together) -> Estimate {
    let estimates = || reports.iter().map(|it| it.throughput_per_s);
    let confidence = estimates().map(|it| it.confidence).fold(1.0, f64::min);
    if !together.side_by_side {
        let successes: u64 = reports.iter().map(|it| it.requests.successes).sum();
        let seconds = together.measured.as_secs_f64();
        let mean = if seconds > 0.0 { successes as f64 / seconds } else { 0.0 };
        return Estimate { mean, half_width: None, confidence };
    }
    let squares = estimates().map(|it| it.half_width.map(|half| half * half)).sum::<Option<f64>>();
    Estimate { mean: estimates().map(|it| it.mean).sum(), half_width: squares.map(f64::sqrt), confidence }
}

pub(super) fn summed<'a>(counts: impl Iterator<Item = &'a BTreeMap<String, u64>>) -> BTreeMap<String, u64> {
    let mut sums = BTreeMap::new();
    for (outcome, count) in counts.flatten() {
        *sums.entry(outcome.clone()).or_default() += count;
    }
    sums
}

pub(super) fn replicas(reports: &[Report]) -> Option<Replicas> {
    let all = || reports.iter().filter_map(|it| it.replicas.as_ref());
    let mut by_name: BTreeMap<&str, ReplicaRow> = BTreeMap::new();
    for row in all().flat_map(|it| &it.by_name) {
        match by_name.get_mut(row.name.as_str()) {
            Some(known) => {
                known.requests += row.requests;
                known.errors += row.errors;
                known.times.merge(&row.times);
            }
            None => drop(by_name.insert(&row.name, row.clone())),
        }
    }
    let others = all().map(|it| it.others).sum();
    Replicas::from_rows(&all().next()?.header, by_name.into_values().collect(), others)
}

pub(super) fn load_generator(reports: &[Report]) -> LoadGenerator {
    let all = || reports.iter().map(|it| &it.load_generator);
    LoadGenerator {
        cpu_utilisation: all().map(|it| it.cpu_utilisation).fold(0.0, f64::max),
        cpu: all().map(|it| it.cpu).sum(),
        run_queue_delay: all().map(|it| it.run_queue_delay).sum(),
        was_the_limit: all().any(|it| it.was_the_limit),
        why: all().find_map(|it| it.why.clone()),
    }
}
