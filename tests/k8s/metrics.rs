//! What the manifests scrape, ask for and draw is what the services offer.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use super::combinations::base_with;
use super::object::{containers, kind, list, object, port, text, workloads};
use crate::harness::http::get;
use crate::harness::kustomize::{document, manifests};
use crate::harness::service::Service;

#[test]
#[ignore = "needs kubectl"]
fn annotations_name_the_admin_port_and_its_page_of_metrics() {
    let rng = Service::start("rng", &[]);
    for workload in workloads(base_with(&["scrape-annotations"])) {
        let annotations = &workload["spec"]["template"]["metadata"]["annotations"];
        let annotation = |key: &str| text(annotations, &format!("/prometheus.io~1{key}"));
        assert_eq!(annotation("scrape"), "true");
        assert_eq!(get(rng.admin, annotation("path")).status, 200);
        let admin = containers(workload).find_map(|container| port(container, "admin"));
        assert_eq!(annotation("port").parse().ok(), admin);
    }
}

/// The labels that the dashboard tells series apart by, besides those that the services give them.
#[test]
#[ignore = "needs kubectl"]
fn a_monitor_gives_series_the_labels_that_the_dashboard_wants() {
    let monitor = object(base_with(&["service-monitor"]), "ServiceMonitor/dockercoins");
    let endpoint = &monitor["spec"]["endpoints"][0];
    let labels: Vec<_> = list(endpoint, "/relabelings").map(|rule| text(rule, "/targetLabel")).collect();
    let dashboard =
        text(object(base_with(&["grafana-dashboard"]), "ConfigMap/dashboard"), "/data/dockercoins.json");
    assert!(labels.iter().all(|label| dashboard.contains(&format!("{{{{{label}}}}}"))), "{labels:?}");
    assert_eq!(labels, ["service", "instance"]);
    let rng = Service::start("rng", &[]);
    assert_eq!(get(rng.admin, text(endpoint, "/path")).status, 200);
}

#[test]
#[ignore = "needs kubectl"]
fn the_dashboard_is_that_of_docker_compose_where_a_sidecar_finds_it() {
    let dashboard = object(base_with(&["grafana-dashboard"]), "ConfigMap/dashboard");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("compose/observability/grafana/dashboards");
    let file = fs::read_to_string(folder.join("dockercoins.json")).expect("the dashboard");
    assert_eq!(text(dashboard, "/data/dockercoins.json"), file);
    assert_eq!(text(dashboard, "/metadata/labels/grafana_dashboard"), "1");
}

/// Words of a query that name metrics of ours.
fn metrics(query: &str) -> BTreeSet<&str> {
    let words = query.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
    words.filter(|word| word.starts_with("dockercoins_")).collect()
}

#[test]
#[ignore = "needs kubectl"]
fn the_latency_that_is_scaled_by_is_served_by_the_adapter_from_metrics_of_rng() {
    let rules = document(&manifests().join("components/hpa-latency/adapter.yaml"));
    let rule = &rules["rules"]["custom"][0];
    let autoscaler = object(base_with(&["hpa-latency"]), "HorizontalPodAutoscaler/rng");
    assert_eq!(text(autoscaler, "/spec/metrics/0/pods/metric/name"), text(rule, "/name/as"));
    let rng = Service::start("rng", &["--service-time", "0"]);
    get(rng.address(), "/1");
    let answer = get(rng.admin, "/metrics");
    let offered = |metric: &str| answer.text().contains(&format!("{metric}{{work=\"timed\"}}"));
    let wanted = &metrics(text(rule, "/seriesQuery")) | &metrics(text(rule, "/metricsQuery"));
    assert!(wanted.len() > 1 && wanted.iter().all(|metric| offered(metric)), "{wanted:?}");
}

/// Two autoscalers may not differ in what they scale, or the lesson would be another one.
#[test]
#[ignore = "needs kubectl"]
fn both_autoscalers_scale_rng_within_the_same_limits() {
    let [cpu, latency] = ["hpa-cpu", "hpa-latency"].map(|component| {
        let autoscaler =
            base_with(&[component]).iter().find(|object| kind(object) == "HorizontalPodAutoscaler");
        autoscaler.expect("an autoscaler")["spec"].clone()
    });
    for field in ["scaleTargetRef", "minReplicas", "maxReplicas"] {
        assert_eq!(cpu[field], latency[field], "{field}");
    }
    assert_eq!(cpu["scaleTargetRef"]["name"], "rng");
}
