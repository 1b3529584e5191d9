//! An application that runs: its pods, the way to them, and their number.
//!
//! - `readiness`: waiting for pods; `diagnosis`: why one is not ready;
//! - `way`: through which pod the others are reached.

use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::error::KubernetesError;
use super::inventory::items;
use super::kubectl::Kubectl;
use super::pod::Pod;
use super::scaling::Scaling;
use super::watch::{Changing, Watch};
use super::workload::Kind;
use crate::backend::command::{Console, Runner};
use crate::backend::way::{Reach, Way};
use crate::backend::{Event, Replica, Service};
use crate::scrape::Scraper;

mod diagnosis;
mod readiness;
mod way;

/// The services that the lab reads, and what they count in.
pub(super) const NEEDED: [Service; 4] = [Service::Store, Service::Rng, Service::Hasher, Service::Worker];

/// Where a watch is refused, the pods are listed this often instead.
const LIST_EVERY: Duration = Duration::from_secs(1);

/// What pods get.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patience {
    /// To get over what looks hopeless.
    pub(super) hopeless: Duration,
    /// To listen at the admin port once they are ready.
    pub(super) listens: Duration,
    /// To be ready, or gone.
    pub(super) ready: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        let [hopeless, listens, ready] = [10, 5, 90].map(Duration::from_secs);
        Self { hopeless, listens, ready }
    }
}

/// An application in a cluster. Dropping it ends the watch and the tunnel.
#[derive(Debug)]
pub(super) struct Session {
    kubectl: Kubectl,
    reach: Reach,
    patience: Patience,
    watch: Watch,
    listed_at: Mutex<Instant>,
    way: Mutex<Option<Way>>,
    pub(super) scraper: Scraper,
}

impl Session {
    /// Begins to watch, finds the way to the pods, and waits until as many are ready as `scaling` says.
    pub(super) async fn open<R: Runner>(
        console: &Console<R>,
        kubectl: Kubectl,
        scaling: &Scaling,
        reach: Reach,
        patience: Patience,
    ) -> Result<Self, KubernetesError> {
        let watch = Watch::start(console.follow(&kubectl.watch_pods())?);
        let (listed_at, scraper) = (Mutex::new(Instant::now()), Scraper::new());
        let session = Self { kubectl, reach, patience, watch, listed_at, way: Mutex::default(), scraper };
        session.list(console).await?;
        let _changing = NEEDED.map(|service| session.watch.changing(service));
        for service in NEEDED {
            session.wait_for_cluster(console, scaling, service).await?;
        }
        for service in NEEDED {
            session.wait(console, scaling, service).await?;
        }
        Ok(session)
    }

    /// Brings `service` to `count` pods that are ready.
    pub(super) async fn scale<R: Runner>(
        &self,
        console: &Console<R>,
        scaling: &Scaling,
        service: Service,
        count: usize,
    ) -> Result<(), KubernetesError> {
        self.keep_watching(console).await?;
        let there = self.pods(scaling, service).len();
        if there == count && self.replicas(console, scaling, service).await?.len() == count {
            return Ok(());
        }
        let fixed = scaling.workload(service).is_none_or(|workload| workload.kind == Kind::DaemonSet);
        let _changing = self.watch.changing(service);
        if !fixed {
            scaling.scale(console, service, count).await?;
        }
        self.wait(console, scaling, service).await
    }

    /// Those of `service` that are ready.
    pub(super) async fn replicas<R: Runner>(
        &self,
        console: &Console<R>,
        scaling: &Scaling,
        service: Service,
    ) -> Result<Vec<Replica>, KubernetesError> {
        if service == Service::Store {
            // Redis has no admin port to read.
            return Ok(Vec::new());
        }
        self.keep_watching(console).await?;
        self.find_way(console).await?;
        let mut ready = Vec::new();
        for pod in self.pods(scaling, service) {
            if let Ok(replica) = self.ready(service, &pod).await? {
                ready.push(replica);
            }
        }
        Ok(ready)
    }

    /// What happened by itself since the last call.
    pub(super) fn events(&self) -> Vec<Event> {
        self.watch.take_events()
    }

    /// The last `tail` lines of each pod of `service`, each prefixed by its name.
    pub(super) async fn logs<R: Runner>(
        &self,
        console: &Console<R>,
        service: Service,
        tail: usize,
    ) -> Result<Vec<String>, KubernetesError> {
        let logs = console.read(self.kubectl.logs(service, tail)).await?;
        Ok(logs.lines().map(with_name).collect())
    }

    /// Until the answer is dropped, what happens to `service` is the lab's own doing.
    pub(super) fn changing(&self, service: Service) -> Changing {
        self.watch.changing(service)
    }

    /// How often containers of the pods of `service` were started again.
    pub(super) fn restarts(&self, scaling: &Scaling, service: Service) -> u64 {
        self.pods(scaling, service).iter().map(|pod| u64::from(pod.restarts)).sum()
    }

    /// Where the address of a Service is reached from here, if pods are reached through one of them.
    pub(super) fn front(&self, door: SocketAddr) -> Option<SocketAddr> {
        if self.reach == Reach::Direct { None } else { self.to(door).ok()? }
    }

    /// Pods that get requests for `service` without being counted as its replicas.
    pub(super) fn strangers(&self, scaling: &Scaling, service: Service) -> Vec<String> {
        let Some(workload) = scaling.workload(service) else { return Vec::new() };
        let pods = self.watch.pods().into_iter();
        let strange =
            pods.filter(|pod| pod.service() == Some(service) && !pod.is_over() && !workload.owns(pod));
        strange.map(|pod| pod.name).collect()
    }

    /// The pods of `service`, except those that have ended for good.
    fn pods(&self, scaling: &Scaling, service: Service) -> Vec<Pod> {
        let Some(workload) = scaling.workload(service) else { return Vec::new() };
        self.watch.pods().into_iter().filter(|pod| workload.owns(pod) && !pod.is_over()).collect()
    }

    /// A watch that has ended is begun anew, and what happened in between is caught up with.
    async fn keep_watching<R: Runner>(&self, console: &Console<R>) -> Result<(), KubernetesError> {
        let listed_at = *self.listed_at.lock().unwrap_or_else(PoisonError::into_inner);
        if self.watch.has_ended() && listed_at.elapsed() > LIST_EVERY {
            self.watch.resume(console.follow(&self.kubectl.watch_pods())?);
            self.list(console).await?;
        }
        Ok(())
    }

    async fn list<R: Runner>(&self, console: &Console<R>) -> Result<(), KubernetesError> {
        *self.listed_at.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
        let json = console.read(self.kubectl.pods()).await?;
        self.watch.know(items(&json)?.iter().filter_map(Pod::parse).collect());
        Ok(())
    }
}

/// `[pod/rng-1/rng] line` as `rng-1 | line`.
fn with_name(line: &str) -> String {
    let named = line.strip_prefix("[pod/").and_then(|rest| rest.split_once("] "));
    named.map_or_else(
        || line.to_owned(),
        |(source, line)| format!("{} | {line}", source.split('/').next().unwrap_or(source)),
    )
}
