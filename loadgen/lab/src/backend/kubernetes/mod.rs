//! The application in a Kubernetes cluster: attached to where it runs, and left as it was found.
//!
//! - `kubectl`: the commands that the lab uses; `mishaps`: what it means when one fails;
//! - `workload`, `inventory`, `pod`: what there is, as the API server tells of it;
//! - `cluster`: attaching, checking that the plan can be carried out, leaving; `session`: the pods, the way to them, and their number;
//! - `scaling`: what was found, and what puts it back;
//! - `operations`: what experiments do;
//! - `watch`: pods as they are now, and what happens without the lab's doing; `trouble`: why one is not ready.
//!
//! [`KubernetesBackend`] makes it one of the places where the lab can run.

use std::net::SocketAddr;
use std::time::Duration;

use super::command::{Console, Shell};
use super::way::Reach;
use super::{Backend, BackendError, Event, HttpProbe, Replica, Service};
use crate::clock::unix_seconds;
use crate::laws::dispatch::Dispatch;
use crate::narrator::Narrator;

mod cluster;
mod condition;
mod config;
pub(crate) mod error;
#[cfg(test)]
mod fake;
mod inventory;
mod kubectl;
mod mishaps;
mod operations;
mod pod;
mod scaling;
mod session;
#[cfg(test)]
mod tests;
mod trouble;
mod watch;
mod workload;

pub use cluster::Counts;
pub use config::{KubernetesConfig, NAMESPACE};

use cluster::Cluster;

/// An application in the cluster that kubectl's configuration names.
#[derive(Debug)]
pub struct KubernetesBackend(Cluster<Shell>);

impl KubernetesBackend {
    /// Nothing is run before [`Backend::up`], which makes sure that services can be brought to `counts`; `narrator` is told each
    /// command.
    pub fn new(config: &KubernetesConfig, reach: Reach, counts: Counts, narrator: Narrator) -> Self {
        Self(Cluster::new(config, reach, counts, Console::new(Shell::default(), narrator)))
    }
}

impl Backend for KubernetesBackend {
    type Probe = HttpProbe;

    fn probe(&self, replicas: &[Replica], rate: f64) -> HttpProbe {
        HttpProbe::start(replicas, rate)
    }

    fn name(&self) -> &'static str {
        "kubernetes"
    }

    async fn up(&mut self) -> Result<(), BackendError> {
        Ok(self.0.up().await?)
    }

    async fn scale(&mut self, service: Service, replicas: usize) -> Result<(), BackendError> {
        Ok(self.0.scale(service, replicas).await?)
    }

    async fn replicas(&self, service: Service) -> Result<Vec<Replica>, BackendError> {
        Ok(self.0.replicas(service).await?)
    }

    /// A Service's address is of no use outside of the cluster, but through one of its pods.
    fn address(&self, service: Service) -> Option<SocketAddr> {
        self.0.front(service)
    }

    fn dispatch(&self, service: Service) -> Dispatch {
        self.0.dispatch(service)
    }

    async fn admin_get(&self, replica: &Replica, path: &str) -> Result<String, BackendError> {
        let answer = self.0.session()?.scraper.get(replica.admin, path).await;
        answer.map_err(|error| BackendError::of_replica(replica, &error))
    }

    async fn admin_put(&self, replica: &Replica, path: &str, body: String) -> Result<String, BackendError> {
        let answer = self.0.session()?.scraper.put(replica.admin, path, body).await;
        answer.map_err(|error| BackendError::of_replica(replica, &error))
    }

    async fn logs(&self, service: Service, tail: usize) -> Result<Vec<String>, BackendError> {
        Ok(self.0.session()?.logs(&self.0.console, service, tail).await?)
    }

    fn events(&mut self) -> Vec<Event> {
        self.0.session().map(session::Session::events).unwrap_or_default()
    }

    async fn down(&mut self) -> Result<(), BackendError> {
        Ok(self.0.down().await?)
    }

    fn now(&self) -> f64 {
        unix_seconds()
    }

    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}
