//! What every pod has, in every combination: probes, limits, and no right that it doesn't use.

use serde_json::{Value, json};

use super::combinations::{Combination, base_with, rendered};
use super::object::{containers, id, list, name, object, port, text, workloads};

/// The component that is there to show what naive probes do.
const NAIVE: &str = "naive-probes";

/// Every workload of every combination.
fn all() -> impl Iterator<Item = (&'static Combination, &'static Value)> {
    rendered()
        .flat_map(|(combination, objects)| workloads(objects).map(move |workload| (combination, workload)))
}

#[track_caller]
fn assert_everywhere(what: &str, mut holds: impl FnMut(&Value) -> bool) {
    for (combination, workload) in all() {
        assert!(holds(workload), "{what}: {} in {combination:?}", id(workload));
    }
}

#[track_caller]
fn assert_in_every_container(what: &str, mut holds: impl FnMut(&Value) -> bool) {
    assert_everywhere(what, |workload| containers(workload).all(&mut holds));
}

#[test]
#[ignore = "needs kubectl"]
fn every_workload_is_looked_at() {
    let workloads: Vec<_> = workloads(base_with(&[])).map(id).collect();
    assert_eq!(
        workloads,
        ["hasher", "redis", "rng", "webui", "worker"].map(|name| format!("Deployment/{name}"))
    );
}

#[test]
#[ignore = "needs kubectl"]
fn three_probes_ask_the_admin_port() {
    for (kind, path) in
        [("startupProbe", "/healthz"), ("readinessProbe", "/readyz"), ("livenessProbe", "/healthz")]
    {
        for (combination, workload) in all() {
            let naive = combination.components.iter().any(|component| component == NAIVE)
                && (name(workload), kind) == ("rng", "livenessProbe");
            let (path, through) = if naive { ("/", "http") } else { (path, "admin") };
            for container in containers(workload) {
                let asked = &container[kind]["httpGet"];
                let expected = json!({ "path": path, "port": through });
                assert_eq!(*asked, expected, "{combination:?}: {} {kind}", id(workload));
                assert!(port(container, through).is_some(), "no port {through}: {container:#}");
            }
        }
    }
}

#[test]
#[ignore = "needs kubectl"]
fn every_container_says_what_it_needs_and_its_memory_is_limited() {
    assert_in_every_container("requests and a limit of memory", |container| {
        let given = |pointer| container.pointer(pointer).and_then(Value::as_str).is_some();
        ["/resources/requests/cpu", "/resources/requests/memory", "/resources/limits/memory"]
            .into_iter()
            .all(given)
    });
}

/// A limit throttles, and slows requests down while the CPU looks idle.
#[test]
#[ignore = "needs kubectl"]
fn no_container_has_a_limit_of_cpu() {
    assert_in_every_container("no limit of CPU", |container| {
        container.pointer("/resources/limits/cpu").is_none()
    });
}

#[test]
#[ignore = "needs kubectl"]
fn every_pod_is_restricted() {
    assert_everywhere("a user of its own and the runtime's seccomp profile", |workload| {
        let context = &workload["spec"]["template"]["spec"]["securityContext"];
        context["runAsNonRoot"] == true
            && context["runAsUser"].as_u64().is_some_and(|user| user > 0)
            && context["seccompProfile"] == json!({ "type": "RuntimeDefault" })
    });
    assert_in_every_container("no rights at all", |container| {
        container["securityContext"]
            == json!({
                "allowPrivilegeEscalation": false,
                "readOnlyRootFilesystem": true,
                "capabilities": { "drop": ["ALL"] },
            })
    });
}

#[test]
#[ignore = "needs kubectl"]
fn the_namespace_asks_for_that_in_every_way() {
    let labels = &object(base_with(&[]), "Namespace/dockercoins")["metadata"]["labels"];
    for mode in ["enforce", "warn", "audit"] {
        assert_eq!(labels[format!("pod-security.kubernetes.io/{mode}")], "restricted", "{mode}");
    }
}

/// Sysctls that `restricted` allows.
#[test]
#[ignore = "needs kubectl"]
fn who_listens_below_1024_is_allowed_to() {
    assert_everywhere("the sysctl for low ports, and no other", |workload| {
        let listens_low = containers(workload)
            .flat_map(|container| list(container, "/ports"))
            .any(|port| port["containerPort"].as_u64().is_some_and(|number| number < 1024));
        let sysctls: Vec<_> = list(workload, "/spec/template/spec/securityContext/sysctls").collect();
        let allowing = json!({ "name": "net.ipv4.ip_unprivileged_port_start", "value": "0" });
        if listens_low { sysctls == [&allowing] } else { sysctls.is_empty() }
    });
}

#[test]
#[ignore = "needs kubectl"]
fn no_pod_gets_a_token() {
    assert_everywhere("an account of its own and no token", |workload| {
        let pod = &workload["spec"]["template"]["spec"];
        pod["automountServiceAccountToken"] == false && pod["serviceAccountName"] == "dockercoins"
    });
}

/// Nodes still send requests for a moment after the end of a pod was decided.
#[test]
#[ignore = "needs kubectl"]
fn who_serves_requests_pauses_before_it_ends() {
    assert_in_every_container("a pause where there is a port for requests, and only there", |container| {
        let pause = container.pointer("/lifecycle/preStop/sleep/seconds").and_then(Value::as_u64);
        pause.is_some_and(|seconds| seconds > 0) == port(container, "http").is_some()
    });
}

#[test]
#[ignore = "needs kubectl"]
fn a_new_version_is_there_before_the_old_one_goes() {
    assert_everywhere("no pod missing, or never two stores", |workload| {
        let strategy = workload["spec"].get("strategy").or_else(|| workload["spec"].get("updateStrategy"));
        let strategy = strategy.expect("a strategy");
        if text(workload, "/metadata/name") == "redis" {
            *strategy == json!({ "type": "Recreate" })
        } else {
            strategy["rollingUpdate"] == json!({ "maxSurge": 1, "maxUnavailable": 0 })
        }
    });
}
