//! More replicas of rng, while ten workers run: fresh connections find them at once, kept ones never.

use std::iter;
use std::net::SocketAddr;
use std::thread;
use std::time::{Duration, Instant};

use crate::harness::compose::Stack;
use crate::harness::container::Container;
use crate::harness::figures::Figures;
use crate::harness::machine::in_a_few_tries;
use crate::harness::metrics::Metrics;
use crate::harness::report::{steps, throughput};
use crate::harness::wait::eventually;

const SOON: Duration = Duration::from_secs(30);

/// From the end of `docker-compose up --scale` to the first request at each new replica.
const TO_BE_FOUND: Duration = Duration::from_secs(2);

/// Workers tell Redis once a second: over ten of them that is worth a few percent.
const WINDOW: Duration = Duration::from_secs(10);

/// Windows until throughput is what three replicas give: the queue at the first one has to drain, and a busy machine takes its share.
const WINDOWS: usize = 4;

/// A stack of ten workers that has begun to count.
fn ten_workers(story: &str, overrides: &[&str]) -> (Stack, SocketAddr) {
    let stack = Stack::with(story, overrides);
    stack.up(&["worker=10"]);
    let webui = stack.webui();
    eventually("hashes", SOON, || Figures::of(webui).filter(|figures| figures.hashes >= 10));
    (stack, webui)
}

fn identities(workers: &[Container]) -> Vec<(String, String)> {
    workers.iter().map(|worker| (worker.id().to_owned(), worker.started_at().to_owned())).collect()
}

/// Hashes a second over a window of measurement.
fn speed(webui: SocketAddr) -> f64 {
    let read = || eventually("hashes", SOON, || Figures::of(webui));
    let before = read();
    thread::sleep(WINDOW);
    read().speed_since(before)
}

fn visits(rng: &Container) -> u64 {
    Metrics::of(rng.admin()).count("dockercoins_station_arrivals_total", &[])
}

#[test]
#[ignore = "needs Docker"]
fn running_workers_find_new_replicas_of_rng_within_two_seconds_and_get_three_times_as_much_done() {
    in_a_few_tries(|| {
        let (stack, webui) = ten_workers("scale", &[]);
        let workers = identities(&stack.containers("worker"));
        stack.up(&["worker=10", "rng=3"]);
        let scaled_at = Instant::now();
        let replicas = stack.containers("rng");
        assert_eq!(replicas.len(), 3);
        for rng in &replicas {
            let left = TO_BE_FOUND.saturating_sub(scaled_at.elapsed());
            eventually("a request at each replica", left, || (visits(rng) > 0).then_some(()));
        }
        let mut speeds = Vec::new();
        let three_times_as_much = iter::repeat_with(|| speed(webui)).take(WINDOWS).any(|speed| {
            speeds.push(speed);
            (27.5..32.5).contains(&speed)
        });
        assert!(three_times_as_much, "{speeds:?} hashes/s");
        assert_eq!(identities(&stack.containers("worker")), workers, "restarted");
    });
}

#[test]
#[ignore = "needs Docker"]
fn kept_connections_stick_to_one_replica_and_the_lab_says_so() {
    in_a_few_tries(|| {
        let (stack, _) = ten_workers("sticks", &["keep-alive"]);
        let flags = ["--workers", "10", "--rng", "1,3", "--window", "3s", "--no-confirm"];
        let (said, report) = stack.measured(&flags);
        let speeds: Vec<f64> = steps(&report).iter().map(throughput).collect();
        assert!(speeds.len() == 2 && speeds.iter().all(|speed| (9.5..10.5).contains(speed)), "{speeds:?}");
        assert!(said.stdout.contains("connections stick to one replica"), "{said:?}");
    });
}
