//! The application under docker-compose: attached to where it runs already, else brought up, and left as it was found.
//!
//! - `commands`: the docker-compose commands that the lab uses; `program`: which docker-compose there is; `files`: which
//!   compose files are meant;
//! - `project`: attaching, bringing up, leaving; `session`: a project that runs, and scaling it; `containers`: what there is of it;
//! - `restore`: what there was before, and what puts it back;
//! - `operations`: what experiments do;
//! - `events`: what happens without the lab's doing; `reach`: the way to the containers;
//! - `mishaps`: what it means when a command fails.
//!
//! [`ComposeBackend`] makes it one of the places where the lab can run.

use std::net::SocketAddr;
use std::time::Duration;

use super::command::{Console, Shell};
use super::way::Reach;
use super::{Backend, BackendError, Event, HttpProbe, Replica, Service};
use crate::clock::unix_seconds;
use crate::laws::dispatch::Dispatch;
use crate::narrator::Narrator;

mod commands;
mod config;
pub(crate) mod containers;
pub(crate) mod error;
mod events;
#[cfg(test)]
mod fake;
mod files;
mod mishaps;
mod operations;
pub(crate) mod program;
mod project;
mod reach;
mod restore;
mod session;
#[cfg(test)]
mod tests;

pub use config::ComposeConfig;

use project::Project;

/// A compose project on the Docker engine that the environment names.
#[derive(Debug)]
pub struct ComposeBackend(Project<Shell>);

impl ComposeBackend {
    /// Nothing is run before [`Backend::up`]; `narrator` is told each command.
    pub fn new(config: ComposeConfig, reach: Reach, narrator: Narrator) -> Self {
        Self(Project::new(config, reach, Console::new(Shell::default(), narrator)))
    }
}

impl Backend for ComposeBackend {
    type Probe = HttpProbe;

    fn probe(&self, replicas: &[Replica], rate: f64) -> HttpProbe {
        HttpProbe::start(replicas, rate)
    }

    fn name(&self) -> &'static str {
        "compose"
    }

    async fn up(&mut self) -> Result<(), BackendError> {
        Ok(self.0.up().await?)
    }

    async fn scale(&mut self, service: Service, replicas: usize) -> Result<(), BackendError> {
        Ok(self.0.scale(service, replicas).await?)
    }

    async fn replicas(&self, service: Service) -> Result<Vec<Replica>, BackendError> {
        Ok(self.0.session()?.replicas(&self.0.console, service).await?)
    }

    /// That of the container that holds all published ports.
    fn address(&self, service: Service) -> Option<SocketAddr> {
        self.0.session().ok()?.front(service)
    }

    /// Workers take the addresses that a name has in turn.
    fn dispatch(&self, _service: Service) -> Dispatch {
        Dispatch::RoundRobin
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
