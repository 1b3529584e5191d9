//! Pods as the API server writes them down.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::super::condition::Condition;
use super::{Container, Ended, Pod};

impl Pod {
    /// The pod in `object`; `None` if it is something else.
    pub(in crate::backend::kubernetes) fn parse(object: &serde_json::Value) -> Option<Self> {
        let Object { kind, metadata, spec, status } = Object::deserialize(object).ok()?;
        if kind != "Pod" {
            return None;
        }
        let condition = |kind: &str, is: &str| status.conditions.iter().find(|it| it.says(kind, is));
        let unscheduled = condition("PodScheduled", "False");
        let owner = metadata.owner_references.into_iter().find(|owner| owner.controller);
        let restarts = status.container_statuses.iter().map(|container| container.restart_count).sum();
        Some(Self {
            owner: owner.map(|owner| (owner.kind, owner.name)),
            version: metadata.resource_version.parse().ok(),
            terminating: metadata.deletion_timestamp.is_some(),
            ready: condition("Ready", "True").is_some(),
            unscheduled: unscheduled.map(|it| it.message.clone()),
            address: status.pod_ip.parse().ok(),
            containers: spec.containers.into_iter().map(|it| it.with(&status.container_statuses)).collect(),
            name: metadata.name,
            labels: metadata.labels,
            phase: status.phase,
            reason: status.reason,
            restarts,
        })
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Object {
    kind: String,
    metadata: Metadata,
    spec: Spec,
    #[serde(default)]
    status: Status,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Metadata {
    name: String,
    #[serde(default)]
    resource_version: String,
    #[serde(default)]
    labels: BTreeMap<String, String>,
    #[serde(default)]
    owner_references: Vec<Owner>,
    deletion_timestamp: Option<String>,
}

#[derive(Deserialize)]
struct Owner {
    kind: String,
    name: String,
    #[serde(default)]
    controller: bool,
}

#[derive(Deserialize)]
struct Spec {
    containers: Vec<ContainerSpec>,
}

#[derive(Deserialize)]
struct ContainerSpec {
    name: String,
    #[serde(default)]
    ports: Vec<Port>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Port {
    #[serde(default)]
    name: String,
    container_port: u16,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Status {
    phase: String,
    reason: Option<String>,
    #[serde(rename = "podIP")]
    pod_ip: String,
    conditions: Vec<Condition>,
    container_statuses: Vec<ContainerStatus>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct ContainerStatus {
    name: String,
    restart_count: u32,
    state: State,
    last_state: State,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct State {
    waiting: Option<Waiting>,
    terminated: Option<Ended>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Waiting {
    reason: String,
    message: String,
}

impl ContainerSpec {
    /// With what `statuses` say of it.
    fn with(self, statuses: &[ContainerStatus]) -> Container {
        let status = statuses.iter().find(|status| status.name == self.name);
        let waiting = status.and_then(|it| it.state.waiting.as_ref());
        let ended = status.and_then(|it| it.state.terminated.as_ref().or(it.last_state.terminated.as_ref()));
        Container {
            ports: self.ports.into_iter().map(|port| (port.name, port.container_port)).collect(),
            waiting: waiting.map(|it| (it.reason.clone(), it.message.clone())),
            ended: ended.cloned(),
            name: self.name,
        }
    }
}
