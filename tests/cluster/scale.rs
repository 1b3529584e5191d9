//! Scaling, by hand and by the lab: the page shows it, and what the lab found it leaves.

use std::time::Duration;

use rustix::process::Signal;

use crate::harness::cluster::Namespace;
use crate::harness::figures::Figures;
use crate::harness::machine;
use crate::harness::pod::Pod;
use crate::harness::program::Program;
use crate::harness::wait::eventually;

const SOON: Duration = Duration::from_secs(60);
const A_WHILE: Duration = Duration::from_secs(120);

/// Workers tell Redis once a second: over so many that is worth a few percent.
const SECONDS: f64 = 20.0;

/// Hashes a second over about as long, if as many are made as expected.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a small positive number")]
fn speed(namespace: &Namespace, expected: f64) -> f64 {
    let read = || namespace.figures();
    let before: Figures = eventually("hashes", SOON, read);
    let enough = before.hashes + (expected * SECONDS) as u64;
    let after = eventually("more of them", A_WHILE, || read().filter(|now| now.hashes >= enough));
    after.speed_since(before)
}

/// Waits until each replica of rng has had visitors: workers find a new one with their next request, once its node sends it there.
fn wait_until_all_are_found(namespace: &Namespace) {
    let visits = |pod: &Pod| namespace.metrics(pod).count("dockercoins_station_arrivals_total", &[]);
    let found = || namespace.pods("rng").iter().all(|pod| visits(pod) > 0).then_some(());
    eventually("visits at each rng", SOON, found);
}

#[test]
#[ignore = "needs a Kubernetes cluster"]
fn kubectl_scale_shows_on_the_page() {
    machine::steadily(|| {
        let namespace = Namespace::running("by-hand", &[]);
        for (workers, rng, expected) in [(1, 1, 3.33), (2, 1, 6.67), (10, 1, 10.0), (10, 3, 24.25)] {
            namespace.scale("worker", workers);
            namespace.scale("rng", rng);
            wait_until_all_are_found(&namespace);
            let speed = speed(&namespace, expected);
            let off = speed / expected - 1.0;
            assert!(off.abs() < 0.15, "{speed}/s with worker={workers} rng={rng}, not {expected}");
        }
    });
}

#[test]
#[ignore = "needs a Kubernetes cluster"]
fn an_interrupt_in_mid_step_leaves_the_counts_that_it_found() {
    let _turn = machine::busy();
    let namespace = Namespace::running("interrupt", &[]);
    namespace.scale("worker", 3);
    namespace.scale("rng", 2);
    let found = namespace.counts();
    let flags = ["--workers", "1,2", "--rng", "1", "--window", "60s", "--no-confirm"];
    let mut lab = Program::start(&mut namespace.lab(&flags));
    lab.stderr().find("a step", SOON, |line| line.starts_with("worker=1 rng=1").then_some(()));
    // The line comes first, and kubectl takes its time.
    eventually("other counts", SOON, || (namespace.counts() != found).then_some(()));
    lab.signal(Signal::INT);
    let said = lab.finish(SOON);
    assert_eq!(said.status.code(), Some(130), "{said:?}");
    assert_eq!(namespace.counts(), found, "{said:?}");
}
