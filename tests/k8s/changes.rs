//! What a component or an overlay changes, and what it leaves alone.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::combinations::{MEETING, base_with, exclude, rendered};
use super::object::{containers, id, kind, object, text, workloads};
use crate::harness::kustomize::{Objects, folders};

/// Every component with what it changes, adds or takes away.
const CHANGES: [(&str, &[&str]); 16] = [
    ("canary", &["Deployment/rng-canary"]),
    ("grafana-dashboard", &["ConfigMap/dashboard"]),
    ("hpa-cpu", &["HorizontalPodAutoscaler/rng"]),
    ("hpa-latency", &["HorizontalPodAutoscaler/rng"]),
    ("ingress", &["Ingress/webui"]),
    ("keep-alive", &["ConfigMap/worker", "Deployment/worker"]),
    ("loadbalancer", &["Service/webui"]),
    ("naive-probes", &["Deployment/rng"]),
    ("network-policies", &["NetworkPolicy/same-namespace", "NetworkPolicy/scrapes", "NetworkPolicy/webui"]),
    ("nodeport", &["Service/webui"]),
    ("quota", &["LimitRange/dockercoins", "ResourceQuota/dockercoins"]),
    ("redis-persistent", &["Deployment/redis", "PersistentVolumeClaim/redis"]),
    ("rng-daemonset", &["DaemonSet/rng", "Deployment/rng", "PodDisruptionBudget/rng"]),
    ("rng-headless", &["Service/rng"]),
    (
        "scrape-annotations",
        &["Deployment/hasher", "Deployment/redis", "Deployment/rng", "Deployment/webui", "Deployment/worker"],
    ),
    ("service-monitor", &["Service/metrics", "ServiceMonitor/dockercoins"]),
];

/// The objects by `KIND/NAME`, without the hash that kustomize puts behind the names of settings.
fn by_id(objects: &Objects) -> BTreeMap<String, &Value> {
    let plain = |object: &Value| {
        let id = id(object);
        let hashed = ["ConfigMap", "Secret"].contains(&kind(object));
        id.rsplit_once('-').filter(|_| hashed).map_or(id.clone(), |(plain, _)| plain.to_owned())
    };
    objects.iter().map(|object| (plain(object), object)).collect()
}

fn changed(before: &Objects, after: &Objects) -> BTreeSet<String> {
    let (before, after) = (by_id(before), by_id(after));
    let all = before.keys().chain(after.keys());
    all.filter(|id| before.get(*id) != after.get(*id)).cloned().collect()
}

#[test]
#[ignore = "needs kubectl"]
fn a_component_changes_what_it_is_there_for_and_nothing_else() {
    assert!(CHANGES.iter().map(|(component, _)| *component).eq(folders("components")));
    for (component, expected) in CHANGES {
        let changed = changed(base_with(&[]), base_with(&[component]));
        assert!(changed.iter().eq(expected.iter()), "{component}: {changed:?}");
    }
}

/// But for one that adds a workload and one that adds something to every workload.
#[test]
#[ignore = "needs kubectl"]
fn the_order_of_components_does_not_matter() {
    for [one, other] in MEETING {
        let in_order = changed(base_with(&[one, other]), base_with(&[other, one]));
        assert_eq!(in_order.is_empty(), [one, other] != ["canary", "scrape-annotations"], "{one}, {other}");
    }
    let annotated = object(base_with(&["canary", "scrape-annotations"]), "Deployment/rng-canary");
    assert!(annotated.pointer("/spec/template/metadata/annotations").is_some());
}

/// Or some pair would never be tried.
#[test]
fn components_that_change_one_object_are_tried_together() {
    for (i, (one, changes)) in CHANGES.iter().enumerate() {
        for (other, others) in &CHANGES[i + 1..] {
            let meet = changes.iter().any(|change| others.contains(change)) && !exclude(one, other);
            assert!(!meet || MEETING.contains(&[one, other]), "{one}, {other}");
        }
    }
}

#[test]
#[ignore = "needs kubectl"]
fn overlays_change_replicas_and_images_only() {
    let without = |objects: &Objects| {
        let mut objects = objects.clone();
        for workload in objects.iter_mut().filter(|object| object.pointer("/spec/template/spec").is_some()) {
            workload["spec"].as_object_mut().expect("a spec").remove("replicas");
            workload["spec"]["template"]["spec"]["containers"][0]["image"].take();
        }
        objects
    };
    let overlays: Vec<_> = rendered().filter(|(overlay, _)| overlay.root != "base").collect();
    assert!(!overlays.is_empty());
    for (overlay, objects) in overlays.iter().filter(|(overlay, _)| overlay.components.is_empty()) {
        let changed = changed(&without(base_with(&[])), &without(objects));
        assert!(changed.is_empty(), "{overlay:?}: {changed:?}");
        assert_ne!(base_with(&[]), *objects, "{overlay:?}");
    }
}

#[test]
#[ignore = "needs kubectl"]
fn all_containers_of_a_combination_run_one_image() {
    for (combination, objects) in rendered() {
        let images: BTreeSet<_> =
            workloads(objects).flat_map(containers).map(|container| text(container, "/image")).collect();
        assert_eq!(images.len(), 1, "{combination:?}: {images:?}");
    }
}

#[test]
#[ignore = "needs kubectl"]
fn a_component_sets_what_its_name_says() {
    for (component, changed, pointer, value) in [
        ("rng-headless", "Service/rng", "/spec/clusterIP", "None"),
        ("nodeport", "Service/webui", "/spec/type", "NodePort"),
        ("loadbalancer", "Service/webui", "/spec/type", "LoadBalancer"),
        (
            "naive-probes",
            "Deployment/rng",
            "/spec/template/spec/containers/0/livenessProbe/httpGet/path",
            "/",
        ),
        ("canary", "Deployment/rng-canary", "/spec/template/spec/containers/0/env/0/name", "SERVICE_TIME"),
    ] {
        assert_eq!(text(object(base_with(&[component]), changed), pointer), value, "{component}");
    }
    let objects = by_id(base_with(&["keep-alive"]));
    assert_eq!(text(objects["ConfigMap/worker"], "/data/KEEP_ALIVE"), "true");
    assert_eq!(text(objects["ConfigMap/worker"], "/data/THINK_TIME"), "100ms");
}

/// The kind is another, and so is how it is updated; what runs is the same.
#[test]
#[ignore = "needs kubectl"]
fn the_daemon_set_runs_the_pods_of_the_deployment() {
    let mut deployment = object(base_with(&[]), "Deployment/rng").clone();
    let daemon_set = object(base_with(&["rng-daemonset"]), "DaemonSet/rng");
    deployment["spec"]["template"]["spec"]
        .as_object_mut()
        .expect("a spec")
        .remove("topologySpreadConstraints");
    assert_eq!(deployment["spec"]["template"], daemon_set["spec"]["template"]);
    assert_eq!(deployment["spec"]["selector"], daemon_set["spec"]["selector"]);
    assert_eq!(deployment["spec"]["strategy"], daemon_set["spec"]["updateStrategy"]);
}
