//! From one observation to the model that predicts all others. The overhead ε, the time of a cycle that is neither
//! thinking nor service, is measured here once and never fitted again.

use serde::{Deserialize, Serialize};

use crate::backend::Service;
use crate::demands::{Demand, Demands};
use crate::laws::bounds::Model;
use crate::laws::dispatch::Dispatch;
use crate::laws::units::Seconds;
use crate::observation::Observation;
use crate::setup::Setup;
use crate::step::Step;

/// What one observation says about the times of a cycle in which nobody waits.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Calibration {
    /// The step it was measured at.
    pub step: Step,
    /// N/X less the queueing: the whole cycle, Z + S + ε.
    pub cycle_seconds: Seconds,
    /// Think time asked for.
    pub think_time_seconds: Seconds,
    /// Service time measured at rng.
    pub rng_service_time_seconds: Seconds,
    /// Service time measured at hasher.
    pub hasher_service_time_seconds: Seconds,
    /// ε: the rest of the cycle.
    pub overhead_seconds: Seconds,
    rng_slots: Option<usize>,
    hasher_slots: Option<usize>,
    /// How requests find a replica of rng.
    pub rng_dispatch: Dispatch,
    /// How requests find a replica of hasher.
    pub hasher_dispatch: Dispatch,
}

impl Calibration {
    /// What `seen`, measured at `step`, says; `None` if it holds no visit to rng or hasher, or not all their replicas.
    ///
    /// Best taken with one worker, where nobody waits; with more, the queueing that the stations measured is taken off.
    pub fn new(step: Step, seen: &Observation, setup: &Setup) -> Option<Self> {
        let think_time = Seconds::from(setup.think_time);
        let rng = seen.service(Service::Rng)?;
        let hasher = seen.service(Service::Hasher)?;
        if rng.replicas.len() < step.rng || hasher.replicas.len() < step.hasher {
            return None;
        }
        let queueing = rng.queueing_time_seconds? + hasher.queueing_time_seconds?;
        let cycle = Seconds(seen.clients as f64 / seen.throughput_per_second) - Seconds(queueing);
        let [at_rng, at_hasher] = [Seconds(rng.service_time_seconds?), Seconds(hasher.service_time_seconds?)];
        Some(Self {
            step,
            cycle_seconds: cycle,
            think_time_seconds: think_time,
            rng_service_time_seconds: at_rng,
            hasher_service_time_seconds: at_hasher,
            overhead_seconds: cycle - think_time - at_rng - at_hasher,
            rng_slots: per_replica(rng.slots, step.rng),
            hasher_slots: per_replica(hasher.slots, step.hasher),
            rng_dispatch: setup.rng_dispatch,
            hasher_dispatch: setup.hasher_dispatch,
        })
    }

    /// The model at `step`.
    pub fn model(&self, step: Step) -> Model {
        self.demands().model(step)
    }

    /// What a cycle of one loop takes.
    pub fn demands(&self) -> Demands {
        let demand = |service_time_seconds, slots, dispatch| Demand { service_time_seconds, slots, dispatch };
        Demands {
            think_time_seconds: self.think_time_seconds,
            overhead_seconds: self.overhead_seconds,
            rng: demand(self.rng_service_time_seconds, self.rng_slots, self.rng_dispatch),
            hasher: demand(self.hasher_service_time_seconds, self.hasher_slots, self.hasher_dispatch),
            concurrency: 1,
        }
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "slots are a small whole number")]
fn per_replica(slots: Option<f64>, replicas: usize) -> Option<usize> {
    slots.map(|slots| (slots / replicas as f64).round().max(1.0) as usize)
}
