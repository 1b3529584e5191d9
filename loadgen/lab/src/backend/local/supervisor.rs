//! The application as a whole on this machine. Owns the order in which services start and stop, and who is told whose
//! address.

use std::collections::BTreeMap;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use dockercoins_forward::{Backends, Forwarder};
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;

use super::config::LocalConfig;
use super::descriptors;
use super::error::LocalError;
use super::events::Events;
use super::group::{Group, Template};
use super::keeper::{Phase, Status, Surroundings};
use super::logs::{Follower, LogLine, Logs};
use super::process::Ending;
use super::redis;
use crate::backend::{Event, Replica, Service};

/// Connections dialled just before a replica left the forwarder get this long to bring their request.
const GRACE_PAUSE: &str = "100ms";

/// A replica, whether ready or not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplicaStatus {
    /// Its name, such as `rng-1`.
    pub name: String,
    /// What it is a copy of.
    pub service: Service,
    /// What it is doing.
    pub phase: Phase,
    /// Its process, while there is one.
    pub pid: Option<u32>,
    /// Times it was started again.
    pub restarts: u32,
    /// Where it serves, once it is ready; none for a worker.
    pub address: Option<SocketAddr>,
    /// Its admin port, once it is ready.
    pub admin: Option<SocketAddr>,
}

impl ReplicaStatus {
    pub(super) fn new(service: Service, name: &str, status: &Status) -> Self {
        Self {
            name: name.to_owned(),
            service,
            phase: status.phase,
            pid: status.pid,
            restarts: status.restarts,
            address: status.announced.and_then(|announced| announced.address),
            admin: status.announced.map(|announced| announced.admin),
        }
    }

    /// The replica, if it is ready.
    pub fn ready(self) -> Option<Replica> {
        let admin = self.admin.filter(|_| self.phase == Phase::Running)?;
        Some(Replica { name: self.name, service: self.service, address: self.address, admin, pid: self.pid })
    }
}

/// How an application was stopped.
#[derive(Clone, Debug, Default)]
pub struct Stopped {
    /// How each replica ended that was running.
    pub endings: Vec<(String, Ending)>,
    /// How long it took.
    pub took: Duration,
}

/// A handle to the application; clones share it, and dropping the last one kills every replica.
#[derive(Clone, Debug)]
pub struct Supervisor(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    config: LocalConfig,
    groups: BTreeMap<Service, Group>,
    logs: Logs,
    events: Events,
}

impl Supervisor {
    /// Takes all the ports and asks somebody else's Redis whether it is there; no replica is started yet.
    pub async fn bind(config: LocalConfig) -> Result<Self, LocalError> {
        descriptors::raise_limit();
        let listeners = listen(&config).await?;
        if let Some(url) = &config.redis {
            redis::ping(url).await?;
        }
        remove_journal(&config)?;
        let (logs, events) = (Logs::new(), Events::default());
        let addresses = listeners.iter().map(|(service, (_, address))| (*service, *address)).collect();
        let mut groups = BTreeMap::new();
        let mut listeners = listeners;
        for service in config.services() {
            let backends = Backends::new();
            let forwarder =
                match listeners.remove(&service) {
                    Some((listener, address)) => Some(
                        Forwarder::start(listener, backends.clone())
                            .map_err(|source| LocalError::Listen { service, address, source })?,
                    ),
                    None => None,
                };
            let around =
                Surroundings { logs: logs.clone(), events: events.clone(), backends, grace: config.grace };
            let template = template(&config, service, &addresses);
            groups.insert(service, Group::new(template, around, config.ready_within, forwarder));
        }
        Ok(Self(Arc::new(Shared { config, groups, logs, events })))
    }

    /// Starts every service with the replicas that `counts` names (one by default); returns once all are ready. On an
    /// error what has been started runs on: stop it with [`Supervisor::down`].
    pub async fn up(&self, counts: &BTreeMap<Service, usize>) -> Result<(), LocalError> {
        for (service, group) in &self.0.groups {
            group.scale(counts.get(service).copied().unwrap_or(1)).await?;
        }
        Ok(())
    }

    /// Brings `service` to exactly `replicas` ready replicas; returns the number there was before.
    pub async fn scale(&self, service: Service, replicas: usize) -> Result<usize, LocalError> {
        if service == Service::Store {
            return Err(LocalError::StoreScaled);
        }
        self.group(service)?.scale(replicas).await
    }

    /// Starts the replicas of `service` anew, with the switch `flag` or without it.
    pub async fn switch(&self, service: Service, flag: &str, on: bool) -> Result<(), LocalError> {
        let group = self.group(service)?;
        let count = group.scale(0).await?;
        group.switch(flag, on);
        group.scale(count).await.map(drop)
    }

    /// Replaces the replicas of `service` one after the other, with one more meanwhile.
    pub async fn roll(&self, service: Service) -> Result<(), LocalError> {
        self.group(service)?.roll().await
    }

    /// Waits until all replicas of `service` are ready.
    pub async fn settled(&self, service: Service) -> Result<(), LocalError> {
        self.group(service)?.all_ready().await
    }

    /// Where `service` is reached as a whole.
    pub fn address(&self, service: Service) -> Option<SocketAddr> {
        self.0.groups.get(&service)?.address()
    }

    /// The replicas of `service`, ready or not, in order of their numbers.
    pub fn statuses(&self, service: Service) -> Vec<ReplicaStatus> {
        self.0.groups.get(&service).map(Group::statuses).unwrap_or_default()
    }

    /// The last `tail` lines of each replica of `services` in order, and a follower of those to come.
    pub fn logs(&self, services: &[Service], tail: usize) -> (Vec<LogLine>, Follower) {
        self.0.logs.read(services, tail)
    }

    /// What happened by itself after the first `seen` events, and the number of events so far.
    pub fn events_after(&self, seen: usize) -> (Vec<Event>, usize) {
        self.0.events.after(seen)
    }

    /// Stops everything: first the workers, which tell the store of their last loops; last the store. Frees the ports.
    pub async fn down(&self) -> Stopped {
        let started = Instant::now();
        let mut endings = Vec::new();
        endings.extend(self.close(Service::Worker).await);
        let (webui, rng, hasher) =
            tokio::join!(self.close(Service::Webui), self.close(Service::Rng), self.close(Service::Hasher));
        endings.extend([webui, rng, hasher].into_iter().flatten());
        endings.extend(self.close(Service::Store).await);
        for group in self.0.groups.values() {
            group.close_forwarder().await;
        }
        let _ = remove_journal(&self.0.config);
        Stopped { endings, took: started.elapsed() }
    }

    /// Kills every replica and frees the ports, without waiting for anything.
    pub fn kill(&self) {
        self.0.groups.values().for_each(Group::kill);
    }

    fn group(&self, service: Service) -> Result<&Group, LocalError> {
        self.0.groups.get(&service).ok_or(LocalError::NotRunning(service))
    }

    async fn close(&self, service: Service) -> Vec<(String, Ending)> {
        match self.0.groups.get(&service) {
            Some(group) => group.close().await,
            None => Vec::new(),
        }
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        // An application dropped while running has nobody left to tell.
        let _ = remove_journal(&self.config);
    }
}

type Listeners = BTreeMap<Service, (TcpListener, SocketAddr)>;

/// Listens for every service that is reached from outside; workers are not.
async fn listen(config: &LocalConfig) -> Result<Listeners, LocalError> {
    let mut listeners = Listeners::new();
    for service in config.services().filter(|service| *service != Service::Worker) {
        let address = config.listen(service);
        let failed = |source: io::Error| match source.kind() {
            io::ErrorKind::AddrInUse => LocalError::PortInUse { service, address },
            _ => LocalError::Listen { service, address, source },
        };
        let listener = TcpListener::bind(address).await.map_err(failed)?;
        let bound = listener.local_addr().map_err(failed)?;
        listeners.insert(service, (listener, bound));
    }
    Ok(listeners)
}

fn template(config: &LocalConfig, service: Service, addresses: &BTreeMap<Service, SocketAddr>) -> Template {
    let url = |scheme: &str, of: Service| {
        let address = addresses.get(&of).copied().map(reachable);
        address.map(|address| format!("{scheme}://{address}")).unwrap_or_default()
    };
    let redis_url = || config.redis.clone().unwrap_or_else(|| url("redis", Service::Store));
    let flags: Vec<(&str, String)> = match service {
        Service::Store => vec![("--appendonly", config.journal().to_string_lossy().into_owned())],
        Service::Rng | Service::Hasher => vec![("--grace-pause", GRACE_PAUSE.to_owned())],
        Service::Worker => vec![
            ("--rng-url", url("http", Service::Rng)),
            ("--hasher-url", url("http", Service::Hasher)),
            ("--redis-url", redis_url()),
        ],
        Service::Webui => vec![("--redis-url", redis_url()), ("--grace-pause", GRACE_PAUSE.to_owned())],
    };
    let mut args: Vec<String> =
        flags.into_iter().flat_map(|(flag, value)| [flag.to_owned(), value]).collect();
    if config.faults {
        args.push("--enable-faults".to_owned());
    }
    args.extend(config.service_args.get(&service).into_iter().flatten().cloned());
    Template {
        service,
        executable: config.executable.clone(),
        leading_args: config.leading_args.clone(),
        args,
    }
}

/// An address to connect to for one that was listened on: every address includes the loopback one.
fn reachable(mut address: SocketAddr) -> SocketAddr {
    if address.ip().is_unspecified() {
        let v4 = IpAddr::from(Ipv4Addr::LOCALHOST);
        address.set_ip(if address.is_ipv4() { v4 } else { Ipv6Addr::LOCALHOST.into() });
    }
    address
}

fn remove_journal(config: &LocalConfig) -> Result<(), LocalError> {
    let path = config.journal();
    match std::fs::remove_file(&path) {
        Err(source) if source.kind() != io::ErrorKind::NotFound => {
            Err(LocalError::Journal { path: path.display().to_string(), source })
        }
        _ => Ok(()),
    }
}
