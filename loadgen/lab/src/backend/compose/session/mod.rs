//! A project that runs: its containers, the way to them, and their number. `readiness` is the waiting for them.

use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};

use super::commands::{Compose, NEEDED};
use super::containers::{Container, inspect, list_of};
use super::error::ComposeError;
use super::events::{Changing, Watch};
use super::reach;
use crate::backend::command::{Console, Invocation, Runner};
use crate::backend::way::{Reach, Way};
use crate::backend::{Event, Replica, Service};
use crate::scrape::Scraper;

mod readiness;

pub(super) use readiness::AdminPorts;

/// A running project, attached to or brought up. Dropping it ends the watch and the tunnel.
#[derive(Debug)]
pub(super) struct Session {
    project: String,
    pub(super) compose: Compose,
    containers: Mutex<Vec<Container>>,
    watch: Watch,
    way: Way,
    pub(super) scraper: Scraper,
    admin_ports: AdminPorts,
}

impl Session {
    /// Finds the way to `containers`, which are all of one project, and waits until those that the lab reads are ready.
    pub(super) async fn open<R: Runner>(
        console: &Console<R>,
        compose: Compose,
        containers: Vec<Container>,
        reach: Reach,
        admin_ports: AdminPorts,
    ) -> Result<Self, ComposeError> {
        let project = containers.first().ok_or(ComposeError::NotUp)?.project.clone();
        let watch = Watch::start(console.follow(&Watch::command(&project))?);
        watch.know(&containers);
        // What `up` has just done may be told late.
        let _changing = NEEDED.map(|service| watch.changing(service));
        let way = reach::find(console, reach, &containers, admin_ports.port).await?;
        let containers = Mutex::new(containers);
        let session = Self { project, compose, containers, watch, way, scraper: Scraper::new(), admin_ports };
        for service in [Service::Rng, Service::Hasher, Service::Worker] {
            let count = session.running(service).len().max(1);
            session.wait(console, service, count).await?;
        }
        Ok(session)
    }

    /// The project's name.
    pub(super) fn close(self) -> String {
        self.project
    }

    /// Brings `service` to `count` containers that are ready.
    pub(super) async fn scale<R: Runner>(
        &self,
        console: &Console<R>,
        service: Service,
        count: usize,
    ) -> Result<(), ComposeError> {
        let ready = self.replicas(console, service).await?.len();
        if ready == count && self.running(service).len() == count {
            return Ok(());
        }
        let _changing = self.watch.changing(service.app());
        self.bring_to(console, service, count).await
    }

    /// Has docker-compose bring `service` to `count` containers, and waits until they are ready.
    pub(super) async fn bring_to<R: Runner>(
        &self,
        console: &Console<R>,
        service: Service,
        count: usize,
    ) -> Result<(), ComposeError> {
        console.change(&self.compose.scale(&vec![(service.app().to_owned(), count)])).await?;
        self.settle(console, service, count).await
    }

    /// Waits until `count` of `service` are ready, whatever was just done to them.
    pub(super) async fn settle<R: Runner>(
        &self,
        console: &Console<R>,
        service: Service,
        count: usize,
    ) -> Result<(), ComposeError> {
        self.read(console).await?;
        self.wait(console, service, count).await
    }

    /// Until the answer is dropped, what happens to `service` is the lab's own doing.
    pub(super) fn changing(&self, service: Service) -> Changing {
        self.watch.changing(service.app())
    }

    /// Where all containers of `service` are reached through one, if there is one for that.
    pub(super) fn front(&self, service: Service) -> Option<SocketAddr> {
        let port = match service {
            Service::Webui => 8000,
            Service::Rng => 8001,
            Service::Hasher => 8002,
            Service::Worker | Service::Store => return None,
        };
        let containers = self.containers.lock().unwrap_or_else(PoisonError::into_inner);
        let ip = containers.iter().find(|it| it.service == "ports" && it.runs)?.address?;
        self.way.to((ip, port).into()).ok()
    }

    /// Those of `service` that are ready.
    pub(super) async fn replicas<R: Runner>(
        &self,
        console: &Console<R>,
        service: Service,
    ) -> Result<Vec<Replica>, ComposeError> {
        if service == Service::Store {
            // Redis has no admin port to read.
            return Ok(Vec::new());
        }
        self.read_if_in_doubt(console).await?;
        let mut ready = Vec::new();
        for container in self.running(service) {
            if let Ok(replica) = self.ready(service, &container).await? {
                ready.push(replica);
            }
        }
        Ok(ready)
    }

    /// What happened by itself since the last call.
    pub(super) fn events(&self) -> Vec<Event> {
        self.watch.take_events()
    }

    /// The last `tail` lines of each container of `service`, each prefixed by its replica.
    pub(super) async fn logs<R: Runner>(
        &self,
        console: &Console<R>,
        service: Service,
        tail: usize,
    ) -> Result<Vec<String>, ComposeError> {
        let mut lines = Vec::new();
        for container in self.all(service) {
            let name = container.replica_name();
            let log = log(console, &container, tail).await?;
            lines.extend(log.into_iter().map(|line| format!("{name} | {line}")));
        }
        Ok(lines)
    }

    async fn read_if_in_doubt<R: Runner>(&self, console: &Console<R>) -> Result<(), ComposeError> {
        if self.watch.take_doubt() { self.read(console).await } else { Ok(()) }
    }

    async fn read<R: Runner>(&self, console: &Console<R>) -> Result<(), ComposeError> {
        self.watch.take_doubt();
        let containers = inspect(console, list_of(&self.project)).await?;
        self.watch.know(&containers);
        *self.containers.lock().unwrap_or_else(PoisonError::into_inner) = containers;
        Ok(())
    }

    fn all(&self, service: Service) -> Vec<Container> {
        let containers = self.containers.lock().unwrap_or_else(PoisonError::into_inner);
        containers.iter().filter(|it| it.service == service.app()).cloned().collect()
    }

    /// Those of `service` that run.
    pub(super) fn running(&self, service: Service) -> Vec<Container> {
        self.all(service).into_iter().filter(|container| container.runs).collect()
    }
}

/// The last `tail` lines that `container` logged.
async fn log<R: Runner>(
    console: &Console<R>,
    container: &Container,
    tail: usize,
) -> Result<Vec<String>, ComposeError> {
    let command =
        Invocation::new("docker", ["logs", "--tail"]).and([tail.to_string(), container.name.clone()]);
    let output = console.attempt(command).await?.ok_or(ComposeError::NoDocker)?;
    let lines: Vec<String> =
        [output.stdout, output.stderr].iter().flat_map(|text| text.lines()).map(str::to_owned).collect();
    Ok(lines[lines.len().saturating_sub(tail)..].to_vec())
}
