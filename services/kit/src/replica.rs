//! What a running copy of a service consists of, besides its own work.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use prometheus::Registry;

use crate::faults::Faults;
use crate::shutdown::Shutdown;

/// One running copy of a service.
#[derive(Clone, Debug)]
pub struct Replica {
    /// What it is a copy of, such as `rng`.
    pub service: &'static str,
    /// The name it answers with.
    pub hostname: String,
    /// Where its metrics are registered.
    pub registry: Registry,
    /// What can be made to go wrong in it.
    pub faults: Faults,
    /// Whether it is ready for requests.
    pub readiness: Readiness,
    /// When it has to end.
    pub shutdown: Shutdown,
}

impl Replica {
    /// A replica that is ready from the start and has no faults, as tests and embedders want it.
    pub fn new(service: &'static str, hostname: impl Into<String>, shutdown: Shutdown) -> Self {
        Self {
            service,
            hostname: hostname.into(),
            registry: Registry::new(),
            faults: Faults::new(false),
            readiness: Readiness::default(),
            shutdown,
        }
    }

    /// Whether a router may send requests here.
    pub fn is_ready(&self) -> bool {
        self.readiness.is_set() && !self.shutdown.is_draining() && !self.faults.settings().fail_readiness
    }
}

/// A latch: ready unless told otherwise.
#[derive(Clone, Debug)]
pub struct Readiness(Arc<AtomicBool>);

impl Default for Readiness {
    fn default() -> Self {
        Self(Arc::new(AtomicBool::new(true)))
    }
}

impl Readiness {
    /// Says whether the service itself considers itself ready.
    pub fn set(&self, ready: bool) {
        self.0.store(ready, Ordering::Relaxed);
    }

    fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
