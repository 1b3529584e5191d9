//! What to do about a limit that is neither a station nor the number of workers: one sentence each.

use crate::backend::Service;
use crate::laws::bounds::Model;
use crate::laws::units::Seconds;
use crate::report::StepReport;
use crate::unequal::SlowReplica;
use crate::verdict::{Limit, Misdirection, is_stolen};

/// The advice for `limit` at the step `at`, of which `model` was made; `None` where the model advises by numbers.
pub(crate) fn remedy(limit: Limit, at: &StepReport, model: &Model) -> Option<String> {
    Some(match limit {
        Limit::Dispatch { cause } => misdirected(cause, at, model),
        Limit::Throttling { service } => format!(
            "Raise the CPU quota of {service} (`cpus` in the compose file, `resources.limits.cpu` in the manifest), or scale \
             {service}: each replica has a quota of its own."
        ),
        Limit::HostCpu if is_stolen(&at.seen) => {
            "Move to a host whose CPUs are its own: a hypervisor gives them to other machines, which nothing here can change.".to_owned()
        }
        Limit::HostCpu => "Give the host more CPUs or less else to do; more replicas on it would compete for the same CPUs.".to_owned(),
        Limit::Lab => "Run loadgen where a CPU is free for it, with fewer probes (--probe-rate) or without; on one machine its \
                       forwarder carries every request."
            .to_owned(),
        Limit::Service { service: Service::Store, .. } => store(at),
        Limit::Machine => "Look for what each further worker makes slower: the network, a disk, memory.".to_owned(),
        Limit::DarkTime => "Look for loops that hang: requests that get no answer, workers that are stopped.".to_owned(),
        Limit::Workers | Limit::Service { .. } => return None,
    })
}

/// Why, for the sentence.
pub(crate) fn blamed(cause: Misdirection) -> &'static str {
    match cause {
        Misdirection::SlowReplica => ", since one replica is slow",
        Misdirection::StickyConnections => ", since connections stick",
        Misdirection::Unaware => "",
    }
}

fn misdirected(cause: Misdirection, at: &StepReport, model: &Model) -> String {
    let would = |model: &Model| format!("{} would give {}", at.step, model.bound(at.seen.clients));
    match (cause, slow_replica(at)) {
        (Misdirection::SlowReplica, Some((service, slow))) => format!(
            "Mend {}, or choose the replica with the fewest requests: were it as fast as the others, {}.",
            slow.replica,
            would(&all_take(model, service, Seconds(slow.others)))
        ),
        (Misdirection::StickyConnections, _) => format!(
            "Open a connection for each request (workers without --keep-alive), or balance requests and not connections: {}.",
            would(model)
        ),
        _ => format!("Choose replicas in turn, or the one with the fewest requests: {}.", would(model)),
    }
}

fn slow_replica(at: &StepReport) -> Option<(Service, SlowReplica<'_>)> {
    at.seen.services.iter().find_map(|service| Some((service.service, service.slow_replica()?)))
}

fn all_take(model: &Model, service: Service, time: Seconds) -> Model {
    let mut model = model.clone();
    for station in model.stations.iter_mut().filter(|station| station.name == service.name()) {
        station.service_time = time;
    }
    model
}

fn store(at: &StepReport) -> String {
    let cycle: f64 = at.seen.stages.iter().map(|stage| stage.seconds).sum();
    let without = at.seen.clients as f64 / (cycle - at.seen.stage("store").0);
    format!(
        "Bring the store nearer, or find out what makes it slow (its log of slow commands, its disk): without that time it \
         would be {without:.1}/s, if no service is full before."
    )
}
