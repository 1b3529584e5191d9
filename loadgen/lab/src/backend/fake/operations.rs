//! What experiments do to the simulated application.

use std::time::Duration;

use super::FakeBackend;
use crate::backend::{BackendError, Operations, Replica};

/// How long a replica that was killed is away.
const AWAY: Duration = Duration::from_millis(500);

impl Operations for FakeBackend {
    async fn kill(&self, replica: &Replica) -> Result<(), BackendError> {
        self.world.borrow_mut().crash(&replica.name, AWAY);
        Ok(())
    }
}
