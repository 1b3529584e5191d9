//! The docker-compose commands that the lab uses, all of one project.

use std::path::{Path, PathBuf};

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
    /// The program and the project's name.
    program: Invocation,
    /// Those to name with every command.
    named: Vec<PathBuf>,
    /// Those to name when there is one more.
    all: Vec<PathBuf>,
    project_directory: Option<PathBuf>,
}

impl Compose {
    /// Finds the program; `files` are those that `config` means.
    pub(super) async fn find<R: Runner>(
        console: &Console<R>,
        config: &ComposeConfig,
        files: &Files,
    ) -> Result<Self, ComposeError> {
        let mut program = program::find(console).await?;
        if let Some(name) = &config.project_name {
            program = program.and(["-p", name]);
        }
        let project_directory = config.project_directory.clone();
        Ok(Self { program, named: files.named.clone(), all: files.all(), project_directory })
    }

    /// The same project with one more compose `file`.
    pub(super) fn with_file(&self, file: &Path) -> Self {
        let named = self.all.iter().map(PathBuf::as_path).chain([file]).map(Path::to_owned).collect();
        Self { named, ..self.clone() }
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

    /// Has the `count` containers of `service` made anew, as far as they are not as the files have them now.
    pub(super) fn make_anew(&self, service: &str, count: usize) -> Invocation {
        let scale = format!("{service}={count}");
        self.with(["up", "-d", "--no-deps", "--scale", &scale, service])
    }

    /// Has all of them made anew.
    pub(super) fn recreate(&self, service: &str, count: usize) -> Invocation {
        let scale = format!("{service}={count}");
        self.with(["up", "-d", "--no-deps", "--force-recreate", "--scale", &scale, service])
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
        let mut command = self.program.clone();
        for file in &self.named {
            command = command.and(["-f".into(), file.to_string_lossy()]);
        }
        if let Some(folder) = &self.project_directory {
            command = command.and(["--project-directory".into(), folder.to_string_lossy()]);
        }
        command.and(args)
    }
}
