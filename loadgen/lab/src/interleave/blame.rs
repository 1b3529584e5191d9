//! Whose fault it is that a build is worse. Owns telling a service that serves longer from one that is only waited for.

use super::block::{Block, TIMED};
use super::course::Pair;
use super::figures::growth;
use crate::backend::Service;
use crate::compare::{Change, Metric, Ruling};
use crate::laws::units::Seconds;
use crate::step::Step;

/// Who makes up for more than this share of what a unit of work takes longer explains it.
const MOST: f64 = 0.5;

/// Which service explains the regressions among `changes`, as a sentence without its full stop.
///
/// A service time that has become worse by itself is the reason wherever it shows. Else it is looked for at the step where work
/// waits least, in what passes at each service beside waiting for a slot.
pub(super) fn blame(changes: &[Change], pairs: &[Pair]) -> Option<String> {
    let worse = |metric: Metric| {
        changes.iter().find(|change| change.metric == metric && change.ruling == Ruling::Regression)
    };
    let served_longer = TIMED.into_iter().find_map(|service| Some((service, worse(own(service)?)?)));
    if let Some((service, change)) = served_longer {
        let [base, new] = [change.base, change.new].map(Seconds);
        return Some(format!("{service} is to blame: its service time was {base:.1} and is {new:.1}"));
    }
    worse(Metric::ResponseTime).or(worse(Metric::Throughput))?;
    let step = pairs.iter().map(|[base, _]| base.step).min_by_key(|step| step.workers)?;
    passing(step, pairs)
}

fn own(service: Service) -> Option<Metric> {
    match service {
        Service::Rng => Some(Metric::RngServiceTime),
        Service::Hasher => Some(Metric::HasherServiceTime),
        _ => None,
    }
}

/// The stage in which most of what a unit of work takes longer passes.
fn passing(step: Step, pairs: &[Pair]) -> Option<String> {
    let stages = [Service::Rng, Service::Hasher, Service::Store];
    let beside_waiting = |block: &Block, service: Service| {
        let stage = block.stage_seconds.get(service.name()).copied().unwrap_or_default();
        stage - block.queueing_time_seconds.get(&service).copied().unwrap_or_default()
    };
    let longer = |service| growth(pairs, step, |block| beside_waiting(block, service));
    let [.., all] = growth(pairs, step, |block| stages.iter().map(|it| beside_waiting(block, *it)).sum());
    let (service, [base, new, more]) = stages
        .map(|service| (service, longer(service)))
        .into_iter()
        .max_by(|a, b| a.1[2].total_cmp(&b.1[2]))?;
    (all > 0.0 && more > MOST * all).then(|| {
        let [base, new] = [base, new].map(Seconds);
        format!("{service} is to blame: at {step} a unit of work was there for {base:.1} beside waiting, and now is for {new:.1}")
    })
}
