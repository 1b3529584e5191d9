//! One choice of replica counts, by every law.

use serde::Serialize;

use crate::backend::Service;
use crate::laws::bounds::Model;
use crate::laws::demand::utilisation;
use crate::laws::dispatch::{Dispatch, Method};
use crate::laws::units::{Seconds, Throughput, Utilisation};
use crate::step::Step;

use super::demands::Demands;

/// What replica counts give. Throughputs are hashes per second.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Row {
    /// The replica counts.
    #[serde(flatten)]
    pub step: Step,
    /// Mining loops in all workers (N).
    pub clients: usize,
    /// With constant times and dispatch in turn: the bound that nothing beats.
    pub in_turn_per_second: Throughput,
    /// With constant times and each request to a replica at random.
    pub random_per_second: Throughput,
    /// How that was found, which says how good it is.
    pub random_method: Method,
    /// With exponential times and one queue for all replicas of a service: mean value analysis.
    pub mva_in_turn_per_second: Option<Throughput>,
    /// With exponential times and each request to a replica at random: mean value analysis. `None` where it has no answer, as
    /// for several slots at each of several replicas.
    pub mva_random_per_second: Option<Throughput>,
    /// The first or the second of these, by the dispatch that there is; what follows holds for it.
    pub throughput_per_second: Throughput,
    /// Time from a request to rng to the answer of hasher (R), waiting included, overhead not.
    pub response_time_seconds: Seconds,
    /// Share of rng's slots that are busy (U); `None` without a limit.
    pub rng_utilisation: Option<Utilisation>,
    /// Requests that wait for a slot of rng, on average.
    pub rng_queue_length: f64,
    /// The knee N*, in workers: more of them wait. `None` if nothing has a limit.
    pub knee_workers: Option<f64>,
    /// The service that is full beyond the knee.
    pub bottleneck: Option<String>,
    /// What limits throughput here: `workers` up to the knee, and then the bottleneck.
    pub limited_by: String,
}

impl Row {
    /// What `demands` give at `step`.
    pub fn new(demands: &Demands, step: Step) -> Self {
        let clients = step.workers * demands.concurrency;
        let (model, random) = (demands.model(step), demands.dispatched(Dispatch::Random).model(step));
        let in_turn = demands.dispatched(Dispatch::RoundRobin).model(step);
        let at_random = random.estimate(clients);
        let throughput = model.throughput(clients);
        let response = Seconds(clients as f64 / throughput.0) - model.think_time;
        let bottleneck = model.bottleneck().map(|station| station.name.clone());
        let queue = throughput * waiting(&model, clients, throughput, Service::Rng);
        let knee = model.knee();
        let full = knee.is_some_and(|knee| clients as f64 > knee * (1.0 + 1e-9));
        Self {
            step,
            clients,
            in_turn_per_second: in_turn.bound(clients),
            random_per_second: at_random.throughput,
            random_method: at_random.method,
            mva_in_turn_per_second: in_turn.product_form(clients),
            mva_random_per_second: random.product_form(clients),
            throughput_per_second: throughput,
            response_time_seconds: response,
            rng_utilisation: model
                .stations
                .iter()
                .find(|it| it.name == Service::Rng.name())
                .and_then(|rng| Some(utilisation(throughput, rng.demand(), rng.servers?))),
            rng_queue_length: queue,
            knee_workers: knee.map(|knee| knee / demands.concurrency as f64),
            limited_by: bottleneck.clone().filter(|_| full).unwrap_or_else(|| "workers".to_owned()),
            bottleneck,
        }
    }

    /// Mean value analysis for `dispatch`.
    pub fn mva_per_second(&self, dispatch: Dispatch) -> Option<Throughput> {
        match dispatch {
            Dispatch::RoundRobin => self.mva_in_turn_per_second,
            Dispatch::Random => self.mva_random_per_second,
        }
    }
}

/// How long a request to `service` waits: all the waiting of a cycle, N/X − (Z + ΣD), if it is the bottleneck.
fn waiting(model: &Model, clients: usize, throughput: Throughput, service: Service) -> Seconds {
    let is_full = model.bottleneck().is_some_and(|station| station.name == service.name());
    let waiting = Seconds(clients as f64 / throughput.0) - model.cycle_time();
    // Rounding leaves some 1e-17 s of it where nobody waits.
    if is_full && waiting > Seconds(1e-12) { waiting } else { Seconds(0.0) }
}
