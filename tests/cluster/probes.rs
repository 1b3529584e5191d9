//! Liveness that is asked for through rng's queue, against liveness on the admin port.

use std::time::Duration;

use crate::harness::cluster::Namespace;
use crate::harness::machine;
use crate::harness::pod::Pod;
use crate::harness::wait::eventually;

/// Past thirteen workers a request waits longer in the queue than the naive probe's second.
const MANY: usize = 15;
const FEW: usize = 5;

/// At ten visits a second these take half a minute: ten probes, of which three in a row would be enough.
const VISITS: u64 = 300;

const A_WHILE: Duration = Duration::from_secs(120);

/// Waits until rng has served that many more visits; it must not have been restarted.
fn assert_serves_on(namespace: &Namespace) {
    let visits = || namespace.count("rng", "dockercoins_station_arrivals_total");
    let before = visits();
    eventually("visits", A_WHILE, || (visits() >= before + VISITS).then_some(()));
    assert_eq!(restarts(namespace), 0);
}

fn restarts(namespace: &Namespace) -> u64 {
    namespace.pods("rng").iter().map(Pod::restarts).sum()
}

#[test]
#[ignore = "needs a Kubernetes cluster"]
fn naive_probes_restart_a_busy_rng_at_fifteen_workers_and_not_at_five() {
    let _turn = machine::busy();
    let namespace = Namespace::running("naive", &["naive-probes"]);
    namespace.scale("worker", FEW);
    assert_serves_on(&namespace);
    namespace.scale("worker", MANY);
    eventually("a restart", A_WHILE, || (restarts(&namespace) > 0).then_some(()));
    let events = namespace.done(&["get", "events"]);
    assert!(events.contains("Liveness probe failed"), "{events}");
}

#[test]
#[ignore = "needs a Kubernetes cluster"]
fn probes_of_the_admin_port_leave_a_busy_rng_alone() {
    let _turn = machine::busy();
    let namespace = Namespace::running("probes", &[]);
    namespace.scale("worker", MANY);
    assert_serves_on(&namespace);
}
