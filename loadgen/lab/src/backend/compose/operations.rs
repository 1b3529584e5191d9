//! What experiments do to containers.

use std::io::Write;

use super::ComposeBackend;
use super::commands::Compose;
use super::error::ComposeError;
use super::project::Project;
use super::session::Session;
use crate::backend::command::{Console, Invocation, Runner};
use crate::backend::{BackendError, Operations, Replica, Service};
use crate::experiment::liveness::Liveness;

impl Operations for ComposeBackend {
    async fn kill(&self, replica: &Replica) -> Result<(), BackendError> {
        Ok(self.0.session()?.kill(&self.0.console, replica).await?)
    }

    async fn keep_alive(&self, on: bool) -> Result<(), BackendError> {
        Ok(self.0.keep_alive(on).await?)
    }

    async fn roll_out(&self, service: Service) -> Result<(), BackendError> {
        Ok(self.0.roll_out(service).await?)
    }

    async fn roll_back(&self, service: Service) -> Result<(), BackendError> {
        Ok(self.0.roll_out(service).await?)
    }

    async fn unprotect(&self, _service: Service) -> Result<String, BackendError> {
        self.0.unprotected.set(true);
        Ok("ready successors".to_owned())
    }

    fn liveness(&self, _service: Service) -> Option<Liveness> {
        None
    }

    fn restarts(&self, _service: Service) -> u64 {
        0
    }

    async fn autoscaler(&self, _service: Service) -> Result<Option<String>, BackendError> {
        Ok(None)
    }
}

impl<R: Runner> Project<R> {
    /// Has the workers made anew from the compose files and one more.
    pub(super) async fn keep_alive(&self, on: bool) -> Result<(), ComposeError> {
        let (session, compose) = (self.session()?, self.compose()?);
        let file = overriding(on).map_err(ComposeError::Override)?;
        let with = compose.with_file(file.path());
        // From here on there are workers to be made as they were.
        self.overriding.replace(Some(file));
        session.make_anew(&self.console, &with, Service::Worker).await
    }

    /// Replaces all containers of `service`: by as many more, which are ready before the old ones go; or, no longer spared, as
    /// docker-compose itself does it.
    pub(super) async fn roll_out(&self, service: Service) -> Result<(), ComposeError> {
        let session = self.session()?;
        if self.unprotected.get() {
            return session.recreate(&self.console, service).await;
        }
        session.replace(&self.console, service).await
    }
}

/// A compose file that says whether workers keep their connections.
fn overriding(on: bool) -> std::io::Result<tempfile::NamedTempFile> {
    let mut file = tempfile::Builder::new().prefix("keep-alive-").suffix(".yaml").tempfile()?;
    write!(file, "services:\n  worker:\n    environment:\n      KEEP_ALIVE: \"{on}\"\n")?;
    Ok(file)
}

impl Session {
    /// Docker restarts no container that somebody has killed, whatever its restart policy: docker-compose is asked to.
    pub(super) async fn kill<R: Runner>(
        &self,
        console: &Console<R>,
        replica: &Replica,
    ) -> Result<(), ComposeError> {
        let running = self.running(replica.service);
        let victim = running.iter().find(|container| container.replica_name() == replica.name);
        let victim = victim.ok_or_else(|| ComposeError::Gone(replica.name.clone()))?;
        console.change(&Invocation::new("docker", ["kill", &victim.name])).await?;
        self.bring_to(console, replica.service, running.len()).await
    }

    /// Has the containers of `service` made anew from what `compose` means.
    async fn make_anew<R: Runner>(
        &self,
        console: &Console<R>,
        compose: &Compose,
        service: Service,
    ) -> Result<(), ComposeError> {
        let count = self.running(service).len();
        let _changing = self.changing(service);
        console.change(&compose.make_anew(service.app(), count)).await?;
        self.settle(console, service, count).await
    }

    async fn recreate<R: Runner>(&self, console: &Console<R>, service: Service) -> Result<(), ComposeError> {
        let count = self.running(service).len();
        let _changing = self.changing(service);
        console.change(&self.compose.recreate(service.app(), count)).await?;
        self.settle(console, service, count).await
    }

    async fn replace<R: Runner>(&self, console: &Console<R>, service: Service) -> Result<(), ComposeError> {
        let old = self.running(service);
        let names = || old.iter().map(|container| container.name.clone());
        let _changing = self.changing(service);
        self.bring_to(console, service, 2 * old.len()).await?;
        console.change(&Invocation::new("docker", ["stop"]).and(names())).await?;
        console.change(&Invocation::new("docker", ["rm"]).and(names())).await?;
        self.settle(console, service, old.len()).await
    }
}
