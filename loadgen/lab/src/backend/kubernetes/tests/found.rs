//! What is found is left as it was, whatever happens in between.

use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::time::timeout;

use super::{Ground, one_line};
use crate::backend::Service;

const FOUND: &str = "hasher=1 redis=1 rng=1 webui=1 worker=1";

#[tokio::test]
async fn counts_are_put_back_and_only_those_that_were_changed() {
    let mut ground = Ground::new().await;
    ground.cluster.up().await.unwrap();
    assert!(
        ground.was_told("attached to the namespace n, to be left as found: redis=1 rng=1 hasher=1"),
        "{:?}",
        ground.told
    );
    ground.cluster.scale(Service::Rng, 3).await.unwrap();
    ground.cluster.scale(Service::Worker, 10).await.unwrap();
    ground.cluster.scale(Service::Worker, 1).await.unwrap();
    assert_eq!(ground.counts(), "hasher=1 redis=1 rng=3 webui=1 worker=1");
    ground.cluster.down().await.unwrap();
    assert_eq!(ground.counts(), FOUND);
    let changes = ["rng --replicas=3", "worker --replicas=10", "worker --replicas=1", "rng --replicas=1"];
    assert_eq!(ground.changes(), changes.map(|change| format!("$ kubectl -n n scale deployment/{change}")));
    ground.cluster.down().await.unwrap();
    assert!(ground.changes().is_empty());
}

#[tokio::test]
async fn what_is_scaled_to_nothing_is_started_and_stopped_again() {
    let mut ground = Ground::with(|world| {
        for workload in &mut world.workloads {
            workload.2 = usize::from(workload.1 != "worker" && workload.1 != "redis");
        }
        world.reconcile();
    })
    .await;
    ground.cluster.up().await.unwrap();
    assert_eq!(ground.counts(), FOUND);
    ground.cluster.down().await.unwrap();
    assert_eq!(ground.counts(), "hasher=1 redis=0 rng=1 webui=1 worker=0");
}

#[tokio::test]
async fn an_interrupted_scaling_is_put_back() {
    let mut ground = Ground::new().await;
    ground.cluster.up().await.unwrap();
    ground.admin.readiness.store(503, Ordering::Relaxed);
    let scaling = timeout(Duration::from_millis(50), ground.cluster.scale(Service::Worker, 9));
    assert!(scaling.await.is_err());
    assert_eq!(ground.counts(), "hasher=1 redis=1 rng=1 webui=1 worker=9");
    ground.cluster.down().await.unwrap();
    assert_eq!(ground.counts(), FOUND);
}

#[tokio::test]
async fn what_cannot_be_put_back_is_told_with_the_commands_that_would_and_the_rest_is() {
    let mut ground = Ground::new().await;
    ground.cluster.up().await.unwrap();
    ground.cluster.scale(Service::Rng, 3).await.unwrap();
    ground.cluster.scale(Service::Worker, 2).await.unwrap();
    ground.kubectl.0.borrow_mut().failures.push(("scale deployment/rng", "error: no luck"));
    let error = one_line(&ground.cluster.down().await.unwrap_err());
    let command = "do it yourself: kubectl -n n scale deployment/rng --replicas=1";
    assert!(error.contains("no luck") && error.ends_with(command), "{error}");
    assert_eq!(ground.counts(), "hasher=1 redis=1 rng=3 webui=1 worker=1");
}

#[tokio::test]
async fn whoever_does_not_wait_is_told_what_would_put_it_back() {
    let mut ground = Ground::new().await;
    ground.cluster.up().await.unwrap();
    ground.cluster.scale(Service::Rng, 3).await.unwrap();
    ground.cluster.scale(Service::Worker, 2).await.unwrap();
    drop(ground.cluster);
    let told = ground.told.lock().unwrap().last().cloned().unwrap();
    let commands =
        "kubectl -n n scale deployment/rng --replicas=1 && kubectl -n n scale deployment/worker --replicas=1";
    assert!(told.ends_with(commands), "{told}");
}

#[tokio::test]
async fn a_lab_that_changed_nothing_has_nothing_to_put_back() {
    let mut ground = Ground::new().await;
    ground.cluster.up().await.unwrap();
    ground.cluster.scale(Service::Rng, 1).await.unwrap();
    drop(ground.cluster);
    assert!(
        !ground.told.lock().unwrap().iter().any(|line| line.contains(" scale ") || line.contains("put back"))
    );
}
