//! All services of a plan, as they run. Everything is told first, and then waited for; but nobody is started before those whose
//! addresses it is given.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::PathBuf;

use tempfile::TempDir;

use super::error::DriveError;
use super::plan::{Plan, Step, Way};
use super::processes::{Ports, Processes};
use super::services::External;
use super::template::Template;
use crate::backend::command::{Console, Shell, quoted};
use crate::narrator::Narrator;

mod order;
mod ready;

/// The application.
#[derive(Debug)]
pub(super) struct Application<'a> {
    plan: &'a Plan,
    places: Places<'a>,
    console: Console<Shell>,
    /// Of each service.
    running: Vec<Running>,
    /// Services whose probes have been told to be refused.
    doubted: BTreeSet<usize>,
    /// What children write.
    folder: TempDir,
    /// What children listen at.
    ports: Ports,
}

/// What places in commands and URLs stand for.
#[derive(Debug)]
struct Places<'a> {
    plan: &'a Plan,
    loadgen: PathBuf,
    /// Of each service, if it is one of the lab's.
    addresses: Vec<Option<SocketAddr>>,
}

impl Places<'_> {
    fn value(&self, place: &str) -> Option<String> {
        if place == "loadgen" {
            return Some(quoted(&self.loadgen.to_string_lossy()));
        }
        let index = self.plan.services.iter().position(|service| service.name == place)?;
        Some(self.addresses.get(index).copied().flatten()?.to_string())
    }

    fn fill(&self, template: &Template) -> String {
        template.fill(|place| self.value(place))
    }
}

#[derive(Debug)]
enum Running {
    /// Nothing of the lab's.
    AsIs,
    Children(Processes),
    External(External),
}

impl<'a> Application<'a> {
    /// Looks at what is there; changes nothing.
    pub(super) async fn find(
        plan: &'a Plan,
        loadgen: PathBuf,
        narrator: Narrator,
    ) -> Result<Self, DriveError> {
        let folder = tempfile::Builder::new().prefix("loadgen-plan-").tempdir();
        let folder = folder.map_err(|source| DriveError::system("make a folder for logs", source))?;
        let console = Console::new(Shell::default(), narrator);
        let mut places = Places { plan, loadgen, addresses: Vec::new() };
        let mut running = Vec::new();
        // Addresses first: they are what the others' commands are about.
        for service in &plan.services {
            let children = match service.way {
                Way::Run(_) => Some(Processes::new(&service.name).await?),
                _ => None,
            };
            places.addresses.push(children.as_ref().map(Processes::address));
            running.push(children.map_or(Running::AsIs, Running::Children));
        }
        for (service, running) in plan.services.iter().zip(&mut running) {
            let fill = |template: &Template| places.fill(template);
            if let Some(it) = External::find(&console, &service.name, &service.way, fill).await? {
                *running = Running::External(it);
            }
        }
        let (doubted, ports) = (BTreeSet::new(), Ports::default());
        Ok(Self { plan, places, console, running, doubted, folder, ports })
    }

    /// Brings every service to what `step` says, and waits until all of them answer.
    pub(super) async fn scale(&mut self, step: &Step) -> Result<(), DriveError> {
        for index in order::order(self.plan) {
            let Some(count) = step.replicas[index] else { continue };
            for named in order::named_by(self.plan, index) {
                self.listened_at(named).await?;
            }
            self.tell(index, count).await?;
        }
        for index in 0..self.plan.services.len() {
            self.ready(index).await?;
        }
        Ok(())
    }

    /// The text with the places of services filled in.
    pub(super) fn fill(&self, template: &Template) -> String {
        self.places.fill(template)
    }

    /// The first child that has ended by itself.
    pub(super) fn ended(&mut self) -> Result<(), DriveError> {
        let ended = self.running.iter_mut().find_map(|running| match running {
            Running::Children(processes) => processes.ended(),
            _ => None,
        });
        ended.map_or(Ok(()), Err)
    }

    /// Puts replicas back as they were found, and ends all children.
    pub(super) async fn restore(&mut self) -> Result<(), DriveError> {
        let mut outcome = Ok(());
        for index in (0..self.running.len()).rev() {
            let restored = self.restore_one(index).await;
            outcome = outcome.and(restored);
        }
        outcome
    }

    /// Tells what is not as it was found.
    pub(super) fn tell_left(&self) {
        for running in &self.running {
            if let Running::External(it) = running
                && let Some(left) = it.left()
            {
                self.console.say(&left);
            }
        }
    }

    async fn restore_one(&mut self, index: usize) -> Result<(), DriveError> {
        match &mut self.running[index] {
            Running::AsIs => {}
            Running::Children(processes) => processes.keep(0).await,
            Running::External(it) => {
                if let Some(found) = it.find_changed(&self.console).await {
                    return self.tell(index, found).await;
                }
            }
        }
        Ok(())
    }

    async fn tell(&mut self, index: usize, count: usize) -> Result<(), DriveError> {
        let Self { plan, places, console, running, folder, ports, .. } = self;
        match &mut running[index] {
            Running::AsIs => Ok(()),
            Running::External(it) => {
                let fill = |template: &Template, replicas: usize| {
                    template.fill(|place| match place {
                        "replicas" => Some(replicas.to_string()),
                        _ => places.value(place),
                    })
                };
                it.scale(console, count, fill).await
            }
            Running::Children(processes) => {
                let Way::Run(template) = &plan.services[index].way else { return Ok(()) };
                processes.keep(count).await;
                while processes.replicas().len() < count {
                    processes.start(folder.path(), ports, |port, index| {
                        let command =
                            template.fill(|place| own(place, port, index).or_else(|| places.value(place)));
                        console.say(&format!("$ {command}"));
                        command
                    })?;
                }
                processes.open();
                Ok(())
            }
        }
    }
}

fn own(place: &str, port: u16, index: usize) -> Option<String> {
    match place {
        "port" => Some(port.to_string()),
        "index" => Some(index.to_string()),
        _ => None,
    }
}
