//! One choice of replica counts, by every law.

use serde::Serialize;

use crate::backend::Service;
use crate::demands::Demands;
use crate::laws::demand::utilisation;
use crate::laws::dispatch::{Dispatch, Method};
use crate::laws::units::{Seconds, Throughput, Utilisation};
use crate::step::Step;

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
    pub mva_in_turn_per_second: Throughput,
    /// R with that.
    pub mva_in_turn_response_time_seconds: Seconds,
    /// With exponential times and each request to a replica at random: mean value analysis.
    pub mva_random_per_second: Throughput,
    /// R with that.
    pub mva_random_response_time_seconds: Seconds,
    /// How that was found.
    pub mva_random_method: Method,
    /// The one with constant times and the dispatch that there is; what follows holds for it.
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
        let at_random = random.flow(clients);
        let flow = if model == random { at_random.clone() } else { model.flow(clients) };
        let throughput = flow.estimate.throughput;
        let response = |throughput: Throughput| Seconds(clients as f64 / throughput.0) - model.think_time;
        let [mva_in_turn, mva_random] = [&in_turn, &random].map(|model| model.product_form(clients));
        let (bottleneck, knee) = (model.bottleneck().map(|station| station.name.clone()), model.knee());
        let full = knee.is_some_and(|knee| clients as f64 > knee * (1.0 + 1e-9));
        let rng = model.stations.iter().zip(&flow.waiting).find(|(it, _)| it.name == Service::Rng.name());
        Self {
            step,
            clients,
            in_turn_per_second: in_turn.bound(clients),
            random_per_second: at_random.estimate.throughput,
            random_method: at_random.estimate.method,
            mva_in_turn_per_second: mva_in_turn.throughput,
            mva_in_turn_response_time_seconds: response(mva_in_turn.throughput),
            mva_random_per_second: mva_random.throughput,
            mva_random_response_time_seconds: response(mva_random.throughput),
            mva_random_method: mva_random.method,
            throughput_per_second: throughput,
            response_time_seconds: response(throughput),
            rng_utilisation: rng
                .and_then(|(station, _)| Some(utilisation(throughput, station.demand(), station.servers?))),
            rng_queue_length: rng.map_or(0.0, |(_, waiting)| *waiting),
            knee_workers: knee.map(|knee| knee / demands.concurrency as f64),
            limited_by: bottleneck.clone().filter(|_| full).unwrap_or_else(|| "workers".to_owned()),
            bottleneck,
        }
    }

    /// Mean value analysis for `dispatch`.
    pub fn mva_per_second(&self, dispatch: Dispatch) -> Throughput {
        match dispatch {
            Dispatch::RoundRobin => self.mva_in_turn_per_second,
            Dispatch::Random => self.mva_random_per_second,
        }
    }
}
