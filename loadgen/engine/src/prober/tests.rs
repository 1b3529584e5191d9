//! The prober against servers that answer, wait, hang and reset.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Mutex, Semaphore};

use super::*;
use crate::outcome::{Failure, Outcome};
use crate::testing::{Behaviour, EMPTY, Server, serve};

const PATIENCE: Duration = Duration::from_secs(20);

fn probe(servers: &[&Server], rate: f64, timeout: Duration) -> Prober {
    Prober::start(servers.iter().map(|server| server.address.into()).collect(), rate, timeout)
}

#[tokio::test]
async fn a_probe_that_waits_does_not_delay_the_next() {
    let gate = Arc::new(Semaphore::new(0));
    let server = serve(Behaviour::Gate(gate.clone())).await;
    let prober = probe(&[&server], 500.0, PATIENCE);
    server.has_seen(40).await;
    gate.add_permits(1_000_000);
    let total = prober.finish().await.total();
    assert!(total.successes >= 40, "{total:?}");
    assert_eq!((total.censored, total.errors.len()), (0, 0), "{total:?}");
}

#[tokio::test]
async fn probes_in_flight_at_the_end_become_censored_samples() {
    let server = serve(Behaviour::Hang).await;
    let timeout = Duration::from_millis(200);
    let prober = probe(&[&server], 200.0, timeout);
    server.has_seen(10).await;
    let total = prober.finish().await.total();
    assert_eq!((total.censored, total.successes), (total.sent, 0));
    assert!(total.sent >= 10 && total.mean.unwrap() >= timeout, "{total:?}");
}

#[tokio::test]
async fn too_many_waiting_probes_are_counted_instead_of_sent() {
    let server = serve(Behaviour::Hang).await;
    let call = ProbeTarget::from(server.address).call(Duration::from_millis(50));
    let mut driver = Driver::new(vec![call], Timeline::start());
    for due in 0..MAX_IN_FLIGHT as u64 + 44 {
        driver.launch(Duration::from_nanos(due));
    }
    let findings = driver.land().await;
    assert_eq!((findings.samples.len(), findings.overflowed.len()), (MAX_IN_FLIGHT, 44));
}

#[tokio::test]
async fn resets_are_errors_by_kind_and_have_no_times() {
    let server = serve(Behaviour::Reset).await;
    let prober = probe(&[&server], 500.0, PATIENCE);
    server.has_seen(10).await;
    let total = prober.finish().await.total();
    assert_eq!(total.errors.get(&Outcome::Failed(Failure::Reset)), Some(&total.sent));
    assert_eq!(total.mean, None);
}

#[tokio::test]
async fn every_target_gets_its_share() {
    let (a, b) = (serve(Behaviour::Answer(EMPTY)).await, serve(Behaviour::Answer(EMPTY)).await);
    let prober = probe(&[&a, &b], 1_000.0, PATIENCE);
    a.has_seen(30).await;
    b.has_seen(30).await;
    let report = prober.finish().await;
    let shares = report.per_target();
    assert!(shares.iter().all(|share| share.successes >= 30 && share.errors.is_empty()), "{shares:?}");
    assert_eq!(shares.iter().map(|share| share.sent).sum::<u64>(), report.total().sent);
}

/// One slot of 20 ms, held by nobody else: a probe waits at least its own service, and more behind another probe.
#[tokio::test]
async fn probes_wait_in_the_queue_they_find() {
    let service_time = Duration::from_millis(20);
    let server = serve(Behaviour::Serial(Arc::new(Mutex::new(())), service_time)).await;
    let prober = probe(&[&server], 40.0, PATIENCE);
    server.has_seen(30).await;
    let total = prober.finish().await.total();
    assert_eq!(total.successes, total.sent);
    assert!(total.p50.unwrap() >= service_time && total.max.unwrap() >= service_time * 3 / 2, "{total:?}");
    assert!(total.interval.is_some());
}

#[tokio::test]
async fn without_targets_or_rate_nothing_is_sent() {
    let server = serve(Behaviour::Answer(EMPTY)).await;
    for prober in [probe(&[], 100.0, PATIENCE), probe(&[&server], 0.0, PATIENCE)] {
        assert_eq!(prober.finish().await.total().sent, 0);
    }
}

#[tokio::test]
async fn a_dropped_prober_stops() {
    let server = serve(Behaviour::Hang).await;
    let Prober { stop, driver, .. } = probe(&[&server], 200.0, Duration::from_millis(50));
    server.has_seen(3).await;
    drop(stop);
    driver.await.unwrap();
}
