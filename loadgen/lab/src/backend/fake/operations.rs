//! What experiments do to the simulated application.

use std::time::Duration;

use super::FakeBackend;
use super::app::Dispatch;
use crate::backend::{Backend, BackendError, Operations, Replica, Service};
use crate::experiment::liveness::Liveness;

/// How long a replica that was killed is away.
const AWAY: Duration = Duration::from_millis(500);

impl Operations for FakeBackend {
    async fn kill(&self, replica: &Replica) -> Result<(), BackendError> {
        self.world.borrow_mut().crash(&replica.name, AWAY);
        Ok(())
    }

    /// Loops forget whom they were connected to.
    async fn keep_alive(&self, on: bool) -> Result<(), BackendError> {
        let mut world = self.world.borrow_mut();
        world.app.dispatch = if on { Dispatch::Sticky } else { Dispatch::RoundRobin };
        for miner in world.miners.values_mut() {
            miner.connected = Default::default();
        }
        Ok(())
    }

    /// With care nobody feels it; without, all are away at once.
    async fn roll_out(&self, service: Service) -> Result<(), BackendError> {
        if self.unprotected.get() {
            for replica in self.replicas(service).await? {
                self.kill(&replica).await?;
            }
        }
        Ok(())
    }

    async fn roll_back(&self, service: Service) -> Result<(), BackendError> {
        self.roll_out(service).await
    }

    async fn unprotect(&self, _service: Service) -> Result<String, BackendError> {
        self.unprotected.set(true);
        Ok("care".to_owned())
    }

    fn liveness(&self, _service: Service) -> Option<Liveness> {
        self.world.borrow().app.liveness
    }

    fn restarts(&self, _service: Service) -> u64 {
        self.world.borrow().restarts
    }

    async fn autoscaler(&self, _service: Service) -> Result<Option<String>, BackendError> {
        Ok(self.world.borrow().app.autoscaler.map(|_| "rng".to_owned()))
    }
}
