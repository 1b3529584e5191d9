//! What experiments do to containers.

use super::ComposeBackend;
use super::error::ComposeError;
use super::session::Session;
use crate::backend::command::{Console, Invocation, Runner};
use crate::backend::{BackendError, Operations, Replica};

impl Operations for ComposeBackend {
    async fn kill(&self, replica: &Replica) -> Result<(), BackendError> {
        Ok(self.0.session()?.kill(&self.0.console, replica).await?)
    }
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
}
