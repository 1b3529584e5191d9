//! Who is short of CPU: a service by its own limit, the lab, or everybody on a host that is full, or that a hypervisor keeps from its
//! CPUs. What is short of CPU without costing a cycle much is nobody's limit.

use super::{LARGE_PART, Limit, Verdict, stations};
use crate::backend::Service;
use crate::laws::units::{Seconds, Utilisation};
use crate::observation::{CpuObservation, Observation, ServiceObservation};

/// A process that is kept from a CPU for this share of the time, or longer, is short of it.
const KEPT: f64 = 0.2;

/// The lab runs in one thread; when that computes, or waits to, for so much of the time, it has no more to give.
const SPENT: f64 = 0.9;

/// A station whose slots are all busy, of which service times explain less than this share, keeps them for longer than it
/// serves: its process is late.
const HELD: f64 = 0.8;

/// A lab that sends its probes late, on average, by this share of what a cycle loses is late for the requests that it forwards, too, of
/// which a cycle has several.
const LATE: f64 = 0.25;

/// Time that a hypervisor keeps from a host is worth a word from here on.
const WORTH_A_WORD: f64 = 0.01;

/// Whether `full`, whose slots are all busy, is so only because its process gets too little CPU.
pub(super) fn starved_station(full: &ServiceObservation, seen: &Observation) -> Option<Verdict> {
    let served = full.service_time_seconds? * full.replicas.iter().map(|it| it.visits).sum::<f64>();
    if served >= HELD * full.slots? * seen.window.seconds() {
        return None;
    }
    if is_throttled(full) {
        return Some(throttled(full.service, seen));
    }
    let waits = full.replicas.iter().any(|it| it.cpu.cpu_waiting_share >= KEPT);
    (waits || is_stolen(seen)).then(|| full_host(seen))
}

/// Who is short of CPU where no station is full, if that makes up a large part of the cycle.
pub(super) fn shortage(seen: &Observation, think_time: Seconds) -> Option<Verdict> {
    let large = LARGE_PART * seen.cycle().0;
    let limited = seen.services.iter().filter(|it| is_throttled(it));
    let costs =
        limited.map(|it| (it.service, lost_at(it, seen, think_time))).filter(|(_, lost)| *lost >= large);
    if let Some((service, _)) = costs.max_by(|(_, a), (_, b)| a.total_cmp(b)) {
        return Some(throttled(service, seen));
    }
    let lost = lost_unseen(seen, think_time);
    if lost < large.max(queued(seen)) {
        return None;
    }
    if is_spent(&seen.lab) || seen.lab.cpu_throttled_share >= KEPT {
        return Some(busy_lab(seen));
    }
    if waited(seen) >= large || is_stolen(seen) {
        return Some(full_host(seen));
    }
    let lag = seen.probe.and_then(|probe| probe.lag_mean_seconds);
    lag.is_some_and(|lag| lag >= LATE * lost).then(|| busy_lab(seen))
}

/// Whether a hypervisor keeps a host from its CPUs.
pub(crate) fn is_stolen(seen: &Observation) -> bool {
    seen.host_cpu_stolen_share >= KEPT
}

/// Whether a thread never rests, and computes for a third of that time or more: one that mostly waits for a CPU has others to
/// blame.
fn is_spent(thread: &CpuObservation) -> bool {
    thread.cpu_cores + thread.cpu_waiting_share >= SPENT && 2.0 * thread.cpu_cores >= thread.cpu_waiting_share
}

fn is_throttled(service: &ServiceObservation) -> bool {
    service.replicas.iter().any(|it| it.cpu.cpu_throttled_share >= KEPT)
}

/// The time that a cycle spends at `service` beyond being served there, in seconds.
fn lost_at(service: &ServiceObservation, seen: &Observation, think_time: Seconds) -> f64 {
    match service.service {
        // The worker is who looks at the clock: when it is late, every stage seems longer.
        Service::Worker => lost_unseen(seen, think_time),
        Service::Store => seen.stage("store").0,
        other => seen.stage(other.name()).0 - service.service_time_seconds.unwrap_or_default(),
    }
}

/// The time of a cycle that is neither thinking, nor service, nor waiting for a slot, nor spent with the store, in seconds.
fn lost_unseen(seen: &Observation, think_time: Seconds) -> f64 {
    let service: f64 = stations(seen).filter_map(|it| it.service_time_seconds).sum();
    (seen.cycle() - think_time - seen.stage("store")).0 - service - queued(seen)
}

/// The time for which a cycle waits for slots, in seconds.
fn queued(seen: &Observation) -> f64 {
    stations(seen).filter_map(|it| it.queueing_time_seconds).sum()
}

/// How long processes wait for a CPU for each cycle, the lab's forwarding included, in seconds.
fn waited(seen: &Observation) -> f64 {
    let shares: f64 = everybody(seen).map(|it| it.cpu_waiting_share).sum();
    shares / seen.throughput_per_second
}

fn everybody(seen: &Observation) -> impl Iterator<Item = &CpuObservation> {
    let replicas = seen.services.iter().flat_map(|service| &service.replicas);
    replicas.map(|it| &it.cpu).chain([&seen.lab])
}

fn throttled(service: Service, seen: &Observation) -> Verdict {
    let mut evidence = Vec::new();
    for limited in seen.services.iter().filter(|it| is_throttled(it)) {
        let shares = limited.replicas.iter().map(|it| (&it.replica, it.cpu.cpu_throttled_share));
        if let Some((replica, share)) = shares.max_by(|(_, a), (_, b)| a.total_cmp(b)) {
            evidence.push(format!("{replica} has used its quota up for {} of the time", Utilisation(share)));
        }
    }
    evidence.push(match service {
        Service::Worker => format!("a cycle takes {}", seen.cycle()),
        other => format!("{} of a cycle's {} go to {other}", seen.stage(other.name()), seen.cycle()),
    });
    Verdict { limit: Limit::Throttling { service }, evidence }
}

fn busy_lab(seen: &Observation) -> Verdict {
    let mut evidence = vec![format!("it keeps its one thread {} busy", Utilisation(seen.lab.cpu_cores))];
    if seen.lab.cpu_throttled_share >= KEPT {
        let share = Utilisation(seen.lab.cpu_throttled_share);
        evidence.push(format!("it has used its CPU quota up for {share} of the time"));
    }
    evidence.extend(lag(seen));
    evidence.push(format!("a cycle takes {}", seen.cycle()));
    Verdict { limit: Limit::Lab, evidence }
}

fn full_host(seen: &Observation) -> Verdict {
    let mut evidence =
        vec![format!("of a cycle's {} processes wait {} for a CPU", seen.cycle(), Seconds(waited(seen)))];
    if seen.host_cpu_pressure_share > 0.0 {
        let share = Utilisation(seen.host_cpu_pressure_share);
        evidence.push(format!("some process of the host waits for one {share} of the time"));
    }
    evidence.extend(stolen(seen));
    evidence.extend(lag(seen));
    evidence.push(used(seen));
    Verdict { limit: Limit::HostCpu, evidence }
}

/// What a hypervisor keeps from the host, if that is worth a word.
pub(super) fn stolen(seen: &Observation) -> Option<String> {
    let share = seen.host_cpu_stolen_share;
    (share >= WORTH_A_WORD)
        .then(|| format!("a hypervisor keeps {} of its CPUs' time from the host", Utilisation(share)))
}

/// How late the lab's own probes were.
pub(super) fn lag(seen: &Observation) -> Option<String> {
    let probe = seen.probe?;
    let [mean, p99] = [probe.lag_mean_seconds?, probe.lag_p99_seconds?].map(Seconds);
    Some(format!("the lab's own probes are {mean} late on average, one in a hundred {p99}"))
}

/// What the application uses of the machine.
pub(super) fn used(seen: &Observation) -> String {
    let cores: f64 = seen.services.iter().map(|service| service.cpu_cores).sum();
    format!("the services alone keep {cores:.1} CPUs busy")
}
