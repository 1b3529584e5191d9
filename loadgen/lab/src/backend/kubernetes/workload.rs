//! What makes pods: Deployments, `StatefulSet`s and `DaemonSet`s, as the API server tells of them.

use std::fmt;

use serde::Deserialize;

use super::condition::Condition;
use super::pod::Pod;
use crate::backend::Service;

mod template;

pub(super) use template::named;

/// What kind of workload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Deployment,
    StatefulSet,
    DaemonSet,
}

impl Kind {
    /// As rules and commands call it.
    pub(super) fn resource(self) -> &'static str {
        match self {
            Self::Deployment => "deployments.apps",
            Self::StatefulSet => "statefulsets.apps",
            Self::DaemonSet => "daemonsets.apps",
        }
    }

    fn of(kind: &str) -> Option<Self> {
        [Self::Deployment, Self::StatefulSet, Self::DaemonSet].into_iter().find(|it| it.to_string() == kind)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

/// What makes the pods of a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Workload {
    pub(super) kind: Kind,
    pub(super) service: Service,
    /// How many pods it is meant to have.
    pub(super) replicas: usize,
    /// Why it cannot make its pods.
    pub(super) trouble: Option<String>,
    /// What its pods are made from.
    template: serde_json::Value,
}

impl Workload {
    /// The workload in `object`; `None` if it is something else, or of no service.
    pub(super) fn parse(object: &serde_json::Value) -> Option<Self> {
        let kind = Kind::of(object["kind"].as_str()?)?;
        let object = Object::deserialize(object).ok()?;
        let replicas = match kind {
            Kind::DaemonSet => object.status.desired_number_scheduled,
            // What the API server fills in.
            Kind::Deployment | Kind::StatefulSet => object.spec.replicas.unwrap_or(1),
        };
        let failing = |it: &Condition| it.says("ReplicaFailure", "True");
        let trouble = object.status.conditions.into_iter().find(failing).map(|failure| failure.message);
        let service = Service::from_app(&object.metadata.name)?;
        Some(Self { kind, service, replicas, trouble, template: object.spec.template })
    }

    /// Such as `deployment/rng`.
    pub(super) fn reference(&self) -> String {
        format!("{}/{}", self.kind.to_string().to_lowercase(), self.service.app())
    }

    /// Whether it is `pod` that it has made, possibly through a `ReplicaSet`.
    pub(super) fn owns(&self, pod: &Pod) -> bool {
        let Some((kind, name)) = &pod.owner else { return false };
        let app = self.service.app();
        match self.kind {
            Kind::Deployment => {
                let hash = pod.labels.get("pod-template-hash");
                kind == "ReplicaSet" && hash.is_some_and(|hash| *name == format!("{app}-{hash}"))
            }
            other => *kind == other.to_string() && name == app,
        }
    }
}

#[derive(Deserialize)]
struct Object {
    metadata: Metadata,
    #[serde(default)]
    spec: Spec,
    #[serde(default)]
    status: Status,
}

#[derive(Deserialize)]
struct Metadata {
    name: String,
}

#[derive(Default, Deserialize)]
struct Spec {
    replicas: Option<usize>,
    #[serde(default)]
    template: serde_json::Value,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Status {
    desired_number_scheduled: usize,
    conditions: Vec<Condition>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn workload(kind: &str) -> Workload {
        let object = json!({
            "apiVersion": "apps/v1", "kind": kind, "metadata": { "name": "rng", "namespace": "n" },
            "spec": { "replicas": 3, "selector": { "matchLabels": { "app": "rng" } } },
            "status": { "desiredNumberScheduled": 2, "replicas": 3, "conditions": [
                { "type": "Available", "status": "True", "reason": "MinimumReplicasAvailable", "message": "yes" },
                { "type": "ReplicaFailure", "status": "True", "reason": "FailedCreate", "message": "exceeded quota" },
            ] },
        });
        Workload::parse(&object).unwrap()
    }

    fn pod(labels: &serde_json::Value, kind: &str, name: &str) -> Pod {
        let owner = json!([{ "apiVersion": "apps/v1", "kind": kind, "name": name, "controller": true }]);
        let metadata = json!({ "name": "p", "labels": labels, "ownerReferences": owner });
        Pod::parse(
            &json!({ "kind": "Pod", "metadata": metadata, "spec": { "containers": [] }, "status": {} }),
        )
        .unwrap()
    }

    #[test]
    fn each_kind_tells_its_replicas_where_it_has_them() {
        let counts = ["Deployment", "StatefulSet", "DaemonSet"].map(|kind| workload(kind).replicas);
        assert_eq!(counts, [3, 3, 2]);
        assert_eq!(workload("StatefulSet").reference(), "statefulset/rng");
        assert_eq!(workload("Deployment").trouble.as_deref(), Some("exceeded quota"));
        let other = json!({ "kind": "Deployment", "metadata": { "name": "rng-canary" }, "spec": {} });
        assert_eq!(Workload::parse(&other), None);
    }

    #[test]
    fn a_pod_belongs_to_the_workload_that_made_it_and_not_to_one_that_is_called_alike() {
        let labels = json!({ "app": "rng", "pod-template-hash": "7d9c" });
        let deployment = workload("Deployment");
        assert!(deployment.owns(&pod(&labels, "ReplicaSet", "rng-7d9c")));
        assert!(!deployment.owns(&pod(&labels, "ReplicaSet", "rng-canary-7d9c")));
        assert!(!deployment.owns(&pod(&json!({ "app": "rng" }), "DaemonSet", "rng")));
        assert!(workload("DaemonSet").owns(&pod(&json!({ "app": "rng" }), "DaemonSet", "rng")));
        assert!(!workload("StatefulSet").owns(&pod(&json!({ "app": "rng" }), "DaemonSet", "rng")));
    }
}
