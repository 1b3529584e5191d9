//! From a configuration to a running project, and back to what was there before. Owns what has to be put back, whenever and
//! however the lab ends.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::path::Path;

use tempfile::NamedTempFile;

use super::commands::Compose;
use super::config::ComposeConfig;
use super::containers::Container;
use super::error::ComposeError;
use super::files::{Files, Surroundings, resolved};
use super::restore::{Found, projects_with_volumes, put_back, put_back_with};
use super::session::{AdminPorts, Session};
use crate::backend::Service;
use crate::backend::command::{Console, Runner};
use crate::backend::way::Reach;

/// A compose project, running or not.
#[derive(Debug)]
pub(super) struct Project<R> {
    config: ComposeConfig,
    reach: Reach,
    pub(super) console: Console<R>,
    around: Surroundings,
    admin_ports: AdminPorts,
    session: Option<Session>,
    /// What to put back, from the instant on at which something may have been changed.
    found: Option<(Compose, Found)>,
    /// The one more compose file that workers were made from.
    pub(super) overriding: RefCell<Option<NamedTempFile>>,
    /// Whether containers are replaced as docker-compose does it.
    pub(super) unprotected: Cell<bool>,
}

impl<R: Runner> Project<R> {
    pub(super) fn new(config: ComposeConfig, reach: Reach, console: Console<R>) -> Self {
        let around = Surroundings::of_this_process();
        Self {
            config,
            reach,
            console,
            around,
            admin_ports: AdminPorts::default(),
            session: None,
            found: None,
            overriding: RefCell::default(),
            unprotected: Cell::default(),
        }
    }

    /// In other surroundings, with other admin ports.
    #[cfg(test)]
    pub(super) fn among(mut self, around: Surroundings, admin_ports: AdminPorts) -> Self {
        (self.around, self.admin_ports) = (around, admin_ports);
        self
    }

    pub(super) fn session(&self) -> Result<&Session, ComposeError> {
        self.session.as_ref().ok_or(ComposeError::NotUp)
    }

    pub(super) fn compose(&self) -> Result<&Compose, ComposeError> {
        self.found.as_ref().map(|(compose, _)| compose).ok_or(ComposeError::NotUp)
    }

    /// Attaches to the project if it runs, and starts what is missing; returns once all that the lab reads is ready.
    pub(super) async fn up(&mut self) -> Result<(), ComposeError> {
        self.down().await?;
        if let Err(error) = self.start().await {
            // The first error is the one to report.
            let _ = self.down().await;
            return Err(error);
        }
        Ok(())
    }

    /// Brings `service` to `count` containers that are ready.
    pub(super) async fn scale(&mut self, service: Service, count: usize) -> Result<(), ComposeError> {
        if service == Service::Store {
            return Err(ComposeError::StoreScaled);
        }
        self.session()?.scale(&self.console, service, count).await
    }

    /// Puts back what was found; what an interrupted `up` or `scale` has begun is let finish first.
    pub(super) async fn down(&mut self) -> Result<(), ComposeError> {
        let project = self.session.take().map(Session::close);
        let Some((compose, found)) = &self.found else { return Ok(()) };
        let is_overridden = self.overriding.take().is_some();
        let put_back = match found.as_they_were(compose).filter(|_| is_overridden) {
            Some(command) => put_back_with(&self.console, &command).await,
            None => Ok(()),
        }
        .and(put_back(&self.console, compose, found, project).await);
        self.found = None;
        put_back
    }

    async fn start(&mut self) -> Result<(), ComposeError> {
        let files = Files::find(&self.config, &self.around)?;
        let with_volumes = projects_with_volumes(&self.console).await?;
        let compose = Compose::find(&self.console, &self.config, &files).await?;
        compose.check(&self.console).await?;
        let mut containers = compose.containers(&self.console).await?;
        refuse_foreign(&containers, files.folder.as_deref())?;
        self.warn_of_other_files(&containers, &files);
        let missing = self.begin(&compose, &containers, with_volumes);
        if containers.is_empty() || !missing.is_empty() {
            let command = if containers.is_empty() { compose.up() } else { compose.scale(&missing) };
            self.console.change(&command).await?;
            containers = compose.containers(&self.console).await?;
        }
        let session = Session::open(&self.console, compose, containers, self.reach, self.admin_ports).await?;
        self.session = Some(session);
        Ok(())
    }

    /// Those of the lab's own would have other settings than those that run.
    fn warn_of_other_files(&self, containers: &[Container], files: &Files) {
        let of = |container: &Container| {
            let theirs = container.config_files.clone().filter(|_| container.runs)?;
            let ours = files.unlike(&theirs)?;
            let replica = container.replica_name();
            Some(format!(
                "{replica} was made from {theirs}, new ones will be from {ours}: give the same with --file"
            ))
        };
        if let Some(warning) = containers.iter().find_map(of) {
            self.console.say(&warning);
        }
    }

    /// From here on there is something to put back; which services must be started for the lab, and how often.
    fn begin(
        &mut self,
        compose: &Compose,
        containers: &[Container],
        with_volumes: BTreeSet<String>,
    ) -> Vec<(String, usize)> {
        let found = Found::new(containers, with_volumes);
        if let Found::Project { name, services } = &found {
            let counts: Vec<String> =
                services.iter().map(|(service, count)| format!("{service}={}", count.running)).collect();
            self.console.say(&format!("attached to {name}, to be left as found: {}", counts.join(" ")));
        }
        let missing = found.missing();
        self.found = Some((compose.clone(), found));
        missing
    }
}

impl<R> Drop for Project<R> {
    /// Somebody who did not want to wait should at least know what is left.
    fn drop(&mut self) {
        if let Some((compose, found)) = &self.found {
            let anew = found.as_they_were(compose).filter(|_| self.overriding.borrow().is_some());
            let commands: Vec<String> =
                anew.iter().chain([&found.by_hand(compose)]).map(ToString::to_string).collect();
            let commands = commands.join(" && ");
            self.console.say(&format!("left as it is; to put back what was found: {commands}"));
        }
    }
}

/// A project of the same name but from another folder is somebody else's.
fn refuse_foreign(containers: &[Container], ours: Option<&Path>) -> Result<(), ComposeError> {
    let Some(ours) = ours else { return Ok(()) };
    for container in containers {
        let Some(theirs) = &container.working_dir else { continue };
        if resolved(theirs) != ours {
            let (project, theirs, ours) = (container.project.clone(), theirs.clone(), ours.to_owned());
            return Err(ComposeError::Foreign { project, theirs, ours });
        }
    }
    Ok(())
}
