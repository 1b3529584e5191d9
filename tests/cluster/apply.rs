//! `kubectl apply -k`: what the API server takes, and how soon everything is ready.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::harness::cluster::{Namespace, knows};
use crate::harness::kustomize::folders;
use crate::harness::machine;

/// From the command to the last pod that is ready; images are on the nodes.
const MOST_TO_BE_READY: Duration = Duration::from_secs(30);

#[test]
#[ignore = "needs a Kubernetes cluster"]
fn half_a_minute_after_apply_everything_is_ready() {
    machine::steadily(|| {
        let namespace = Namespace::new("apply");
        let began = Instant::now();
        namespace.apply("base", &[], json!({}));
        namespace.wait_until_ready(MOST_TO_BE_READY.saturating_sub(began.elapsed()));
        assert!(began.elapsed() < MOST_TO_BE_READY, "{:?}", began.elapsed());
    });
}

/// The API server itself judges them, defaults, quotas and the Pod Security Standard included.
#[test]
#[ignore = "needs a Kubernetes cluster"]
fn every_component_and_overlay_is_one_that_the_cluster_takes_without_a_warning() {
    let _turn = machine::busy();
    let namespace = Namespace::running("takes", &[]);
    let components = folders("components");
    let known = |component: &&String| {
        *component != "service-monitor" || knows("servicemonitors.monitoring.coreos.com")
    };
    let with_one =
        components.iter().filter(known).map(|component| ("base".to_owned(), vec![component.as_str()]));
    let overlays = folders("overlays").into_iter().map(|overlay| (format!("overlays/{overlay}"), Vec::new()));
    for (root, components) in with_one.chain(overlays).chain([("jobs".to_owned(), Vec::new())]) {
        // A Service keeps its address for good.
        if components.contains(&"rng-headless") {
            namespace.done(&["delete", "service", "rng"]);
        }
        let folder = namespace.kustomization(&root, &components, json!({}));
        let said = namespace.run(&["apply", "--dry-run=server", "-k", &folder]);
        assert!(said.status.success() && said.stderr.is_empty(), "{root} {components:?}: {said:?}");
    }
}
