//! The proof: make one station a tenth faster at a time and see what throughput does. Only at the bottleneck may it move,
//! and there by as much as the model says.

use serde::{Deserialize, Serialize};

use crate::backend::{Backend, BackendError, Service};
use crate::laws::bounds::Model;
use crate::laws::units::Seconds;
use crate::measure::{MeasureError, measure};
use crate::observation::Observation;
use crate::plan::Plan;
use crate::step::Step;
use crate::stop::Stop;

/// What service times are multiplied by.
pub const FACTOR: f64 = 0.9;

/// Throughput this near to its prediction agrees with it.
const AGREEMENT: f64 = 0.03;

/// The stations that are perturbed; the worker's is its think time.
const STATIONS: [Service; 3] = [Service::Rng, Service::Hasher, Service::Worker];

/// The perturbations of one step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Confirmation {
    /// The step.
    pub step: Step,
    /// Its throughput as it is.
    pub baseline_per_second: f64,
    /// What service times were multiplied by.
    pub factor: f64,
    /// One for each station.
    pub perturbations: Vec<Perturbation>,
    /// Whether each of them did what the model says.
    pub confirmed: bool,
}

/// One station made faster.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Perturbation {
    /// Which; the worker's station is its think time.
    pub service: Service,
    /// Throughput measured.
    pub throughput_per_second: f64,
    /// Half of its 95 % interval.
    pub throughput_half_width_per_second: Option<f64>,
    /// Throughput that the model says.
    pub predicted_per_second: f64,
    /// Whether a replica crashed meanwhile, and came back with the time that it was started with.
    pub disturbed: bool,
}

impl Perturbation {
    /// (measured − predicted) / predicted.
    pub fn deviation(&self) -> f64 {
        self.throughput_per_second / self.predicted_per_second - 1.0
    }
}

impl Confirmation {
    /// What `perturbations` at the step prove.
    pub fn new(step: Step, seen: &Observation, perturbations: Vec<Perturbation>) -> Self {
        let agrees = |it: &Perturbation| !it.disturbed && it.deviation().abs() <= AGREEMENT;
        Self {
            step,
            baseline_per_second: seen.throughput_per_second,
            factor: FACTOR,
            confirmed: !perturbations.is_empty() && perturbations.iter().all(agrees),
            perturbations,
        }
    }
}

/// The stations that there is something to take from.
pub fn stations(plan: &Plan) -> impl Iterator<Item = Service> + use<'_> {
    STATIONS.into_iter().filter(|service| !service_time(plan, *service).is_zero())
}

/// Makes the station of `service` faster, measures, and puts it back. The application stands at the step `at`, of which
/// `model` was made.
pub async fn perturb<B: Backend>(
    backend: &B,
    plan: &Plan,
    service: Service,
    (model, at): (&Model, Step),
    stop: &Stop,
    live: &mut dyn FnMut(f64),
) -> Result<Perturbation, MeasureError> {
    let (timing, clients) = (plan.timing(at, 0.0), plan.clients(at));
    let set = service_time(plan, service);
    let measured = match set_service_time(backend, service, set.mul_f64(FACTOR)).await {
        Ok(()) => measure(backend, clients, timing, stop, live).await,
        Err(error) => Err(error.into()),
    };
    // Put back before anything else, so that an error or ^C leaves no replica perturbed.
    let restored = set_service_time(backend, service, set).await;
    let measured = measured?;
    restored?;
    Ok(Perturbation {
        service,
        throughput_per_second: measured.throughput_per_second,
        throughput_half_width_per_second: measured.throughput_half_width_per_second,
        predicted_per_second: perturbed(model, plan, service).throughput(clients).0,
        disturbed: false,
    })
}

fn service_time(plan: &Plan, service: Service) -> std::time::Duration {
    match service {
        Service::Rng => plan.setup.rng_time,
        Service::Hasher => plan.setup.hasher_time,
        _ => plan.setup.think_time,
    }
}

/// The model with the station of `service` perturbed; its measured time shrinks by as much as the time that was set.
fn perturbed(model: &Model, plan: &Plan, service: Service) -> Model {
    let less = Seconds::from(service_time(plan, service).mul_f64(1.0 - FACTOR));
    let mut model = model.clone();
    match model.stations.iter_mut().find(|station| station.name == service.name()) {
        Some(station) => station.service_time = station.service_time - less,
        None => model.think_time = model.think_time - less,
    }
    model
}

async fn set_service_time<B: Backend>(
    backend: &B,
    service: Service,
    time: std::time::Duration,
) -> Result<(), BackendError> {
    let body = serde_json::json!({ "service_time_ms": time.as_secs_f64() * 1e3 }).to_string();
    let mut set = Ok(());
    // One that cannot be reached is no reason to leave the others as they are.
    for replica in backend.replicas(service).await? {
        set = set.and(backend.admin_put(&replica, "/station", body.clone()).await.map(drop));
    }
    set
}
