//! The simulation against the numbers of the design: what the lab's tests are built on must be right by itself.

use super::*;
use crate::backend::Probe;
use crate::scrape::Metrics;
use crate::tape::Reading;

const SECOND: Duration = Duration::from_secs(1);

async fn running(app: App, workers: usize, rng: usize) -> FakeBackend {
    let mut backend = FakeBackend::new(app);
    backend.up().await.unwrap();
    backend.scale(Service::Rng, rng).await.unwrap();
    backend.scale(Service::Worker, workers).await.unwrap();
    backend.sleep(20 * SECOND).await;
    backend
}

async fn reading(backend: &FakeBackend, replica: &Replica) -> Reading {
    let text = backend.admin_get(replica, "/metrics").await.unwrap();
    Reading::new(backend.now(), &Metrics::parse(&text))
}

async fn cycles(backend: &FakeBackend) -> f64 {
    let mut sum = 0.0;
    for replica in backend.replicas(Service::Worker).await.unwrap() {
        sum += reading(backend, &replica).await.cycles;
    }
    sum
}

async fn throughput(backend: &FakeBackend, seconds: u32) -> f64 {
    let (from, before) = (backend.now(), cycles(backend).await);
    backend.sleep(seconds * SECOND).await;
    (cycles(backend).await - before) / (backend.now() - from)
}

/// No overhead, as in the design's tables.
fn bare(dispatch: Dispatch) -> App {
    App { overhead: Duration::ZERO, dispatch, ..App::default() }
}

#[tokio::test]
async fn random_dispatch_meets_the_exact_chain() {
    let table = [(2, 1, 6.67), (4, 2, 12.5), (7, 2, 17.21), (10, 2, 18.48), (7, 3, 20.04), (10, 3, 24.25)];
    for (workers, rng, expected) in table {
        let backend = running(bare(Dispatch::Random), workers, rng).await;
        let seen = throughput(&backend, 1000).await;
        assert!((seen / expected - 1.0).abs() < 0.01, "N = {workers}, m = {rng}: {seen} {expected}");
    }
}

#[tokio::test]
async fn round_robin_meets_the_bound() {
    for (workers, rng, expected) in [(3, 1, 10.0), (10, 1, 10.0), (5, 2, 16.667), (9, 3, 30.0), (10, 3, 30.0)]
    {
        let backend = running(bare(Dispatch::RoundRobin), workers, rng).await;
        let seen = throughput(&backend, 200).await;
        assert!((seen / expected - 1.0).abs() < 0.006, "N = {workers}, m = {rng}: {seen} {expected}");
    }
}

#[tokio::test]
async fn live_connections_gain_nothing_from_new_replicas() {
    let mut backend = running(bare(Dispatch::Sticky), 10, 1).await;
    backend.scale(Service::Rng, 3).await.unwrap();
    let seen = throughput(&backend, 100).await;
    assert!((seen - 10.0).abs() < 0.05, "{seen}");
}

#[tokio::test]
async fn probes_wait_as_the_design_says() {
    for (workers, millis) in [(1, 17.0), (2, 33.0), (4, 150.0), (10, 750.0)] {
        let backend = running(bare(Dispatch::RoundRobin), workers, 1).await;
        let targets = backend.replicas(Service::Rng).await.unwrap();
        let (probe, from) = (backend.probe(&targets, 100.0), backend.now());
        backend.sleep(100 * SECOND).await;
        let met = probe.finish(from, backend.now()).await.unwrap();
        assert!((met.mean_seconds * 1e3 - millis).abs() < 0.02 * millis + 1.0, "N = {workers}: {met:?}");
    }
}

#[tokio::test]
async fn exponential_times_keep_their_mean() {
    let backend = running(App { law: Law::Exponential, ..bare(Dispatch::RoundRobin) }, 1, 1).await;
    let rng = backend.replicas(Service::Rng).await.unwrap();
    backend.sleep(2000 * SECOND).await;
    let seen = reading(&backend, &rng[0]).await;
    assert!((seen.served / seen.visits - 0.1).abs() < 0.004, "{seen:?}");
}

#[tokio::test]
async fn a_crash_is_told_and_counters_start_again() {
    let crash = Fault::Crash { replica: "rng-1", at: 30 * SECOND, down_for: SECOND, every: None };
    let mut backend = running(App { faults: vec![crash], ..App::default() }, 4, 1).await;
    let rng = backend.replicas(Service::Rng).await.unwrap();
    let before = reading(&backend, &rng[0]).await;
    backend.sleep(10 * SECOND).await;
    assert!(backend.replicas(Service::Rng).await.unwrap().is_empty());
    assert!(backend.admin_get(&rng[0], "/metrics").await.is_err());
    backend.sleep(5 * SECOND).await;
    let after = reading(&backend, &rng[0]).await;
    assert!(after.visits < before.visits && after.cpu < before.cpu, "{before:?} {after:?}");
    let workers = backend.replicas(Service::Worker).await.unwrap();
    assert!(reading(&backend, &workers[0]).await.errors > 0.0);
    assert_eq!(backend.events().len(), 1);
}

#[tokio::test]
async fn a_replica_that_is_scaled_away_finishes_its_queue() {
    let mut backend = running(App::default(), 10, 3).await;
    backend.scale(Service::Rng, 1).await.unwrap();
    let names: Vec<String> =
        backend.replicas(Service::Rng).await.unwrap().into_iter().map(|it| it.name).collect();
    assert_eq!(names, ["rng-1"]);
    for worker in backend.replicas(Service::Worker).await.unwrap() {
        assert!(reading(&backend, &worker).await.errors < 0.5);
    }
}

#[tokio::test]
async fn a_service_time_that_is_put_holds_from_the_next_visit_on() {
    let backend = running(App::default(), 10, 1).await;
    for rng in backend.replicas(Service::Rng).await.unwrap() {
        backend.admin_put(&rng, "/station", "{\"service_time_ms\":50}".to_owned()).await.unwrap();
        assert!(backend.admin_put(&rng, "/station", "{}".to_owned()).await.is_err());
    }
    backend.sleep(10 * SECOND).await;
    assert!((throughput(&backend, 100).await - 20.0).abs() < 0.1);
    assert_eq!(backend.service_time("rng-1"), Some(Duration::from_millis(50)));
}
