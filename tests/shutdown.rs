//! The way out: readiness fails, a grace pause, what is in flight finishes, unsent loops reach redis, exit 0.

use std::thread;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::harness::http::{Call, get};
use crate::harness::machine;
use crate::harness::metrics::{Metrics, cycles, last_cycles};
use crate::harness::service::Service;
use crate::harness::store::hashes;
use crate::harness::wait::eventually;

const SOON: Duration = Duration::from_secs(20);
const IN_TIME: Duration = Duration::from_secs(30);

fn wait_until_in_flight(rng: &Service) {
    let in_flight = || {
        let metrics = Metrics::of(rng.admin);
        let names = metrics.names();
        names.iter().any(|name| name.contains("in_flight") && metrics.sum(name, &[]) >= 1.0).then_some(())
    };
    eventually("a request in flight", SOON, in_flight);
}

#[test]
fn readiness_fails_first_and_new_requests_are_still_served_in_the_pause() {
    machine::steadily(|| {
        let mut rng = Service::start("rng", &["--service-time", "0ms", "--grace-pause", "1500ms"]);
        let asked_at = Instant::now();
        rng.program.signal(Signal::TERM);
        let unready = || (get(rng.admin, "/readyz").status == 503).then(|| asked_at.elapsed());
        let noticed = eventually("readiness to fail", SOON, unready);
        assert!(noticed < Duration::from_secs(1), "{noticed:?}");
        assert_eq!(get(rng.address(), "/32").status, 200);
        assert_eq!(get(rng.admin, "/healthz").status, 200);
        assert!(rng.program.finish(SOON).status.success());
        assert!(asked_at.elapsed() >= Duration::from_millis(1500), "{:?}", asked_at.elapsed());
    });
}

#[test]
fn a_request_in_flight_finishes() {
    machine::steadily(|| {
        for signal in [Signal::TERM, Signal::INT] {
            let flags = ["--service-time", "1s", "--grace-pause", "0s", "--grace-period", "8s"];
            let mut rng = Service::start("rng", &flags);
            let call = Call::send(rng.address(), "GET", "/32", b"");
            wait_until_in_flight(&rng);
            rng.program.signal(signal);
            let answer = call.answer();
            assert_eq!((answer.status, answer.body.len()), (200, 32));
            assert!(rng.program.finish(SOON).status.success());
        }
    });
}

#[test]
fn a_request_waiting_in_the_queue_finishes_too() {
    machine::steadily(|| {
        let flags = ["--service-time", "300ms", "--grace-pause", "0s", "--grace-period", "8s"];
        let mut rng = Service::start("rng", &flags);
        let calls: Vec<Call> = (0..4).map(|_| Call::send(rng.address(), "GET", "/32", b"")).collect();
        wait_until_in_flight(&rng);
        let all_arrived = || {
            let metrics = Metrics::of(rng.admin);
            (metrics.count("dockercoins_station_arrivals_total", &[]) >= 4).then_some(())
        };
        eventually("four arrivals", SOON, all_arrived);
        rng.program.signal(Signal::TERM);
        assert!(calls.into_iter().all(|call| call.answer().body.len() == 32));
        assert!(rng.program.finish(SOON).status.success());
    });
}

#[test]
fn idle_connections_do_not_hold_up_the_end() {
    let mut rng =
        Service::start("rng", &["--service-time", "0ms", "--grace-pause", "0s", "--grace-period", "60s"]);
    let mut idle = Call::raw(rng.address(), "GET", b"GET / HTTP/1.1\r\nHost: rng\r\n\r\n");
    assert_eq!(idle.next_answer().status, 200);
    let _silent = Call::raw(rng.address(), "GET", b"");
    assert!(rng.stop(SOON).status.success());
}

#[test]
fn a_request_that_outlasts_the_grace_period_does_not_hold_up_the_end() {
    let flags = ["--service-time", "60s", "--grace-pause", "0s", "--grace-period", "1s"];
    let mut rng = Service::start("rng", &flags);
    let _call = Call::send(rng.address(), "GET", "/32", b"");
    wait_until_in_flight(&rng);
    rng.stop(SOON);
}

#[test]
fn every_service_ends_well_with_the_default_settings() {
    let mut store = Service::start("store", &[]);
    let mut rng = Service::start("rng", &[]);
    let mut hasher = Service::start("hasher", &[]);
    let mut webui = Service::start("webui", &["--redis-url", &format!("redis://{}", store.address())]);
    let mut worker = Service::worker(rng.address(), hasher.address(), store.address(), &[]);
    let mut forward = Service::start("forward", &["--to", &rng.address().to_string()]);
    for service in [&mut worker, &mut forward, &mut webui, &mut hasher, &mut rng, &mut store] {
        let said = service.stop(IN_TIME);
        assert!(said.status.success(), "{}: {said:?}", service.name);
    }
}

/// A worker that has run for a moment without delays, and whose rng has then been taken away, so that its count stands.
fn stalled_worker(store: &Service) -> (Service, u64) {
    let mut rng = Service::start("rng", &["--service-time", "0ms"]);
    let hasher = Service::start("hasher", &["--service-time", "0ms"]);
    let flags = ["--think-time", "1ms"];
    let worker = Service::worker(rng.address(), hasher.address(), store.address(), &flags);
    eventually("work", SOON, || (cycles(worker.admin) >= 20).then_some(()));
    rng.program.kill();
    let done = last_cycles(worker.admin);
    (worker, done)
}

#[test]
fn unsent_loops_of_a_worker_reach_the_store() {
    let store = Service::start("store", &[]);
    let (mut worker, done) = stalled_worker(&store);
    let said = worker.stop(IN_TIME);
    assert!(said.status.success(), "{said:?}");
    assert_eq!(hashes(store.address()), done);
}

#[test]
fn unsent_loops_of_a_busy_worker_reach_the_store() {
    let store = Service::start("store", &[]);
    let rng = Service::start("rng", &["--service-time", "0ms"]);
    let hasher = Service::start("hasher", &["--service-time", "0ms"]);
    let flags = ["--think-time", "1ms", "--concurrency", "4"];
    let mut worker = Service::worker(rng.address(), hasher.address(), store.address(), &flags);
    eventually("work", SOON, || (cycles(worker.admin) >= 20).then_some(()));
    let seen = cycles(worker.admin);
    assert!(worker.stop(IN_TIME).status.success());
    let posted = Metrics::of(hasher.admin).count("dockercoins_requests_total", &[("code", "200")]);
    let counted = hashes(store.address());
    assert!(seen <= counted && (counted..=counted + 4).contains(&posted), "{seen} ≤ {counted} ≤ {posted}");
}

#[test]
fn unsent_loops_reach_a_store_that_answers_only_later() {
    let store = Service::start("store", &[]);
    let (mut worker, done) = stalled_worker(&store);
    store.program.signal(Signal::STOP);
    worker.program.signal(Signal::TERM);
    let store_process = store.program.process();
    let thaw = thread::spawn(move || {
        thread::sleep(Duration::from_secs(1));
        store_process.signal(Signal::CONT);
    });
    let said = worker.program.finish(IN_TIME);
    thaw.join().expect("a signal");
    assert!(said.status.success(), "{said:?}");
    assert_eq!(hashes(store.address()), done);
}
