//! The docker-compose commands that the lab uses, all of one project.

use super::config::ComposeConfig;
use super::containers::{self, Container};
use super::error::ComposeError;
use super::files::Files;
use super::program;
use crate::backend::command::{Console, Invocation, Runner};

/// The compose services that the lab cannot do without.
pub(super) const NEEDED: [&str; 4] = ["redis", "rng", "hasher", "worker"];

/// How many containers of each service there should be.
pub(super) type Counts = Vec<(String, usize)>;

/// docker-compose with the flags that say which project.
#[derive(Clone, Debug)]
pub(super) struct Compose {
    base: Invocation,
}

impl Compose {
    /// Finds the program; `files` are those that `config` means.
    pub(super) async fn find<R: Runner>(
        console: &Console<R>,
        config: &ComposeConfig,
        files: &Files,
    ) -> Result<Self, ComposeError> {
        let mut base = program::find(console).await?;
        if let Some(name) = &config.project_name {
            base = base.and(["-p", name]);
        }
        for file in &files.named {
            base = base.and(["-f".into(), file.to_string_lossy()]);
        }
        if let Some(folder) = &config.project_directory {
            base = base.and(["--project-directory".into(), folder.to_string_lossy()]);
        }
        Ok(Self { base })
    }

    /// Makes sure that the files have every service that the lab needs.
    pub(super) async fn check<R: Runner>(&self, console: &Console<R>) -> Result<(), ComposeError> {
        let services = console.read(self.with(["config", "--services"])).await?;
        match NEEDED.into_iter().find(|needed| !services.lines().any(|service| service.trim() == *needed)) {
            Some(missing) => Err(ComposeError::ServiceMissing(missing)),
            None => Ok(()),
        }
    }

    /// All containers of the files' services, running or not. Only docker-compose knows the project's name.
    pub(super) async fn containers<R: Runner>(
        &self,
        console: &Console<R>,
    ) -> Result<Vec<Container>, ComposeError> {
        containers::inspect(console, self.with(["ps", "-aq"])).await
    }

    /// Starts everything.
    pub(super) fn up(&self) -> Invocation {
        self.with(["up", "-d", "--no-recreate"])
    }

    /// Brings each service to its count, and touches nothing else.
    pub(super) fn scale(&self, counts: &Counts) -> Invocation {
        let mut command = self.with(["up", "-d", "--no-deps", "--no-recreate"]);
        for (service, count) in counts {
            command = command.and(["--scale".to_owned(), format!("{service}={count}")]);
        }
        command.and(counts.iter().map(|(service, _)| service))
    }

    /// Stops the containers of `services`.
    pub(super) fn stop(&self, services: &[String]) -> Invocation {
        self.with(["stop"]).and(services)
    }

    /// Stops the containers of `services` and removes them.
    pub(super) fn remove(&self, services: &[String]) -> Invocation {
        self.with(["rm", "--stop", "--force"]).and(services)
    }

    /// Stops and removes everything; the data as well if `volumes`.
    pub(super) fn down(&self, volumes: bool) -> Invocation {
        let command = self.with(["down"]);
        if volumes { command.and(["--volumes"]) } else { command }
    }

    fn with<const N: usize>(&self, args: [&str; N]) -> Invocation {
        self.base.clone().and(args)
    }
}
