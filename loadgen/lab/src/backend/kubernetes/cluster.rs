//! From a configuration to an application that the lab can measure, and back to what was there before; `checks` tells what cannot
//! work before anything is changed.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;

use super::config::KubernetesConfig;
use super::error::KubernetesError;
use super::inventory::{Door, Inventory};
use super::kubectl::Kubectl;
use super::scaling::Scaling;
use super::session::{NEEDED, Patience, Session};
use crate::backend::command::{Console, Runner};
use crate::backend::way::Reach;
use crate::backend::{Replica, Service};
use crate::laws::dispatch::Dispatch;

mod checks;

/// The replica counts that each service is to have, in any order.
pub type Counts = BTreeMap<Service, BTreeSet<usize>>;

/// What the lab scales.
const SCALED: [Service; 3] = [Service::Rng, Service::Hasher, Service::Worker];

/// What must have a Service, for workers call it by name.
const CALLED: [Service; 2] = [Service::Rng, Service::Hasher];

/// An application in a cluster, running or not.
#[derive(Debug)]
pub(super) struct Cluster<R> {
    pub(super) kubectl: Kubectl,
    reach: Reach,
    counts: Counts,
    patience: Patience,
    pub(super) console: Console<R>,
    doors: BTreeMap<Service, Door>,
    session: Option<Session>,
    /// What to put back, from the instant on at which something may have been changed.
    scaling: Option<Scaling>,
}

impl<R: Runner> Cluster<R> {
    pub(super) fn new(config: &KubernetesConfig, reach: Reach, counts: Counts, console: Console<R>) -> Self {
        Self {
            kubectl: Kubectl::new(config),
            reach,
            counts,
            patience: Patience::default(),
            console,
            doors: BTreeMap::new(),
            session: None,
            scaling: None,
        }
    }

    /// With other patience.
    #[cfg(test)]
    pub(super) fn patient(mut self, patience: Patience) -> Self {
        self.patience = patience;
        self
    }

    pub(super) fn session(&self) -> Result<&Session, KubernetesError> {
        self.session.as_ref().ok_or(KubernetesError::NotUp)
    }

    pub(super) fn running(&self) -> Result<(&Session, &Scaling), KubernetesError> {
        self.session.as_ref().zip(self.scaling.as_ref()).ok_or(KubernetesError::NotUp)
    }

    /// Attaches to the application, and starts what is scaled to nothing; returns once all that the lab reads is ready.
    pub(super) async fn up(&mut self) -> Result<(), KubernetesError> {
        self.down().await?;
        if let Err(error) = self.start().await {
            // The first error is the one to report.
            let _ = self.down().await;
            return Err(error);
        }
        Ok(())
    }

    /// Brings `service` to `count` pods that are ready.
    pub(super) async fn scale(&mut self, service: Service, count: usize) -> Result<(), KubernetesError> {
        if service == Service::Store {
            return Err(KubernetesError::StoreScaled);
        }
        let (session, scaling) = self.running()?;
        session.scale(&self.console, scaling, service, count).await
    }

    /// The replicas of `service` that are ready.
    pub(super) async fn replicas(&self, service: Service) -> Result<Vec<Replica>, KubernetesError> {
        let (session, scaling) = self.running()?;
        session.replicas(&self.console, scaling, service).await
    }

    /// How requests find a pod of `service`.
    pub(super) fn dispatch(&self, service: Service) -> Dispatch {
        self.doors.get(&service).map_or(Dispatch::RoundRobin, |door| door.dispatch)
    }

    /// Where the Service's own address is reached from here.
    pub(super) fn front(&self, service: Service) -> Option<SocketAddr> {
        self.session.as_ref()?.front(self.doors.get(&service)?.address?)
    }

    /// Puts back what was found; what an interrupted `up` or `scale` has begun is let finish first.
    pub(super) async fn down(&mut self) -> Result<(), KubernetesError> {
        self.session = None;
        let Some(scaling) = &self.scaling else { return Ok(()) };
        let put_back = scaling.put_back(&self.console).await;
        self.scaling = None;
        put_back
    }

    async fn start(&mut self) -> Result<(), KubernetesError> {
        let found = Inventory::parse(&self.console.read(self.kubectl.objects()).await?)?;
        self.check(&found).await?;
        self.tell(&found);
        self.doors.clone_from(&found.doors);
        let scaling = self.scaling.insert(Scaling::new(self.kubectl.clone(), found.workloads));
        for service in NEEDED.into_iter().filter(|service| scaling.count(*service) == 0) {
            scaling.scale(&self.console, service, 1).await?;
        }
        let (kubectl, reach, patience) = (self.kubectl.clone(), self.reach, self.patience);
        let session = Session::open(&self.console, kubectl, scaling, reach, patience).await?;
        for (app, stranger) in CALLED.iter().flat_map(|service| {
            session.strangers(scaling, *service).into_iter().map(|pod| (service.app(), pod))
        }) {
            self.console
                .say(&format!("{stranger} has the label app={app}, too: what it serves is not counted"));
        }
        self.session = Some(session);
        Ok(())
    }

    fn tell(&self, found: &Inventory) {
        let counts = found.workloads.values().map(|it| format!("{}={}", it.service.app(), it.replicas));
        let counts = counts.collect::<Vec<_>>().join(" ");
        let namespace = &self.kubectl.namespace;
        self.console.say(&format!("attached to the namespace {namespace}, to be left as found: {counts}"));
        for (service, door) in found.doors.iter().filter(|(service, _)| CALLED.contains(service)) {
            let app = service.app();
            self.console.say(&match door.dispatch {
                Dispatch::Random => format!(
                    "the Service {app} has an address, so kube-proxy sends each connection to any of its pods, at random"
                ),
                Dispatch::RoundRobin => {
                    format!("the Service {app} is headless, so workers take its pods in turn")
                }
            });
        }
    }
}

impl<R> Drop for Cluster<R> {
    /// Somebody who did not want to wait should at least know what is left.
    fn drop(&mut self) {
        if let Some(commands) = self.scaling.as_ref().and_then(Scaling::by_hand) {
            self.console.say(&format!("left as it is; to put back what was found: {commands}"));
        }
    }
}
