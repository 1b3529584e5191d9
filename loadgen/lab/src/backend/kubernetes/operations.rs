//! What experiments do to pods.

use super::KubernetesBackend;
use super::cluster::Cluster;
use super::error::KubernetesError;
use crate::backend::command::Runner;
use crate::backend::{BackendError, Operations, Replica};

impl Operations for KubernetesBackend {
    async fn kill(&self, replica: &Replica) -> Result<(), BackendError> {
        Ok(self.0.kill(replica).await?)
    }
}

impl<R: Runner> Cluster<R> {
    /// What made the pod makes another.
    pub(super) async fn kill(&self, replica: &Replica) -> Result<(), KubernetesError> {
        self.session()?;
        self.console.change(&self.kubectl.kill(&replica.name)).await?;
        Ok(())
    }
}
