//! Why the local application could not be started, scaled or stopped.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use crate::backend::{BackendError, Service};

/// Each message is one line.
#[derive(Debug, thiserror::Error)]
pub enum LocalError {
    /// Somebody else listens where the service should be reached.
    #[error("port {} ({service}) is in use", address.port())]
    PortInUse {
        /// The service.
        service: Service,
        /// Where it should be reached.
        address: SocketAddr,
    },
    /// The service cannot listen there for another reason.
    #[error("cannot listen on {address} ({service}): {source}")]
    Listen {
        /// The service.
        service: Service,
        /// Where it should be reached.
        address: SocketAddr,
        /// The cause.
        source: io::Error,
    },
    /// Somebody else's Redis does not answer.
    #[error(
        "no Redis answers at {url}: {source}; start it, or give another with --redis, or leave --redis out"
    )]
    Redis {
        /// Its URL, without the password.
        url: String,
        /// The cause.
        source: io::Error,
    },
    /// The store's journal of an earlier run is in the way.
    #[error("cannot remove the old journal {path}: {source}")]
    Journal {
        /// The file.
        path: String,
        /// The cause.
        source: io::Error,
    },
    /// A replica ended again and again before it was ready.
    #[error("{replica} failed to start {attempts} times: {last}{}", quote(log))]
    FailedToStart {
        /// Its name.
        replica: String,
        /// How often it was tried.
        attempts: u32,
        /// How the last attempt ended.
        last: String,
        /// Its last log lines.
        log: Vec<String>,
    },
    /// A replica runs, but did not say that it is ready.
    #[error("{replica} was not ready within {}{}", humantime::format_duration(*within), quote(log))]
    NotReady {
        /// Its name.
        replica: String,
        /// What it was given.
        within: Duration,
        /// Its last log lines.
        log: Vec<String>,
    },
    /// The store is the one thing that counts.
    #[error("the store runs once: it is the one place where hashes are counted")]
    StoreScaled,
    /// The service does not run here.
    #[error("{0} is not running")]
    NotRunning(Service),
}

fn quote(log: &[String]) -> String {
    if log.is_empty() { "; it logged nothing".to_owned() } else { format!("; it said: {}", log.join(" / ")) }
}

impl From<LocalError> for BackendError {
    fn from(error: LocalError) -> Self {
        Self::new(error.to_string())
    }
}
