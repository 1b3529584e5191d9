//! What an object names is there: pods behind selectors, ports behind names, settings, secrets, claims, targets.

use serde_json::Value;

use super::combinations::rendered;
use super::object::{containers, id, list, matches, name, of_kind, pod_labels, port, text, workloads};
use crate::harness::kustomize::Objects;

/// Fails unless `finds` is true of every object of the kind, in every combination.
#[track_caller]
fn assert_found(kind: &str, what: &str, finds: impl Fn(&Value, &Objects) -> bool) {
    let mut seen = 0;
    for (combination, objects) in rendered() {
        for object in of_kind(objects, kind) {
            seen += 1;
            assert!(finds(object, objects), "{what} of {} in {combination:?}", id(object));
        }
    }
    assert!(seen > 0, "no {kind} anywhere");
}

/// The workloads with pods that the `matchLabels` select.
fn selected<'a>(match_labels: Option<&'a Value>, objects: &'a [Value]) -> impl Iterator<Item = &'a Value> {
    workloads(objects).filter(move |workload| matches(match_labels, pod_labels(workload)))
}

/// Whether one of the workload's containers has a port of that name.
fn has_port(workload: &Value, wanted: &str) -> bool {
    containers(workload).any(|container| port(container, wanted).is_some())
}

fn exists(objects: &[Value], kind: &str, wanted: &str) -> bool {
    of_kind(objects, kind).any(|object| name(object) == wanted)
}

#[test]
#[ignore = "needs kubectl"]
fn a_service_selects_pods_that_have_its_port() {
    assert_found("Service", "pods with the port", |service, objects| {
        let pods: Vec<_> = selected(service.pointer("/spec/selector"), objects).collect();
        let have = |port: &Value| pods.iter().all(|pod| has_port(pod, text(port, "/targetPort")));
        !pods.is_empty() && list(service, "/spec/ports").all(have)
    });
}

#[test]
#[ignore = "needs kubectl"]
fn a_workload_selects_its_own_pods() {
    for kind in ["Deployment", "DaemonSet"] {
        assert_found(kind, "its own pods", |workload, _| {
            matches(workload.pointer("/spec/selector/matchLabels"), pod_labels(workload))
        });
    }
}

/// A `DaemonSet`'s pods would have no expected number.
#[test]
#[ignore = "needs kubectl"]
fn a_disruption_budget_selects_pods_of_deployments_and_lets_some_go() {
    assert_found("PodDisruptionBudget", "pods", |budget, objects| {
        let mut pods = selected(budget.pointer("/spec/selector/matchLabels"), objects).peekable();
        let allows = budget["spec"]["maxUnavailable"] != 0 && budget["spec"].get("minAvailable").is_none();
        pods.peek().is_some() && pods.all(|workload| workload["kind"] == "Deployment") && allows
    });
}

#[test]
#[ignore = "needs kubectl"]
fn an_autoscaler_scales_something_that_is_there() {
    assert_found("HorizontalPodAutoscaler", "target", |autoscaler, objects| {
        let target = &autoscaler["spec"]["scaleTargetRef"];
        of_kind(objects, text(target, "/kind")).any(|object| object["metadata"]["name"] == target["name"])
    });
}

#[test]
#[ignore = "needs kubectl"]
fn an_ingress_leads_to_a_port_of_a_service() {
    assert_found("Ingress", "Service with the port", |ingress, objects| {
        let paths = list(ingress, "/spec/rules").flat_map(|rule| list(rule, "/http/paths"));
        paths.map(|path| &path["backend"]["service"]).all(|backend| {
            let services =
                of_kind(objects, "Service").filter(|service| service["metadata"]["name"] == backend["name"]);
            services
                .flat_map(|service| list(service, "/spec/ports"))
                .any(|port| port["name"] == backend["port"]["name"])
        })
    });
}

#[test]
#[ignore = "needs kubectl"]
fn a_network_policy_selects_pods_that_have_its_ports() {
    assert_found("NetworkPolicy", "pods with the ports", |policy, objects| {
        let mut pods = selected(policy.pointer("/spec/podSelector/matchLabels"), objects).peekable();
        let ports: Vec<_> = list(policy, "/spec/ingress").flat_map(|rule| list(rule, "/ports")).collect();
        let has_all = |workload: &Value| ports.iter().all(|wanted| has_port(workload, text(wanted, "/port")));
        pods.peek().is_some() && pods.all(has_all)
    });
}

#[test]
#[ignore = "needs kubectl"]
fn a_monitor_selects_a_service_with_its_port() {
    assert_found("ServiceMonitor", "Service with the port", |monitor, objects| {
        let wanted = monitor.pointer("/spec/selector/matchLabels");
        let mut services = of_kind(objects, "Service")
            .filter(|service| matches(wanted, &service["metadata"]["labels"]))
            .peekable();
        let has = |service: &Value| {
            list(monitor, "/spec/endpoints")
                .all(|endpoint| list(service, "/spec/ports").any(|port| port["name"] == endpoint["port"]))
        };
        services.peek().is_some() && services.all(has)
    });
}

#[test]
#[ignore = "needs kubectl"]
fn what_a_pod_takes_its_settings_from_is_there() {
    let settings = |workload: &Value, objects: &Objects| {
        containers(workload).all(|container| {
            let maps = list(container, "/envFrom")
                .all(|from| exists(objects, "ConfigMap", text(from, "/configMapRef/name")));
            let from_secrets =
                list(container, "/env").filter_map(|variable| variable.pointer("/valueFrom/secretKeyRef"));
            let mut secrets = from_secrets.map(|key| (text(key, "/name"), text(key, "/key")));
            maps && secrets.all(|(secret, key)| {
                of_kind(objects, "Secret")
                    .any(|object| name(object) == secret && object["data"].get(key).is_some())
            })
        })
    };
    assert_found("Deployment", "ConfigMaps and Secrets", settings);
}

#[test]
#[ignore = "needs kubectl"]
fn a_pods_account_and_volumes_are_there() {
    assert_found("Deployment", "account and claims", |workload, objects| {
        let pod = &workload["spec"]["template"]["spec"];
        let claims = list(pod, "/volumes").map(|volume| text(volume, "/persistentVolumeClaim/claimName"));
        let mounted = containers(workload).flat_map(|container| list(container, "/volumeMounts"));
        let mut mounted = mounted.map(|mount| &mount["name"]);
        exists(objects, "ServiceAccount", text(pod, "/serviceAccountName"))
            && claims.into_iter().all(|claim| exists(objects, "PersistentVolumeClaim", claim))
            && mounted.all(|wanted| list(pod, "/volumes").any(|volume| volume["name"] == *wanted))
    });
}
