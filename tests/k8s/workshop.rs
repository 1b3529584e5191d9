//! Names, labels and ports that the workshop's commands expect, and where the workers look for the others.

use super::combinations::{base_with, rendered};
use super::object::{containers, name, object, of_kind, port, text, workloads};
use crate::harness::DOCKERCOINS;
use crate::harness::program::run;

use serde_json::json;
use std::time::Duration;

const SOON: Duration = Duration::from_secs(10);

/// What `kubectl create deployment NAME` would have made: `app=NAME` selects, and the container is called NAME.
#[test]
#[ignore = "needs kubectl"]
fn deployments_are_as_create_deployment_makes_them() {
    for workload in workloads(base_with(&[])) {
        let app = name(workload);
        assert_eq!(workload["metadata"]["labels"]["app"], app);
        assert_eq!(workload["spec"]["selector"], json!({ "matchLabels": { "app": app } }));
        assert_eq!(workload["spec"]["template"]["metadata"]["labels"]["app"], app);
        assert_eq!(containers(workload).map(|container| text(container, "/name")).collect::<Vec<_>>(), [app]);
    }
}

#[test]
#[ignore = "needs kubectl"]
fn services_have_the_names_and_ports_of_the_workshop() {
    let services: Vec<_> = of_kind(base_with(&[]), "Service")
        .map(|service| (name(service), service["spec"]["ports"][0]["port"].as_u64().expect("a number")))
        .collect();
    assert_eq!(services, [("hasher", 80), ("redis", 6379), ("rng", 80), ("webui", 80)]);
}

/// What was scaled by hand stays so when the manifests are applied again.
#[test]
#[ignore = "needs kubectl"]
fn only_overlays_set_a_number_of_replicas() {
    for (combination, objects) in rendered() {
        let any = workloads(objects).any(|workload| workload["spec"].get("replicas").is_some());
        assert_eq!(any, combination.root != "base", "{combination:?}");
    }
}

/// Those that the help of the worker names as its defaults.
#[test]
#[ignore = "needs kubectl"]
fn workers_find_the_others_by_default() {
    let help = run(DOCKERCOINS, &["worker", "--help"], SOON).stdout;
    for url in ["http://rng", "http://hasher", "redis://redis:6379"] {
        assert!(help.contains(&format!("[default: {url}]")), "{url}: {help}");
    }
}

/// A headless Service maps no ports: there a pod must listen where its Service does.
#[test]
#[ignore = "needs kubectl"]
fn pods_listen_where_their_services_do() {
    for (service, number) in [("rng", 80), ("hasher", 80), ("webui", 80), ("redis", 6379)] {
        let objects = base_with(&[]);
        let target = text(object(objects, &format!("Service/{service}")), "/spec/ports/0/targetPort");
        let workload = object(objects, &format!("Deployment/{service}"));
        let listens = containers(workload).find_map(|container| port(container, target));
        assert_eq!(listens, Some(number), "{service}");
    }
}
