//! `loadgen lab --backend kubernetes`: the main job, on pods. What scaling rng buys depends on its Service.

use serde_json::Value;

use crate::harness::cluster::Namespace;
use crate::harness::machine;
use crate::harness::program::Finished;
use crate::harness::report::{all_small, deviations, limited_by_rng, steps, throughput};

/// Where requests have a choice at random, windows are ten times as long: long enough for chance to even out.
const SWEEP: [&str; 6] = ["--workers", "1,10", "--rng", "1,2,3", "--window", "10s"];

/// Hashes a second of ten workers where each request goes to any replica, at random: the exact chain's. The step before them, one
/// worker, tells what a cycle takes besides; it is held to nothing.
const AT_RANDOM: [f64; 3] = [10.0, 18.48, 24.25];

/// Measures a sweep; `held` says how far off its steps are, as shares.
fn measure(story: &str, components: &[&str], deviations: impl Fn(&Value) -> Vec<f64>) -> Finished {
    let namespace = Namespace::running(story, components);
    let found = namespace.counts();
    let (said, report) = namespace.measured(&SWEEP);
    assert_eq!(said.status.code(), Some(0), "{said:?}");
    assert_eq!(report["backend"], "kubernetes");
    assert_eq!(report["conclusion"]["bottleneck"], "rng", "{said:?}");
    assert_eq!(report["confirmation"]["confirmed"], true, "{said:?}");
    let deviations = deviations(&report);
    assert!(all_small(&deviations, 0.03), "{deviations:?}\n{}\n{}", said.stdout, said.stderr);
    assert_eq!(namespace.counts(), found, "{said:?}");
    said
}

fn deviations_from_chance(report: &Value) -> Vec<f64> {
    let of_ten_workers = steps(report).iter().skip(1);
    of_ten_workers.zip(AT_RANDOM).map(|(step, expected)| throughput(step) / expected - 1.0).collect()
}

#[test]
#[ignore = "needs a Kubernetes cluster"]
fn behind_a_cluster_ip_the_lab_finds_rng_and_what_random_dispatch_leaves_within_three_percent() {
    machine::steadily(|| {
        let said = measure("random", &[], deviations_from_chance);
        assert!(said.stderr.contains("$ kubectl -n "), "{said:?}");
    });
}

#[test]
#[ignore = "needs a Kubernetes cluster"]
fn behind_a_headless_service_every_step_reaches_the_bound_within_three_percent() {
    machine::steadily(|| {
        measure("headless", &["rng-headless"], |report| {
            assert_eq!(limited_by_rng(report), [false, true, true, true]);
            deviations(report)
        });
    });
}
