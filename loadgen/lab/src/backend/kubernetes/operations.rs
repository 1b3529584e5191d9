//! What experiments do to pods. What puts each change back is noted before it is asked for.

use std::time::{SystemTime, UNIX_EPOCH};

use super::KubernetesBackend;
use super::cluster::Cluster;
use super::error::KubernetesError;
use super::inventory::autoscalers;
use super::workload::{Workload, named};
use crate::backend::command::Runner;
use crate::backend::{BackendError, Operations, Replica, Service};
use crate::experiment::liveness::Liveness;

/// The variable whose value makes a new version.
const VERSION: &str = "LAB_ROLLOUT";

/// The variable that has workers keep their connections.
const KEEP_ALIVE: &str = "KEEP_ALIVE";

impl Operations for KubernetesBackend {
    async fn kill(&self, replica: &Replica) -> Result<(), BackendError> {
        Ok(self.0.kill(replica).await?)
    }

    async fn keep_alive(&self, on: bool) -> Result<(), BackendError> {
        Ok(self.0.set(Service::Worker, KEEP_ALIVE, &on.to_string()).await?)
    }

    async fn roll_out(&self, service: Service) -> Result<(), BackendError> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Ok(self.0.set(service, VERSION, &now.as_secs().to_string()).await?)
    }

    async fn roll_back(&self, service: Service) -> Result<(), BackendError> {
        Ok(self.0.undo(service).await?)
    }

    async fn unprotect(&self, service: Service) -> Result<String, BackendError> {
        Ok(self.0.unprotect(service).await?)
    }

    fn liveness(&self, service: Service) -> Option<Liveness> {
        self.0.workload(service).ok()?.queueing_liveness()
    }

    fn restarts(&self, service: Service) -> u64 {
        self.0.restarts(service)
    }

    async fn autoscaler(&self, service: Service) -> Result<Option<String>, BackendError> {
        Ok(self.0.autoscaler(service).await?)
    }
}

impl<R: Runner> Cluster<R> {
    /// What made the pod makes another.
    pub(super) async fn kill(&self, replica: &Replica) -> Result<(), KubernetesError> {
        self.session()?;
        self.console.change(&self.kubectl.kill(&replica.name)).await?;
        Ok(())
    }

    /// Sets a variable of the container of `service`, and waits until all pods have it.
    pub(super) async fn set(&self, service: Service, name: &str, value: &str) -> Result<(), KubernetesError> {
        let (session, scaling) = self.running()?;
        let workload = self.workload(service)?;
        let before = workload.variable(name);
        scaling.note(format!("{service} {name}"), self.kubectl.set_env(workload, name, before));
        let _changing = session.changing(service);
        self.console.change(&self.kubectl.set_env(workload, name, Some(value))).await?;
        self.settle(service).await
    }

    /// Goes back to the version before.
    pub(super) async fn undo(&self, service: Service) -> Result<(), KubernetesError> {
        let (session, scaling) = self.running()?;
        let _changing = session.changing(service);
        self.console.change(&self.kubectl.undo(self.workload(service)?)).await?;
        scaling.forget(&format!("{service} {VERSION}"));
        self.settle(service).await
    }

    /// Takes the readiness and startup probes and the pause before the end away.
    pub(super) async fn unprotect(&self, service: Service) -> Result<String, KubernetesError> {
        let (session, scaling) = self.running()?;
        let workload = self.workload(service)?;
        let found = workload.protection();
        if found.is_empty() {
            return Ok(named(&found));
        }
        scaling
            .note(format!("{service} protection"), self.kubectl.patch(workload, &workload.give_back(&found)));
        let _changing = session.changing(service);
        self.console.change(&self.kubectl.patch(workload, &workload.take_away(&found))).await?;
        self.settle(service).await?;
        Ok(named(&found))
    }

    /// The first autoscaler of `service`.
    pub(super) async fn autoscaler(&self, service: Service) -> Result<Option<String>, KubernetesError> {
        let workload = self.workload(service)?;
        let listed = autoscalers(&self.console.read(self.kubectl.autoscalers()).await?)?;
        Ok(listed.into_iter().find(|it| it.scales(workload)).map(|it| it.name))
    }

    /// How often containers of the pods of `service` were started again.
    pub(super) fn restarts(&self, service: Service) -> u64 {
        self.running().map_or(0, |(session, scaling)| session.restarts(scaling, service))
    }

    pub(super) fn workload(&self, service: Service) -> Result<&Workload, KubernetesError> {
        let (_, scaling) = self.running()?;
        let (app, namespace) = (service.app(), &self.kubectl.namespace);
        let missing = || KubernetesError::Missing { what: "Deployment", app, namespace: namespace.clone() };
        scaling.workload(service).ok_or_else(missing)
    }

    /// Waits until all pods of `service` are of the last version, and the old ones gone.
    async fn settle(&self, service: Service) -> Result<(), KubernetesError> {
        let (session, scaling) = self.running()?;
        self.console.change(&self.kubectl.rollout_status(self.workload(service)?)).await?;
        session.wait(&self.console, scaling, service).await
    }
}
