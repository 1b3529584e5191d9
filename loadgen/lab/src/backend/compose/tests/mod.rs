//! The compose backend against a fake Docker.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::config::ComposeConfig;
use super::fake::{FakeDocker, World};
use super::files::{Surroundings, resolved};
use super::project::Project;
use super::session::AdminPorts;
use crate::backend::Service;
use crate::backend::admin_server::AdminServer;
use crate::backend::command::Console;
use crate::backend::way::Reach;
use crate::narrator::Narrator;

mod found;
mod operations;
mod scaling;
mod wrong;

/// A project in the current folder, and what was told of it.
struct Ground {
    docker: FakeDocker,
    admin: AdminServer,
    told: Arc<Mutex<Vec<String>>>,
    project: Project<FakeDocker>,
    _folder: tempfile::TempDir,
}

impl Ground {
    async fn new() -> Self {
        Self::with(|_| {}).await
    }

    /// With a project that runs already.
    async fn running(counts: &[(&str, usize)]) -> Self {
        let scale = |world: &mut World| {
            for (service, count) in counts {
                world.scale(service, *count);
            }
        };
        Self::with(scale).await
    }

    /// With a world that `set_up` has changed.
    async fn with(set_up: impl FnOnce(&mut World)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("compose.yaml"), "").unwrap();
        let here = resolved(folder.path());
        let mut world = World::new(here.display().to_string());
        set_up(&mut world);
        let docker = FakeDocker(Rc::new(RefCell::new(world)));
        let admin = AdminServer::start().await;
        let ports = AdminPorts {
            port: admin.port,
            listens_within: Duration::from_millis(300),
            ready_within: Duration::from_secs(1),
        };
        let told = Arc::new(Mutex::new(Vec::new()));
        let lines = told.clone();
        let narrator = Narrator::new(move |line| lines.lock().unwrap().push(line.to_owned()));
        let console = Console::new(docker.clone(), narrator);
        let project = Project::new(ComposeConfig::default(), Reach::Direct, console)
            .among(Surroundings { folder: here, compose_file: None }, ports);
        Self { docker, admin, told, project, _folder: folder }
    }

    /// How many containers of each service run.
    fn runs(&self) -> String {
        self.docker.0.borrow().running()
    }

    /// The commands told since the last call that change something.
    fn changes(&self) -> Vec<String> {
        let told = std::mem::take(&mut *self.told.lock().unwrap());
        let changes = [" up ", " down", " stop ", " rm "];
        told.into_iter().filter(|line| changes.iter().any(|change| line.contains(change))).collect()
    }

    /// Whether a person was told something like it.
    fn was_told(&self, part: &str) -> bool {
        self.told.lock().unwrap().iter().any(|line| line.contains(part))
    }

    /// Why it cannot be brought up, in one line.
    async fn up_fails(&mut self) -> String {
        let error = self.project.up().await.unwrap_err().to_string();
        assert!(!error.contains('\n'), "more than one line: {error}");
        error
    }

    /// The replicas of `service` that are ready.
    async fn names(&self, service: Service) -> Vec<String> {
        let session = self.project.session().unwrap();
        let replicas = session.replicas(&self.project.console, service).await.unwrap();
        replicas.into_iter().map(|replica| replica.name).collect()
    }
}
