//! Where the application runs. Owns the one trait behind which local processes, containers and pods look alike: start,
//! scale, find the replicas, speak to their admin ports, stop. It measures nothing and judges nothing.

use std::fmt;
use std::future::Future;
use std::net::SocketAddr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::laws::dispatch::Dispatch;
use crate::scrape::ScrapeError;
use crate::tape::Reading;

#[cfg(test)]
mod admin_server;
pub(crate) mod command;
pub mod compose;
#[cfg(test)]
pub(crate) mod fake;
pub mod kubernetes;
pub mod local;
mod operations;
mod probe;
mod readiness;
pub mod tunnel;
mod way;

pub use operations::Operations;
pub use probe::{HttpProbe, ProbeObservation};
pub use way::Reach;

/// A service of the application.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Service {
    /// The counter: Redis, or the embedded stand-in.
    Store,
    /// Random bytes, one request at a time.
    Rng,
    /// SHA-256.
    Hasher,
    /// The miner.
    Worker,
    /// The web page.
    Webui,
}

impl Service {
    /// All of them, in the order in which they start.
    pub const ALL: [Self; 5] = [Self::Store, Self::Rng, Self::Hasher, Self::Worker, Self::Webui];

    /// Those whose replica count can be set.
    pub const SCALABLE: [Self; 4] = [Self::Rng, Self::Hasher, Self::Worker, Self::Webui];

    /// The name that commands, replicas and DNS use.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Store => "store",
            Self::Rng => "rng",
            Self::Hasher => "hasher",
            Self::Worker => "worker",
            Self::Webui => "webui",
        }
    }

    /// What compose files call it, and manifests, where it is also the label `app`.
    pub const fn app(self) -> &'static str {
        match self {
            Self::Store => "redis",
            other => other.name(),
        }
    }

    /// The service that compose files and manifests call so.
    pub fn from_app(app: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|service| service.app() == app)
    }

    /// The service of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|service| service.name() == name)
    }
}

impl fmt::Display for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// One running copy of a service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Replica {
    /// Unique name, such as `rng-1`; also what the replica sends as `X-Served-By`.
    pub name: String,
    /// What it is a copy of.
    pub service: Service,
    /// Where it serves requests; none for a worker.
    pub address: Option<SocketAddr>,
    /// Where its admin port listens.
    pub admin: SocketAddr,
    /// Its process, where that is known.
    pub pid: Option<u32>,
}

/// Something that happened to the application without the lab's doing, such as a crash and the restart after it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// When, in seconds since the Unix epoch.
    pub at_unix_seconds: f64,
    /// The replica that it happened to.
    pub replica: String,
    /// What happened, as a sentence.
    pub what: String,
}

/// Why the application could not be started, scaled, read or stopped.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct BackendError {
    message: String,
}

impl BackendError {
    /// An error that says in one line what was wrong and what would mend it.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into() }
    }

    /// What went wrong with one replica.
    pub(crate) fn of_replica(replica: &Replica, error: &ScrapeError) -> Self {
        Self::new(format!("{}: {error}", replica.name))
    }
}

/// Probes under way.
pub trait Probe {
    /// Stops probing; what the probes met that were due between two instants, in seconds since the Unix epoch. `None`
    /// if there was none.
    fn finish(self, from: f64, to: f64) -> impl Future<Output = Option<ProbeObservation>>;
}

/// A place where the application runs.
///
/// `now` and `sleep` belong to it because a simulated application has a simulated clock.
pub trait Backend {
    /// How its replicas are probed.
    type Probe: Probe;

    /// Begins to probe `replicas`, `rate` times a second in all, at Poisson instants, each time one at random.
    fn probe(&self, replicas: &[Replica], rate: f64) -> Self::Probe;

    /// `local`, `compose`, …
    fn name(&self) -> &'static str;

    /// Starts one replica of every service and returns once all are ready.
    fn up(&mut self) -> impl Future<Output = Result<(), BackendError>>;

    /// Brings `service` to exactly `replicas` replicas; returns once that many are ready and no other is left.
    fn scale(&mut self, service: Service, replicas: usize) -> impl Future<Output = Result<(), BackendError>>;

    /// The replicas of `service` that are ready now, by name.
    fn replicas(&self, service: Service) -> impl Future<Output = Result<Vec<Replica>, BackendError>>;

    /// The address at which clients reach the service as a whole.
    fn address(&self, service: Service) -> Option<SocketAddr>;

    /// How requests find a replica of `service`.
    fn dispatch(&self, service: Service) -> Dispatch;

    /// The body of `GET path` on the replica's admin port.
    fn admin_get(&self, replica: &Replica, path: &str) -> impl Future<Output = Result<String, BackendError>>;

    /// `PUT path` with a JSON `body` on the replica's admin port; the answer's body.
    fn admin_put(
        &self,
        replica: &Replica,
        path: &str,
        body: String,
    ) -> impl Future<Output = Result<String, BackendError>>;

    /// The last `tail` log lines of the service's replicas, each prefixed by its replica.
    fn logs(&self, service: Service, tail: usize) -> impl Future<Output = Result<Vec<String>, BackendError>>;

    /// What happened by itself since the last call.
    fn events(&mut self) -> Vec<Event>;

    /// Stops everything that `up` and `scale` started; workers first, so that their unsent loops reach the store.
    fn down(&mut self) -> impl Future<Output = Result<(), BackendError>>;

    /// What the lab itself has used of a CPU and has been kept from so far.
    fn lab(&self) -> Reading {
        Reading::own(self.now())
    }

    /// Seconds since the Unix epoch.
    fn now(&self) -> f64;

    /// Waits on the backend's clock.
    fn sleep(&self, duration: Duration) -> impl Future<Output = ()>;
}
