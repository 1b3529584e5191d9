//! Requests that wait for one replica while another has room, and why they do.

use super::{Limit, Misdirection, Verdict, loops, stations};
use crate::laws::units::{Seconds, Utilisation};
use crate::observation::{Observation, ServiceObservation};

/// Below this a station has room, and waiting before it is no fault of its own.
const ROOM: f64 = 0.9;

/// The verdict where requests wait without need; `knee` is the number of loops that fill the services.
pub(super) fn misdirected(seen: &Observation, knee: f64) -> Verdict {
    let who = loops(seen);
    let mut evidence = Vec::new();
    if seen.clients as f64 > knee {
        evidence.push(format!("{} {who} are more than the {knee:.1} that fill the services", seen.clients));
    }
    let room = |it: &&ServiceObservation| it.utilisation.is_some_and(|busy| busy < ROOM);
    for service in stations(seen).filter(|it| room(it) || it.slow_replica().is_some()) {
        evidence.extend(symptoms(service));
    }
    Verdict { limit: Limit::Dispatch { cause: cause(seen) }, evidence }
}

fn cause(seen: &Observation) -> Misdirection {
    if stations(seen).any(|it| it.slow_replica().is_some()) {
        Misdirection::SlowReplica
    } else if stations(seen).any(ServiceObservation::is_sticky) {
        Misdirection::StickyConnections
    } else {
        Misdirection::Unaware
    }
}

fn symptoms(service: &ServiceObservation) -> Vec<String> {
    let mut symptoms = Vec::new();
    if let (Some(queue), Some(busy)) = (service.queueing_time_seconds, service.utilisation) {
        symptoms.push(format!(
            "requests wait {} for {} at {}",
            Seconds(queue),
            service.service,
            Utilisation(busy)
        ));
    }
    if let Some(slow) = service.slow_replica() {
        let [time, others] = [slow.service_time, slow.others].map(Seconds);
        symptoms.push(format!("{} takes {time} for each and the others {others}", slow.replica));
    }
    if let Some(replicas) = service.stuck_to() {
        symptoms.push(sticky(replicas));
    }
    if let Some(uneven) = service.evenness.filter(|evenness| !evenness.is_even()) {
        symptoms.push(format!("its replicas get uneven shares (p = {:.1e})", uneven.p_value));
    }
    symptoms
}

/// What it means that only so many replicas are visited, over kept connections.
pub fn sticky(replicas: usize) -> String {
    match replicas {
        1 => "connections stick to one replica".to_owned(),
        several => format!("connections stick to {several} replicas"),
    }
}
