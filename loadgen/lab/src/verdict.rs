//! What limits throughput at one step, and the evidence for it. A pure function of what was seen and of the model.
//!
//! The order of the questions is the design's: does the time add up (Little's law); is a station full; are there too few
//! workers to fill one; if none of these, requests wait although there is room, and dispatch is to blame. What is lost
//! without anybody waiting, the machine has lost.

use serde::{Deserialize, Serialize};

use crate::backend::Service;
use crate::laws::bounds::Model;
use crate::laws::little::DARK_TIME_LIMIT;
use crate::laws::units::{Seconds, Throughput, Utilisation};
use crate::observation::{Observation, ServiceObservation};

/// A station this busy has nothing left to give.
const FULL: f64 = 0.95;

/// Below this a station has room, and waiting before it is no fault of its own.
const ROOM: f64 = 0.9;

/// Throughput below this share of its bound, with no station full, has a cause that is none of the workers'.
const SHORTFALL: f64 = 0.9;

/// A full station that computes uses its core; one that uses less than this much of it is waiting.
const IDLE_CPU: f64 = 0.5;

/// What limits throughput.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Limit {
    /// A service whose slots are all busy.
    Service {
        /// Which.
        service: Service,
        /// Whether its CPU idles meanwhile: more hardware would not help, more slots or replicas would.
        software: bool,
    },
    /// There are too few workers to fill any service.
    Workers,
    /// Requests wait although some replica has room.
    Dispatch,
    /// Cycles take longer than they should although nobody waits: what runs on the machine is in its own way.
    Machine,
    /// A part of the cycle is not accounted for by any stage.
    DarkTime,
}

impl Limit {
    /// The name under which expectations and reports know it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Service { service, .. } => service.name(),
            Self::Workers => "workers",
            Self::Dispatch => "dispatch",
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

/// Judges `seen`, for which `model` was made.
pub fn judge(seen: &Observation, model: &Model) -> Verdict {
    if seen.dark_time_share.abs() >= DARK_TIME_LIMIT {
        return Verdict { limit: Limit::DarkTime, evidence: vec![dark_time(seen)] };
    }
    let fullest = fullest(seen);
    if let Some(full) = fullest.filter(|it| it.utilisation.unwrap_or_default() >= FULL) {
        return full_station(full);
    }
    let knee = model.knee().unwrap_or(f64::INFINITY);
    if (seen.clients as f64) <= knee {
        return match lost_to(seen, model) {
            Some(Limit::Dispatch) => uneven_dispatch(seen, knee),
            Some(Limit::Machine) => slow_machine(seen, model),
            _ => too_few_workers(seen, model, knee),
        };
    }
    // There is nothing to dispatch to a single replica: it is full but for the gaps that irregular times leave.
    if let Some(nearly_full) = fullest.filter(|it| it.replicas.len() == 1) {
        return full_station(nearly_full);
    }
    uneven_dispatch(seen, knee)
}

/// What kept workers that do not fill any station from what they should achieve: dispatch if at least half of the time
/// lost was spent waiting for one replica of several, the machine if it was not spent waiting at all.
fn lost_to(seen: &Observation, model: &Model) -> Option<Limit> {
    let bound = model.bound(seen.clients).0;
    if seen.throughput_per_second >= SHORTFALL * bound {
        return None;
    }
    let lost = seen.clients as f64 / seen.throughput_per_second - seen.clients as f64 / bound;
    let stations = || seen.services.iter().filter(|it| it.service != Service::Worker);
    let queued = |it: &ServiceObservation| it.queueing_time_seconds.unwrap_or_default();
    let several: f64 = stations().filter(|it| it.replicas.len() > 1).map(queued).sum();
    let all: f64 = stations().map(queued).sum();
    if several >= lost / 2.0 { Some(Limit::Dispatch) } else { (all < lost / 2.0).then_some(Limit::Machine) }
}

/// The station with a limit on its slots that is busiest.
fn fullest(seen: &Observation) -> Option<&ServiceObservation> {
    let stations = seen.services.iter().filter(|service| service.service != Service::Worker);
    stations
        .filter(|it| it.utilisation.is_some())
        .max_by(|a, b| a.utilisation.unwrap_or_default().total_cmp(&b.utilisation.unwrap_or_default()))
}

fn full_station(full: &ServiceObservation) -> Verdict {
    let replicas = full.replicas.len().max(1) as f64;
    let cpu = full.cpu_cores / replicas;
    let software = cpu < IDLE_CPU;
    let busy = Utilisation(full.utilisation.unwrap_or_default());
    let slots = full.slots.unwrap_or_default();
    let noun = if slots > 1.5 { format!("its {slots:.0} slots are") } else { "its one slot is".to_owned() };
    let mut evidence = vec![format!("{noun} {busy} busy")];
    if software {
        evidence.push(format!("its CPU is {:.1} % busy", cpu * 100.0));
    }
    if let Some(queue) = full.queueing_time_seconds {
        evidence.push(format!("each request waits {} for it", Seconds(queue)));
    }
    Verdict { limit: Limit::Service { service: full.service, software }, evidence }
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
    let cores: f64 = seen.services.iter().map(|service| service.cpu_cores).sum();
    let evidence = vec![
        format!("a cycle takes {} instead of {}", seen.cycle(), model.cycle_time()),
        "next to nothing of that is waiting for a service".to_owned(),
        format!("the services alone keep {cores:.1} CPUs busy"),
    ];
    Verdict { limit: Limit::Machine, evidence }
}

/// What the loops are called: workers, unless a worker runs several of them.
fn loops(seen: &Observation) -> &'static str {
    let workers = seen.service(Service::Worker).map_or(seen.clients, |workers| workers.replicas.len());
    if workers < seen.clients { "loops" } else { "workers" }
}

fn uneven_dispatch(seen: &Observation, knee: f64) -> Verdict {
    let who = loops(seen);
    let mut evidence = Vec::new();
    if seen.clients as f64 > knee {
        evidence.push(format!("{} {who} are more than the {knee:.1} that fill the services", seen.clients));
    }
    let queued = |it: &&ServiceObservation| it.utilisation.is_some_and(|busy| busy < ROOM);
    for service in seen.services.iter().filter(|it| it.service != Service::Worker).filter(queued) {
        let Some(queue) = service.queueing_time_seconds else { continue };
        let busy = Utilisation(service.utilisation.unwrap_or_default());
        evidence.push(format!("requests wait {} for {} at {busy}", Seconds(queue), service.service));
        if let Some(replicas) = service.stuck_to() {
            evidence.push(sticky(replicas));
        }
        if let Some(uneven) = service.evenness.filter(|evenness| !evenness.is_even()) {
            evidence.push(format!("its replicas get uneven shares (p = {:.1e})", uneven.p_value));
        }
    }
    Verdict { limit: Limit::Dispatch, evidence }
}

/// What it means that only so many replicas are visited, over kept connections.
pub fn sticky(replicas: usize) -> String {
    match replicas {
        1 => "connections stick to one replica".to_owned(),
        several => format!("connections stick to {several} replicas"),
    }
}

fn dark_time(seen: &Observation) -> String {
    let accounted = Throughput(seen.throughput_per_second) * seen.cycle();
    format!("Little's law accounts for {accounted:.2} of {} {}", seen.clients, loops(seen))
}

#[cfg(test)]
#[path = "verdict_tests.rs"]
mod tests;
