//! What a local application is started from.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use crate::backend::Service;

/// How replicas are started, and where the application is reached.
#[derive(Clone, Debug)]
pub struct LocalConfig {
    /// The program that every replica runs.
    pub executable: PathBuf,
    /// The arguments that come before the service's name.
    pub leading_args: Vec<String>,
    /// Further flags by service, such as `--think-time 50ms`.
    pub service_args: BTreeMap<Service, Vec<String>>,
    /// Where each service is reached as a whole; one that is missing gets any free port of the loopback interface.
    pub listen: BTreeMap<Service, SocketAddr>,
    /// URL of a Redis to use in place of the embedded store.
    pub redis: Option<String>,
    /// Where the store keeps its journal, which ends with the application. The directory must exist.
    pub state_dir: PathBuf,
    /// Whether faults may be injected through the admin ports.
    pub faults: bool,
    /// What a replica gets between SIGTERM and SIGKILL.
    pub grace: Duration,
    /// What replicas get to become ready.
    pub ready_within: Duration,
}

impl LocalConfig {
    /// The defaults, for replicas that run `executable service NAME`.
    pub fn new(executable: PathBuf, state_dir: PathBuf) -> Self {
        Self {
            executable,
            leading_args: vec!["service".to_owned()],
            service_args: BTreeMap::new(),
            listen: BTreeMap::new(),
            redis: None,
            state_dir,
            faults: false,
            grace: Duration::from_secs(10),
            ready_within: Duration::from_secs(30),
        }
    }

    pub(super) fn listen(&self, service: Service) -> SocketAddr {
        self.listen.get(&service).copied().unwrap_or((Ipv4Addr::LOCALHOST, 0).into())
    }

    /// The services that run here, in the order in which they start.
    pub(super) fn services(&self) -> impl Iterator<Item = Service> + use<> {
        let external_store = self.redis.is_some();
        Service::ALL.into_iter().filter(move |service| !(external_store && *service == Service::Store))
    }

    pub(super) fn journal(&self) -> PathBuf {
        self.state_dir.join("store.aof")
    }
}
