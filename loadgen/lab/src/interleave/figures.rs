//! From pairs of blocks to what became of each figure.

use super::block::Block;
use super::course::Pair;
use crate::backend::Service;
use crate::compare::{Change, Metric};
use crate::step::Step;

/// What became of each figure at each of `steps`, if changes below `threshold`, a share, do not matter.
pub(super) fn changes(pairs: &[Pair], steps: &[Step], threshold: f64) -> Vec<Change> {
    steps.iter().flat_map(|&step| at(pairs, step, threshold)).collect()
}

fn at(pairs: &[Pair], step: Step, threshold: f64) -> impl Iterator<Item = Change> {
    let here: Vec<&Pair> = pairs.iter().filter(|[base, _]| base.step == step).collect();
    Metric::INTERLEAVED.into_iter().filter_map(move |metric| {
        let figures: Vec<[f64; 2]> =
            here.iter().map(|pair| pair.each_ref().map(|it| figure(it, metric))).collect();
        Change::of_blocks(step, metric, &figures, threshold)
    })
}

/// Figures that cannot be compared, each a sentence: nothing is a multiple of what is not above 0.
pub(super) fn left_out(pairs: &[Pair], steps: &[Step]) -> Vec<String> {
    let is_left_out = |step: Step, metric: Metric| {
        let mut blocks = pairs.iter().flatten().filter(|block| block.step == step);
        blocks.any(|block| !is_comparable(figure(block, metric)))
    };
    let all = steps.iter().flat_map(|&step| Metric::INTERLEAVED.map(|metric| (step, metric)));
    let left_out = all.filter(|(step, metric)| is_left_out(*step, *metric));
    left_out
        .map(|(step, metric)| {
            format!("{} at {step} is not compared: a block has none above 0", metric.name())
        })
        .collect()
}

fn is_comparable(figure: f64) -> bool {
    figure.is_finite() && figure > 0.0
}

/// What `block` has of it.
pub(super) fn figure(block: &Block, metric: Metric) -> f64 {
    let service_time = |of: Service| block.service_time_seconds.get(&of).copied().unwrap_or(f64::NAN);
    match metric {
        Metric::Throughput => block.throughput_per_second,
        Metric::ResponseTime => block.response_time_seconds,
        Metric::RngServiceTime => service_time(Service::Rng),
        Metric::HasherServiceTime => service_time(Service::Hasher),
        // Workers are measured here, not probes.
        Metric::ProbeWait => f64::NAN,
    }
}

/// The mean of `of` over the blocks of each build at `step`, and what it grew by.
pub(super) fn growth(pairs: &[Pair], step: Step, of: impl Fn(&Block) -> f64) -> [f64; 3] {
    let here: Vec<&Pair> = pairs.iter().filter(|[base, _]| base.step == step).collect();
    let mean = |side: usize| here.iter().map(|pair| of(&pair[side])).sum::<f64>() / here.len() as f64;
    let (base, new) = (mean(0), mean(1));
    [base, new, new - base]
}
