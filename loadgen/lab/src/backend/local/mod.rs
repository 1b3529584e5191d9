//! The application as processes of this machine.
//!
//! - [`supervisor`]: the application as a whole, its order of start and stop, who is told whose address;
//! - `group`: the replicas of one service behind their forwarder, and their number;
//! - `keeper`: one replica kept running, with `backoff` between its restarts;
//! - `process`: one child process and the contract with it;
//! - [`logs`], `ring`, `lines`: what replicas print; `events`: what happened to them.
//!
//! [`LocalBackend`] makes it one of the places where the lab can run.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use super::{Backend, BackendError, Event, HttpProbe, Replica, Service};
use crate::clock::unix_seconds;
use crate::laws::dispatch::Dispatch;
use crate::scrape::Scraper;

mod backoff;
pub mod config;
mod descriptors;
pub mod error;
mod events;
mod group;
pub mod keeper;
mod lines;
pub mod logs;
mod operations;
pub mod process;
mod redis;
mod ring;
pub mod supervisor;

#[cfg(test)]
pub(crate) mod fake_replica;
#[cfg(test)]
mod tests;

pub use config::LocalConfig;
pub use error::LocalError;
pub use keeper::Phase;
pub use logs::{Followed, Follower, LogLine};
pub use process::Ending;
pub use supervisor::{ReplicaStatus, Stopped, Supervisor};

/// The application on this machine. Dropping it kills every replica.
#[derive(Debug)]
pub struct LocalBackend {
    config: LocalConfig,
    running: Option<Supervisor>,
    scraper: Scraper,
    events_seen: usize,
    /// Whether replicas are replaced carelessly.
    unprotected: Cell<bool>,
}

impl LocalBackend {
    /// Nothing is started before [`Backend::up`].
    pub fn new(config: LocalConfig) -> Self {
        Self { config, running: None, scraper: Scraper::new(), events_seen: 0, unprotected: Cell::new(false) }
    }

    fn running(&self) -> Result<&Supervisor, BackendError> {
        self.running.as_ref().ok_or_else(|| BackendError::new("the application is not running"))
    }
}

impl Backend for LocalBackend {
    type Probe = HttpProbe;

    fn probe(&self, replicas: &[Replica], rate: f64) -> HttpProbe {
        HttpProbe::start(replicas, rate)
    }

    fn name(&self) -> &'static str {
        "local"
    }

    async fn up(&mut self) -> Result<(), BackendError> {
        // Dropping one that runs already would kill it behind its user's back.
        self.down().await?;
        let supervisor = Supervisor::bind(self.config.clone()).await?;
        self.events_seen = 0;
        if let Err(error) = supervisor.up(&BTreeMap::new()).await {
            supervisor.down().await;
            return Err(error.into());
        }
        self.running = Some(supervisor);
        Ok(())
    }

    async fn scale(&mut self, service: Service, replicas: usize) -> Result<(), BackendError> {
        self.running()?.scale(service, replicas).await?;
        Ok(())
    }

    async fn replicas(&self, service: Service) -> Result<Vec<Replica>, BackendError> {
        Ok(self.running()?.statuses(service).into_iter().filter_map(ReplicaStatus::ready).collect())
    }

    fn address(&self, service: Service) -> Option<SocketAddr> {
        self.running.as_ref()?.address(service)
    }

    /// The forwarders take replicas in turn.
    fn dispatch(&self, _service: Service) -> Dispatch {
        Dispatch::RoundRobin
    }

    async fn admin_get(&self, replica: &Replica, path: &str) -> Result<String, BackendError> {
        let answer = self.scraper.get(replica.admin, path).await;
        answer.map_err(|error| BackendError::of_replica(replica, &error))
    }

    async fn admin_put(&self, replica: &Replica, path: &str, body: String) -> Result<String, BackendError> {
        let answer = self.scraper.put(replica.admin, path, body).await;
        answer.map_err(|error| BackendError::of_replica(replica, &error))
    }

    async fn logs(&self, service: Service, tail: usize) -> Result<Vec<String>, BackendError> {
        let (lines, _) = self.running()?.logs(&[service], tail);
        let last = lines.len().saturating_sub(tail);
        Ok(lines[last..].iter().map(|line| format!("{} | {}", line.replica, line.text)).collect())
    }

    fn events(&mut self) -> Vec<Event> {
        let Some(supervisor) = &self.running else { return Vec::new() };
        let (events, seen) = supervisor.events_after(self.events_seen);
        self.events_seen = seen;
        events
    }

    async fn down(&mut self) -> Result<(), BackendError> {
        if let Some(supervisor) = self.running.take() {
            supervisor.down().await;
        }
        Ok(())
    }

    fn now(&self) -> f64 {
        unix_seconds()
    }

    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}
