//! The cheapest replica counts that reach a throughput: the fewest in all, and of those the fewest of rng.

use crate::backend::Service;
use crate::demands::Demands;
use crate::laws::bounds::Model;
use crate::laws::dispatch::Dispatch;
use crate::laws::units::Throughput;
use crate::step::Step;

/// A target reached to within a billionth is reached: 1/(0.1 s) is not always 10/s to the last bit.
const ROUNDING: f64 = 1e-9;

/// So many times as many workers as would do without waiting are looked at before a count of replicas is given up.
const MOST_WAITING: usize = 16;

/// A range of counts is looked at in so many places, and then around the best of them.
const PLACES: usize = 16;

/// So many counts of rng in a row that are no better end the search.
const NO_BETTER: usize = 2;

/// The counts for `target`; `None` if none are found that reach it.
///
/// In turn each service needs ⌈X·D/slots⌉ replicas and the workers ⌈X·(Z+ΣD)⌉ loops, whatever the others have. At random more
/// replicas make up for fewer workers. The best counts by the approximation for crowds are then bettered by the best estimate that
/// there is, on the assumption that the sum falls and then rises with the count of rng.
pub(super) fn cheapest(demands: &Demands, target: Throughput) -> Option<Step> {
    let least = least(demands, target);
    let by_chance = [&demands.rng, &demands.hasher]
        .iter()
        .any(|demand| demand.dispatch == Dispatch::Random && demand.slots.is_some());
    if !by_chance {
        return Some(least);
    }
    let search = Search { demands, target, least };
    search.bettered(search.roughly()?)
}

/// What dispatch in turn needs, and nothing less will do.
pub(super) fn least(demands: &Demands, target: Throughput) -> Step {
    let one = Step { workers: 1, rng: 1, hasher: 1 };
    let sizing = demands.model(one).replicas_for(target);
    let replicas = |service: Service, slots: Option<usize>| {
        let servers = sizing.servers.iter().find(|(name, _)| name == service.name());
        servers.zip(slots).map_or(1, |((_, servers), slots)| servers.div_ceil(slots))
    };
    Step {
        workers: sizing.clients.div_ceil(demands.concurrency),
        rng: replicas(Service::Rng, demands.rng.slots),
        hasher: replicas(Service::Hasher, demands.hasher.slots),
    }
}

/// What throughput is taken to be.
type Law = fn(&Model, usize) -> Throughput;

struct Search<'a> {
    demands: &'a Demands,
    target: Throughput,
    least: Step,
}

impl Search<'_> {
    /// The best by the approximation for crowds.
    fn roughly(&self) -> Option<Step> {
        // Full replicas of hasher keep as many from the target as those of rng do: some more are enough.
        let hashers = self.least.hasher..=self.least.hasher + 1 + self.least.hasher / 2;
        let hashers = if self.demands.hasher.slots.is_some() { hashers } else { 1..=1 };
        hashers.filter_map(|hasher| self.with_hashers(hasher)).min_by_key(cost)
    }

    /// The best count of rng next to so many hashers.
    fn with_hashers(&self, hasher: usize) -> Option<Step> {
        let fewest = |rng| self.fewest_workers(Step { rng, hasher, ..self.least }, Model::rough_throughput);
        let mut low = self.least.rng;
        // Where there is a replica for each worker, one more is of no use.
        let mut high = low.max(2 * self.least.workers * self.demands.concurrency);
        loop {
            let stride = (high - low).div_ceil(PLACES).max(1);
            let best = (low..=high).step_by(stride).filter_map(fewest).min_by_key(cost)?;
            if stride == 1 {
                return Some(best);
            }
            (low, high) = (self.least.rng.max(best.rng.saturating_sub(stride)), best.rng + stride);
        }
    }

    /// The best by the best estimate, going from `rough` to fewer and to more of rng while that helps.
    fn bettered(&self, rough: Step) -> Option<Step> {
        let fewest = |rng| self.fewest_workers(Step { rng, ..rough }, Model::throughput);
        let mut best = fewest(rough.rng);
        let fewer = (self.least.rng..rough.rng).rev();
        let more = rough.rng + 1..;
        for counts in [&mut fewer.into_iter() as &mut dyn Iterator<Item = usize>, &mut more.into_iter()] {
            let mut no_better = 0;
            while let Some(rng) = counts.next().filter(|_| no_better < NO_BETTER) {
                let found = fewest(rng);
                let cheaper = |found: &Step| best.as_ref().is_none_or(|best| cost(found) < cost(best));
                let better = found.as_ref().is_some_and(cheaper);
                no_better = if better { 0 } else { no_better + 1 };
                best = if better { found } else { best };
            }
        }
        best
    }

    /// The fewest workers with which the replicas of `step` reach the target by `law`, looked for around the workers that it has;
    /// `None` if the replicas hardly reach it with any.
    fn fewest_workers(&self, step: Step, law: Law) -> Option<Step> {
        let with = |workers| Step { workers, ..step };
        let reached = |workers: usize| {
            let throughput = law(&self.demands.model(with(workers)), workers * self.demands.concurrency);
            throughput.0 >= self.target.0 * (1.0 - ROUNDING)
        };
        // Below `short` the target is not reached; at `enough` it is.
        let (mut short, mut enough, mut stride) = (self.least.workers - 1, step.workers, 1);
        while !reached(enough) {
            if enough > MOST_WAITING * self.least.workers {
                return None;
            }
            (short, enough, stride) = (enough, enough + stride, 2 * stride);
        }
        stride = 1;
        while enough - short > stride && reached(enough - stride) {
            (enough, stride) = (enough - stride, 2 * stride);
        }
        short = short.max(enough.saturating_sub(stride));
        while enough - short > 1 {
            let middle = usize::midpoint(short, enough);
            if reached(middle) { enough = middle } else { short = middle }
        }
        Some(with(enough))
    }
}

/// What counts, in order.
fn cost(step: &Step) -> (usize, usize) {
    (step.workers + step.rng + step.hasher, step.rng)
}
