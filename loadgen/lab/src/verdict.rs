//! What limits throughput at one step, and the evidence for it. A pure function of what was seen and of the model.
//!
//! The order of the questions is the design's: does the time add up (Little's law); is a station full; is somebody short of
//! CPU ([`cpu`]); does the store keep everybody waiting; are there too few workers to fill a station; if none of these,
//! requests wait although there is room, and dispatch is to blame ([`dispatch`]). What is lost without anybody waiting, the
//! machine has lost.

use serde::{Deserialize, Serialize};

use crate::backend::Service;
use crate::laws::bounds::Model;
use crate::laws::little::DARK_TIME_LIMIT;
use crate::laws::units::{Seconds, Throughput, Utilisation};
use crate::observation::{Observation, ServiceObservation};

mod cpu;
mod dispatch;

pub(crate) use cpu::is_stolen;
pub use dispatch::sticky;

/// A station this busy has nothing left to give.
const FULL: f64 = 0.95;

/// Throughput below this share of its bound, with no station full, has a cause that is none of the workers'.
const SHORTFALL: f64 = 0.9;

/// A full station that computes uses its core, or waits for it; one that does so for less than this much of the time waits
/// for something else.
const IDLE_CPU: f64 = 0.5;

/// What takes at least this share of a cycle, and should not, limits throughput more than the number of workers does.
const LARGE_PART: f64 = 0.25;

/// What limits throughput.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Limit {
    /// A service whose slots are all busy; or the store, which has none, when cycles mostly wait for it.
    Service {
        /// Which.
        service: Service,
        /// Whether its CPU idles meanwhile: more hardware would not help, more slots or replicas would.
        software: bool,
    },
    /// There are too few workers to fill any service.
    Workers,
    /// Requests wait although some replica has room.
    Dispatch {
        /// Why they don't go there.
        cause: Misdirection,
    },
    /// A service has used the CPU quota of its control group up.
    Throttling {
        /// Which; the one that costs the cycle the most.
        service: Service,
    },
    /// Processes wait for the CPUs of the host, which others use, or which a hypervisor keeps from it.
    HostCpu,
    /// The lab itself is short of CPU, and with it what it forwards and measures.
    Lab,
    /// Cycles take longer than they should although nobody waits: what runs on the machine is in its own way.
    Machine,
    /// A part of the cycle is not accounted for by any stage.
    DarkTime,
}

/// Why requests wait before one replica while another has room.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Misdirection {
    /// One replica takes longer than the others, and gets as many requests.
    SlowReplica,
    /// Connections stay with the replicas that they reached first.
    StickyConnections,
    /// Chance, or anything else that knows nothing of queues.
    Unaware,
}

impl Limit {
    /// The name under which expectations and reports know it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Service { service, .. } => service.name(),
            Self::Workers => "workers",
            Self::Dispatch { .. } => "dispatch",
            Self::Throttling { .. } => "throttling",
            Self::HostCpu => "host CPU",
            Self::Lab => "lab",
            Self::Machine => "machine",
            Self::DarkTime => "dark time",
        }
    }
}

/// A limit with the reasons to believe in it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Verdict {
    /// What limits throughput.
    pub limit: Limit,
    /// The measurements that say so, each a clause.
    pub evidence: Vec<String>,
}

/// Judges `seen`, for which `model` was made; `think_time` is what the workers are set to.
pub fn judge(seen: &Observation, model: &Model, think_time: Seconds) -> Verdict {
    if is_dark(seen) {
        return Verdict { limit: Limit::DarkTime, evidence: vec![dark_time(seen)] };
    }
    let fullest = fullest(seen);
    if let Some(full) = fullest.filter(|it| it.utilisation.unwrap_or_default() >= FULL) {
        return cpu::starved_station(full, seen).unwrap_or_else(|| full_station(full));
    }
    if let Some(verdict) = cpu::shortage(seen, think_time).or_else(|| slow_store(seen)) {
        return verdict;
    }
    let knee = model.knee().unwrap_or(f64::INFINITY);
    if (seen.clients as f64) <= knee {
        return match lost_to(seen, model) {
            Some(Lost::Queueing) => dispatch::misdirected(seen, knee),
            Some(Lost::Elsewhere) => slow_machine(seen, model),
            None => too_few_workers(seen, model, knee),
        };
    }
    // There is nothing to dispatch to a single replica: it is full but for the gaps that irregular times leave.
    if let Some(nearly_full) = fullest.filter(|it| it.replicas.len() == 1) {
        return full_station(nearly_full);
    }
    dispatch::misdirected(seen, knee)
}

/// Whether more time is missing than the throughput, whose interval is known, leaves open.
fn is_dark(seen: &Observation) -> bool {
    let open = seen.throughput_half_width_per_second.unwrap_or_default() / seen.throughput_per_second;
    seen.dark_time_share.abs() >= DARK_TIME_LIMIT.max(open)
}

/// Where time went that should not have gone at all.
enum Lost {
    /// Before, or in, one replica of several.
    Queueing,
    /// Not in waiting.
    Elsewhere,
}

/// What kept workers that do not fill any station from what they should achieve: dispatch if one replica is slow or at least
/// half of the time lost was spent waiting for one replica of several, the machine if it was not spent waiting at all.
fn lost_to(seen: &Observation, model: &Model) -> Option<Lost> {
    let bound = model.bound(seen.clients).0;
    if seen.throughput_per_second >= SHORTFALL * bound {
        return None;
    }
    let lost = seen.clients as f64 / seen.throughput_per_second - seen.clients as f64 / bound;
    let queued = |it: &ServiceObservation| it.queueing_time_seconds.unwrap_or_default();
    let several: f64 = stations(seen).filter(|it| it.replicas.len() > 1).map(queued).sum();
    let all: f64 = stations(seen).map(queued).sum();
    let slow = stations(seen).any(|it| it.slow_replica().is_some());
    if slow || several >= lost / 2.0 {
        Some(Lost::Queueing)
    } else {
        (all < lost / 2.0).then_some(Lost::Elsewhere)
    }
}

/// The services that workers call.
fn stations(seen: &Observation) -> impl Iterator<Item = &ServiceObservation> {
    seen.services.iter().filter(|it| it.service != Service::Worker)
}

/// The station with a limit on its slots that is busiest.
fn fullest(seen: &Observation) -> Option<&ServiceObservation> {
    let busy = |it: &ServiceObservation| it.utilisation.unwrap_or_default();
    stations(seen).filter(|it| it.utilisation.is_some()).max_by(|a, b| busy(a).total_cmp(&busy(b)))
}

/// Whether the replicas of `service` leave their CPU idle: they neither use it nor wait for it.
fn is_idle(service: &ServiceObservation) -> bool {
    let waiting: f64 = service.replicas.iter().map(|it| it.cpu.cpu_waiting_share).sum();
    (service.cpu_cores + waiting) / (service.replicas.len().max(1) as f64) < IDLE_CPU
}

fn full_station(full: &ServiceObservation) -> Verdict {
    let software = is_idle(full);
    let busy = Utilisation(full.utilisation.unwrap_or_default());
    let slots = full.slots.unwrap_or_default();
    let noun = if slots > 1.5 { format!("its {slots:.0} slots are") } else { "its one slot is".to_owned() };
    let mut evidence = vec![format!("{noun} {busy} busy")];
    if software {
        evidence.push(cpu_of(full));
    }
    if let Some(queue) = full.queueing_time_seconds {
        evidence.push(format!("each request waits {} for it", Seconds(queue)));
    }
    Verdict { limit: Limit::Service { service: full.service, software }, evidence }
}

fn cpu_of(service: &ServiceObservation) -> String {
    format!("its CPU is {:.1} % busy", service.cpu_cores / service.replicas.len().max(1) as f64 * 100.0)
}

/// The store has no slots to be seen; what is seen is the time that cycles spend with it.
fn slow_store(seen: &Observation) -> Option<Verdict> {
    let [spent, cycle] = [seen.stage("store"), seen.cycle()];
    if spent.0 < LARGE_PART * cycle.0 {
        return None;
    }
    let mut evidence = vec![format!("{spent} of a cycle's {cycle} go to it")];
    // Somebody else's Redis has no replica here that could be read.
    let store = seen.service(Service::Store).filter(|store| !store.replicas.is_empty());
    let software = store.is_some_and(is_idle);
    evidence.extend(store.map(cpu_of));
    Some(Verdict { limit: Limit::Service { service: Service::Store, software }, evidence })
}

fn too_few_workers(seen: &Observation, model: &Model, knee: f64) -> Verdict {
    let mut evidence = Vec::new();
    let used = |it: &&ServiceObservation| it.utilisation.is_some_and(|busy| busy >= 0.005);
    if let Some(busiest) = fullest(seen).filter(used) {
        let busy = Utilisation(busiest.utilisation.unwrap_or_default());
        evidence.push(format!("{} is the busiest service at {busy}", busiest.service));
    }
    evidence.push(format!(
        "a cycle takes {}, and would take {} without waiting",
        seen.cycle(),
        model.cycle_time()
    ));
    if knee.is_finite() {
        let is = if seen.clients == 1 { "is" } else { "are" };
        let who = loops(seen);
        evidence.push(format!("{} of the {knee:.1} {who} that would fill it {is} there", seen.clients));
    }
    Verdict { limit: Limit::Workers, evidence }
}

fn slow_machine(seen: &Observation, model: &Model) -> Verdict {
    let mut evidence = vec![
        format!("a cycle takes {} instead of {}", seen.cycle(), model.cycle_time()),
        "next to nothing of that is waiting for a service".to_owned(),
        cpu::used(seen),
    ];
    evidence.extend(cpu::stolen(seen));
    evidence.extend(cpu::lag(seen));
    Verdict { limit: Limit::Machine, evidence }
}

/// What the loops are called: workers, unless a worker runs several of them.
fn loops(seen: &Observation) -> &'static str {
    let workers = seen.service(Service::Worker).map_or(seen.clients, |workers| workers.replicas.len());
    if workers < seen.clients { "loops" } else { "workers" }
}

fn dark_time(seen: &Observation) -> String {
    let accounted = Throughput(seen.throughput_per_second) * seen.cycle();
    format!("Little's law accounts for {accounted:.2} of {} {}", seen.clients, loops(seen))
}

#[cfg(test)]
#[path = "verdict_tests.rs"]
mod tests;
