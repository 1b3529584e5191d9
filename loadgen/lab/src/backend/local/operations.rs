//! What experiments do to local replicas.

use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use tokio::time::{sleep, timeout};

use super::{LocalBackend, ReplicaStatus};
use crate::backend::{Backend, BackendError, Operations, Replica, Service};
use crate::experiment::liveness::Liveness;

/// What keepers get to start replicas again that were killed.
const NOTICED_WITHIN: Duration = Duration::from_secs(5);

/// The pause between two looks whether they have.
const PAUSE: Duration = Duration::from_millis(5);

impl Operations for LocalBackend {
    /// Its keeper starts it again.
    async fn kill(&self, replica: &Replica) -> Result<(), BackendError> {
        let statuses = self.running()?.statuses(replica.service);
        let pid =
            statuses.into_iter().find(|status| status.name == replica.name).and_then(|status| status.pid);
        let pid = pid.and_then(|pid| Pid::from_raw(i32::try_from(pid).ok()?));
        let pid = pid.ok_or_else(|| BackendError::new(format!("{} is not running", replica.name)))?;
        kill_process(pid, Signal::KILL)
            .map_err(|error| BackendError::new(format!("cannot kill {}: {error}", replica.name)))
    }

    async fn keep_alive(&self, on: bool) -> Result<(), BackendError> {
        Ok(self.running()?.switch(Service::Worker, "--keep-alive", on).await?)
    }

    /// One after the other, with one more meanwhile; or, no longer spared, all at once and without warning.
    async fn roll_out(&self, service: Service) -> Result<(), BackendError> {
        let running = self.running()?;
        if !self.unprotected.get() {
            return Ok(running.roll(service).await?);
        }
        let before = running.statuses(service);
        for replica in self.replicas(service).await? {
            self.kill(&replica).await?;
        }
        let unnoticed = |now: &ReplicaStatus| {
            before.iter().any(|then| then.name == now.name && then.restarts == now.restarts)
        };
        let noticed = async {
            while running.statuses(service).iter().any(unnoticed) {
                sleep(PAUSE).await;
            }
        };
        // If they take longer than that, it is for the next wait to say why.
        let _ = timeout(NOTICED_WITHIN, noticed).await;
        Ok(running.settled(service).await?)
    }

    async fn roll_back(&self, service: Service) -> Result<(), BackendError> {
        self.roll_out(service).await
    }

    async fn unprotect(&self, _service: Service) -> Result<String, BackendError> {
        self.unprotected.set(true);
        Ok("a ready successor and a grace period".to_owned())
    }

    fn liveness(&self, _service: Service) -> Option<Liveness> {
        None
    }

    fn restarts(&self, service: Service) -> u64 {
        let statuses = self.running().map(|running| running.statuses(service)).unwrap_or_default();
        statuses.iter().map(|status| u64::from(status.restarts)).sum()
    }

    async fn autoscaler(&self, _service: Service) -> Result<Option<String>, BackendError> {
        Ok(None)
    }
}
