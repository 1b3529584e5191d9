//! What several runs were asked for, as if one had been.

use std::time::{Duration, SystemTime};

use crate::bench::report::{PlanSummary, Report, Shards, Stage};

/// One load that was sent, by one run or by several shards of it.
struct Sent {
    plan: PlanSummary,
    shards: Option<Shards>,
    /// Of the first and the last of its runs.
    started_at: (SystemTime, SystemTime),
}

impl Sent {
    fn by(report: &Report) -> Self {
        let apart = report.plan.shards.as_ref().map_or(Duration::ZERO, |it| it.started_apart);
        Self {
            plan: report.plan.clone(),
            shards: report.plan.shards.clone(),
            started_at: (report.started_at, report.started_at + apart),
        }
    }

    /// Takes another shard of the same load in.
    fn add(&mut self, other: &Self) {
        self.plan.threads += other.plan.threads;
        let (ours, theirs) = (self.started_at, other.started_at);
        self.started_at = (ours.0.min(theirs.0), ours.1.max(theirs.1));
        if let (Some(shards), Some(others)) = (&mut self.shards, &other.shards) {
            shards.which.extend(&others.which);
            shards.which.sort_unstable();
            shards.started_apart = self.started_at.1.duration_since(self.started_at.0).unwrap_or_default();
        }
    }
}

/// Whether both are shards of one load.
pub(super) fn are_of_one_load(one: &PlanSummary, other: &PlanSummary) -> bool {
    let is_divided_alike = || one.shards.as_ref()?.of.eq(&other.shards.as_ref()?.of).then_some(());
    is_divided_alike().is_some() && asked_for(one) == asked_for(other)
}

/// Without what each process decides for itself.
fn asked_for(plan: &PlanSummary) -> PlanSummary {
    let connections = if plan.load == "open" { 0 } else { plan.connections };
    PlanSummary { shards: None, threads: 0, connections, ..plan.clone() }
}

/// Shards of one load are that load. Of different loads what adds up is summed, and the first one's word taken for what must
/// have been the same; rates and connections do not add up where the runs were not side by side.
pub(super) fn united(first: &PlanSummary, reports: &[Report], side_by_side: bool) -> PlanSummary {
    let mut loads: Vec<Sent> = Vec::new();
    for sent in reports.iter().map(Sent::by) {
        match loads.iter_mut().find(|it| are_of_one_load(&it.plan, &sent.plan)) {
            Some(known) => known.add(&sent),
            None => loads.push(sent),
        }
    }
    if let [Sent { plan, shards, .. }] = &loads[..] {
        return PlanSummary { shards: shards.clone(), ..plan.clone() };
    }
    let all = || loads.iter().map(|it| &it.plan);
    let sum = PlanSummary {
        urls: distinct(all().flat_map(|it| &it.urls)),
        connections: all().map(|it| it.connections).sum(),
        threads: all().map(|it| it.threads).sum(),
        rate_per_s: all().map(|it| it.rate_per_s).sum(),
        requests: all().map(|it| it.requests).sum(),
        duration: all().map(|it| it.duration).max().flatten(),
        // Two schedules of one seed are the same one twice; those of several have no seed together.
        seed: None,
        stages: stages(&all().map(|it| it.stages.as_slice()).collect::<Vec<_>>()),
        shards: None,
        ..first.clone()
    };
    if side_by_side {
        return sum;
    }
    PlanSummary {
        connections: all().map(|it| it.connections).max().unwrap_or_default(),
        threads: all().map(|it| it.threads).max().unwrap_or_default(),
        rate_per_s: first.rate_per_s.filter(|rate| all().all(|it| it.rate_per_s == Some(*rate))),
        stages: if all().all(|it| it.stages == first.stages) { first.stages.clone() } else { Vec::new() },
        ..sum
    }
}

fn distinct<'a>(urls: impl Iterator<Item = &'a String>) -> Vec<String> {
    let mut distinct = Vec::new();
    for url in urls {
        if !distinct.contains(url) {
            distinct.push(url.clone());
        }
    }
    distinct
}

/// Added up where they are of the same lengths; otherwise there is no telling.
fn stages(all: &[&[Stage]]) -> Vec<Stage> {
    let Some((first, others)) = all.split_first() else { return Vec::new() };
    let lengths = |stages: &[Stage]| stages.iter().map(|it| it.lasts).collect::<Vec<_>>();
    if others.iter().any(|it| lengths(it) != lengths(first)) {
        return Vec::new();
    }
    let mut sums = first.to_vec();
    for stages in others {
        for (sum, stage) in sums.iter_mut().zip(*stages) {
            sum.from_per_s += stage.from_per_s;
            sum.to_per_s += stage.to_per_s;
        }
    }
    sums
}
