//! What experiments do to local replicas.

use rustix::process::{Pid, Signal, kill_process};

use super::LocalBackend;
use crate::backend::{BackendError, Operations, Replica};

impl Operations for LocalBackend {
    /// Its keeper starts it again.
    async fn kill(&self, replica: &Replica) -> Result<(), BackendError> {
        let statuses = self.running()?.statuses(replica.service);
        let pid =
            statuses.into_iter().find(|status| status.name == replica.name).and_then(|status| status.pid);
        let pid = pid.and_then(|pid| Pid::from_raw(i32::try_from(pid).ok()?));
        let pid = pid.ok_or_else(|| BackendError::new(format!("{} is not running", replica.name)))?;
        kill_process(pid, Signal::KILL)
            .map_err(|error| BackendError::new(format!("cannot kill {}: {error}", replica.name)))
    }
}
