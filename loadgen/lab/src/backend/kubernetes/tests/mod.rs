//! The Kubernetes backend against a fake kubectl.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::time::sleep;

use super::cluster::{Cluster, Counts};
use super::config::KubernetesConfig;
use super::error::KubernetesError;
use super::fake::{FakeKubectl, World};
use super::session::Patience;
use crate::backend::admin_server::AdminServer;
use crate::backend::command::Console;
use crate::backend::way::Reach;
use crate::backend::{Replica, Service};
use crate::narrator::Narrator;

mod found;
mod operations;
mod scaling;
mod wrong;

/// The application as it is after `kubectl apply`.
const APPLIED: [(&str, usize); 5] = [("hasher", 1), ("redis", 1), ("rng", 1), ("webui", 1), ("worker", 1)];

/// An application in a cluster, and what was told of it.
struct Ground {
    kubectl: FakeKubectl,
    admin: AdminServer,
    told: Arc<Mutex<Vec<String>>>,
    cluster: Cluster<FakeKubectl>,
}

impl Ground {
    async fn new() -> Self {
        Self::with(|_| {}).await
    }

    /// In a cluster that `set_up` has changed, for a plan that scales rng and worker.
    async fn with(set_up: impl FnOnce(&mut World)) -> Self {
        Self::planning(
            Counts::from([(Service::Rng, [1, 3].into()), (Service::Worker, [1, 10].into())]),
            set_up,
        )
        .await
    }

    /// For a plan that asks for `counts`.
    async fn planning(counts: Counts, set_up: impl FnOnce(&mut World)) -> Self {
        let admin = AdminServer::start().await;
        let mut world = World::new(admin.port, &APPLIED);
        set_up(&mut world);
        let kubectl = FakeKubectl(Rc::new(RefCell::new(world)));
        let told = Arc::new(Mutex::new(Vec::new()));
        let lines = told.clone();
        let narrator = Narrator::new(move |line| lines.lock().unwrap().push(line.to_owned()));
        let console = Console::new(kubectl.clone(), narrator);
        let config = KubernetesConfig { namespace: Some("n".to_owned()), context: None };
        let [hopeless, listens, ready] = [200, 300, 1000].map(Duration::from_millis);
        let cluster = Cluster::new(&config, Reach::Direct, counts, console).patient(Patience {
            hopeless,
            listens,
            ready,
        });
        Self { kubectl, admin, told, cluster }
    }

    /// How many replicas each workload should have.
    fn counts(&self) -> String {
        self.kubectl.0.borrow().counts()
    }

    /// The commands told since the last call that change something.
    fn changes(&self) -> Vec<String> {
        let told = std::mem::take(&mut *self.told.lock().unwrap());
        told.into_iter().filter(|line| line.starts_with("$ kubectl -n n scale ")).collect()
    }

    /// Whether a person was told something like it.
    fn was_told(&self, part: &str) -> bool {
        self.told.lock().unwrap().iter().any(|line| line.contains(part))
    }

    /// Why it cannot be attached to, in one line.
    async fn up_fails(&mut self) -> String {
        one_line(&self.cluster.up().await.unwrap_err())
    }

    /// The replicas of `service` that are ready.
    async fn replicas(&self, service: Service) -> Vec<Replica> {
        self.cluster.replicas(service).await.unwrap()
    }

    /// What has happened, once anything has.
    async fn news(&self) -> Vec<String> {
        let end = Instant::now() + Duration::from_secs(10);
        loop {
            let events = self.cluster.session().unwrap().events();
            if !events.is_empty() {
                return events.into_iter().map(|event| event.what).collect();
            }
            assert!(Instant::now() < end, "nothing has happened");
            sleep(Duration::from_millis(5)).await;
        }
    }
}

#[track_caller]
fn one_line(error: &KubernetesError) -> String {
    let error = error.to_string();
    assert!(!error.contains('\n'), "more than one line: {error}");
    error
}
