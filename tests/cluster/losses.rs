//! Pods that come and go under load: workers notice nothing.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::harness::cluster::Namespace;
use crate::harness::machine;
use crate::harness::pod::Pod;
use crate::harness::wait::eventually;

const SOON: Duration = Duration::from_secs(60);
const WORKERS: usize = 10;
const UPDATES: usize = 10;
const DELETED: usize = 5;

/// Ten workers, each of which has hashed something, and what they have counted so far.
struct Load {
    namespace: Namespace,
    before: BTreeMap<String, Count>,
}

/// What one worker has counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Count {
    cycles: u64,
    errors: u64,
    restarts: u64,
}

impl Load {
    fn on(namespace: Namespace) -> Self {
        namespace.scale("worker", WORKERS);
        let all_work = || {
            let counts = counts(&namespace);
            counts.values().all(|count| count.cycles > 0).then_some(counts)
        };
        let before = eventually("every worker's first hash", SOON, all_work);
        Self { namespace, before }
    }

    /// Waits until every worker has hashed something since now, by which time what it asked for before has been answered or has failed;
    /// none may have failed.
    fn assert_nothing_lost(&self) {
        let now = counts(&self.namespace);
        let went_on = || {
            let later = counts(&self.namespace);
            let all = now.iter().all(|(worker, count)| later[worker].cycles > count.cycles + 1);
            all.then_some(later)
        };
        let after = eventually("every worker's next hash", SOON, went_on);
        let errors = |counts: &BTreeMap<String, Count>| {
            let each = counts.iter().map(|(worker, count)| (worker.clone(), (count.errors, count.restarts)));
            each.collect::<BTreeMap<_, _>>()
        };
        assert_eq!(errors(&after), errors(&self.before), "errors and restarts of each worker");
    }
}

fn counts(namespace: &Namespace) -> BTreeMap<String, Count> {
    let count = |pod: Pod| {
        let metrics = namespace.metrics(&pod);
        let cycles = metrics.count("dockercoins_worker_cycles_total", &[]);
        let errors = metrics.count("dockercoins_worker_errors_total", &[]);
        (pod.name().to_owned(), Count { cycles, errors, restarts: pod.restarts() })
    };
    namespace.pods("worker").into_iter().map(count).collect()
}

#[test]
#[ignore = "needs a Kubernetes cluster"]
fn ten_rolling_updates_of_rng_under_load_lose_no_request() {
    let _turn = machine::busy();
    let load = Load::on(Namespace::running("updates", &[]));
    for _ in 0..UPDATES {
        load.namespace.done(&["rollout", "restart", "deployment/rng"]);
        load.namespace.done(&["rollout", "status", "deployment/rng", "--timeout=60s"]);
    }
    let of_the_last_only = || (load.namespace.pods("rng").len() == 1).then_some(());
    eventually("the end of all former pods", SOON, of_the_last_only);
    load.assert_nothing_lost();
}

#[test]
#[ignore = "needs a Kubernetes cluster"]
fn deleting_pods_under_load_loses_no_request() {
    let _turn = machine::busy();
    let namespace = Namespace::running("deletes", &[]);
    for service in ["rng", "hasher"] {
        namespace.scale(service, 2);
    }
    let load = Load::on(namespace);
    for _ in 0..DELETED {
        for service in ["rng", "hasher"] {
            let first = load.namespace.pods(service).swap_remove(0);
            // Returns once the pod is gone.
            load.namespace.done(&["delete", "pod", first.name(), "--timeout=60s"]);
            let both = || {
                (load.namespace.pods(service).iter().filter(|pod| pod.is_ready()).count() == 2).then_some(())
            };
            eventually("another one", SOON, both);
        }
    }
    load.assert_nothing_lost();
}
