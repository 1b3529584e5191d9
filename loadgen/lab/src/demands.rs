//! What a cycle of the application demands: the times that every prediction is made from.

use serde::Serialize;

use crate::backend::Service;
use crate::laws::bounds::{Model, Station};
use crate::laws::dispatch::Dispatch;
use crate::laws::units::Seconds;
use crate::step::Step;

/// The times of a cycle in which nobody waits.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Demands {
    /// Time that a worker thinks.
    pub think_time_seconds: Seconds,
    /// Time of a cycle that is neither thinking nor service.
    pub overhead_seconds: Seconds,
    /// What it asks of rng.
    pub rng: Demand,
    /// What it asks of hasher.
    pub hasher: Demand,
    /// Mining loops in each worker.
    pub concurrency: usize,
}

/// What a cycle asks of one service.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Demand {
    /// Time that a visit is served for; there is one in each cycle.
    pub service_time_seconds: Seconds,
    /// Visits that a replica serves at once; `None` for no limit.
    pub slots: Option<usize>,
    /// How requests find a replica.
    pub dispatch: Dispatch,
}

impl Demands {
    /// The model at `step`: rng and hasher as stations, everything else as think time.
    pub fn model(&self, step: Step) -> Model {
        Model {
            think_time: self.think_time_seconds + self.overhead_seconds,
            stations: vec![
                self.rng.station(Service::Rng, step.rng),
                self.hasher.station(Service::Hasher, step.hasher),
            ],
        }
    }

    /// The same application with another dispatch to all its services.
    #[must_use]
    pub fn dispatched(mut self, dispatch: Dispatch) -> Self {
        self.rng.dispatch = dispatch;
        self.hasher.dispatch = dispatch;
        self
    }
}

impl Demand {
    fn station(&self, service: Service, replicas: usize) -> Station {
        Station {
            name: service.name().to_owned(),
            service_time: self.service_time_seconds,
            servers: self.slots.map(|slots| slots * replicas),
            replicas,
            dispatch: self.dispatch,
            visits: 1.0,
        }
    }
}
