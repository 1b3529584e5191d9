//! Pods, as the API server tells of them.

use std::collections::BTreeMap;
use std::net::IpAddr;

use serde::Deserialize;

use crate::backend::Service;

mod wire;

/// Where the admin port is unless the pod says so.
const ADMIN_PORT: u16 = 9090;

/// Where requests are served unless the pod says so.
const PORT: u16 = 80;

/// One pod.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Pod {
    pub(super) name: String,
    pub(super) labels: BTreeMap<String, String>,
    /// Kind and name of what made it.
    pub(super) owner: Option<(String, String)>,
    /// Grows with each change; `None` where it cannot be told.
    pub(super) version: Option<u64>,
    /// `Pending`, `Running`, …
    pub(super) phase: String,
    pub(super) address: Option<IpAddr>,
    pub(super) ready: bool,
    /// Somebody has asked for its end.
    pub(super) terminating: bool,
    pub(super) containers: Vec<Container>,
    /// How often its containers were started again.
    pub(super) restarts: u32,
    /// Why it has no node.
    pub(super) unscheduled: Option<String>,
    /// Why it ended, as a whole.
    pub(super) reason: Option<String>,
}

/// A container, as far as it is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Container {
    pub(super) name: String,
    pub(super) ports: Vec<(String, u16)>,
    /// Reason and message of what it waits for.
    pub(super) waiting: Option<(String, String)>,
    /// How it ended the last time.
    pub(super) ended: Option<Ended>,
}

/// How a container ended.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Ended {
    pub(super) reason: String,
    pub(super) exit_code: i32,
}

impl Pod {
    /// Whether it has ended for good, and is only remembered.
    pub(super) fn is_over(&self) -> bool {
        ["Succeeded", "Failed"].contains(&self.phase.as_str())
    }

    /// The service that it is a replica of, by its label.
    pub(super) fn service(&self) -> Option<Service> {
        Service::from_app(self.labels.get("app")?)
    }

    /// The container that is ours: the one that is called as the service, else the first.
    fn ours(&self) -> Option<&Container> {
        let app = self.labels.get("app");
        self.containers.iter().find(|it| Some(&it.name) == app).or(self.containers.first())
    }

    /// The name of our container.
    pub(super) fn container(&self) -> &str {
        self.ours().map_or("", |container| &container.name)
    }

    /// Where its admin port is.
    pub(super) fn admin_port(&self) -> u16 {
        self.port("admin").unwrap_or(ADMIN_PORT)
    }

    /// Where it serves requests.
    pub(super) fn serving_port(&self) -> u16 {
        self.port("http").unwrap_or(PORT)
    }

    fn port(&self, name: &str) -> Option<u16> {
        self.ours()?.ports.iter().find(|(it, _)| it == name).map(|(_, port)| *port)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn everything_that_the_lab_needs_is_found_in_what_the_api_server_says() {
        let pod = Pod::parse(&json!({
            "apiVersion": "v1", "kind": "Pod",
            "metadata": {
                "name": "rng-7d9c-x", "resourceVersion": "4711", "deletionTimestamp": "2026-11-21T19:00:00Z",
                "labels": { "app": "rng", "pod-template-hash": "7d9c" },
                "ownerReferences": [{ "kind": "ReplicaSet", "name": "rng-7d9c", "controller": true, "uid": "u" }],
            },
            "spec": { "containers": [
                { "name": "proxy", "ports": [{ "name": "admin", "containerPort": 1 }] },
                { "name": "rng", "ports": [{ "name": "http", "containerPort": 8080 }, { "name": "admin", "containerPort": 9091 }] },
            ] },
            "status": {
                "phase": "Running", "podIP": "10.244.0.7",
                "conditions": [{ "type": "Ready", "status": "True" }, { "type": "PodScheduled", "status": "True" }],
                "containerStatuses": [
                    { "name": "rng", "restartCount": 2, "state": { "running": { "startedAt": "x" } },
                      "lastState": { "terminated": { "reason": "OOMKilled", "exitCode": 137 } } },
                    { "name": "proxy", "restartCount": 1, "state": { "waiting": { "reason": "CrashLoopBackOff" } } },
                ],
            },
        }))
        .unwrap();
        assert_eq!((pod.name.as_str(), pod.version), ("rng-7d9c-x", Some(4711)));
        assert_eq!(pod.owner, Some(("ReplicaSet".to_owned(), "rng-7d9c".to_owned())));
        assert!(pod.ready && pod.terminating && !pod.is_over());
        assert_eq!((pod.address, pod.restarts), (Some([10, 244, 0, 7].into()), 3));
        assert_eq!((pod.container(), pod.serving_port(), pod.admin_port()), ("rng", 8080, 9091));
        let ended = pod.containers[1].ended.clone().unwrap();
        assert_eq!((ended.reason.as_str(), ended.exit_code), ("OOMKilled", 137));
        assert_eq!(pod.containers[0].waiting.as_ref().unwrap().0, "CrashLoopBackOff");
    }

    #[test]
    fn a_pod_that_has_only_just_been_made_is_not_ready_and_has_our_ports() {
        let spec = json!({ "containers": [{ "name": "any" }] });
        let pod = json!({ "kind": "Pod", "metadata": { "name": "p" }, "spec": spec, "status": { "phase": "Pending" } });
        let pod = Pod::parse(&pod).unwrap();
        assert!(!pod.ready && pod.address.is_none());
        assert_eq!((pod.container(), pod.serving_port(), pod.admin_port()), ("any", 80, 9090));
        let status = json!({ "kind": "Status", "metadata": {}, "message": "too old resource version" });
        assert_eq!(Pod::parse(&status), None);
    }
}
