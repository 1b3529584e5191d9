//! Scaling, by hand and by the lab: the page shows it, and what the lab found it leaves.

use std::time::Duration;

use rustix::process::Signal;

use crate::harness::cluster::Namespace;
use crate::harness::figures::Figures;
use crate::harness::machine;
use crate::harness::program::Program;
use crate::harness::wait::eventually;

const SOON: Duration = Duration::from_secs(60);

/// Workers tell Redis once a second: over a hundred of their hashes that is worth a few percent.
const HASHES: u64 = 100;

/// Hashes a second over the next hundred.
fn speed(namespace: &Namespace) -> f64 {
    let read = || namespace.figures();
    let before: Figures = eventually("hashes", SOON, read);
    let enough = || read().filter(|now| now.hashes >= before.hashes + HASHES);
    eventually("a hundred more", SOON, enough).speed_since(before)
}

#[test]
#[ignore = "needs a Kubernetes cluster"]
fn kubectl_scale_shows_on_the_page() {
    machine::steadily(|| {
        let namespace = Namespace::running("by-hand", &[]);
        for (workers, rng, expected) in [(1, 1, 3.33), (2, 1, 6.67), (10, 1, 10.0), (10, 3, 24.25)] {
            namespace.scale("worker", workers);
            namespace.scale("rng", rng);
            let speed = speed(&namespace);
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
    assert_ne!(namespace.counts(), found);
    lab.signal(Signal::INT);
    let said = lab.finish(SOON);
    assert_eq!(said.status.code(), Some(130), "{said:?}");
    assert_eq!(namespace.counts(), found, "{said:?}");
}
