//! Whether an object is what Kubernetes 1.36 understands, without asking one.
//!
//! `k8s-openapi` has a type for each kind, generated from the API's own description for that version. It lets unknown fields
//! pass and fills in required ones, so an object is right if, read into its type and written again, it is the same. A wrong
//! type of value cannot be read. What the types take for any text, but Kubernetes does not, stands in [`CHOICES`].

use k8s_openapi::api::apps::v1::{DaemonSet, Deployment};
use k8s_openapi::api::autoscaling::v2::HorizontalPodAutoscaler;
use k8s_openapi::api::core::v1::{
    ConfigMap, LimitRange, Namespace, PersistentVolumeClaim, ResourceQuota, Secret, Service, ServiceAccount,
};
use k8s_openapi::api::networking::v1::{Ingress, NetworkPolicy};
use k8s_openapi::api::policy::v1::PodDisruptionBudget;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::monitor::ServiceMonitor;
use super::object::text;

/// The values that a field takes, by the last two steps of the way to it.
const CHOICES: [(&str, &[&str]); 14] = [
    ("containers/imagePullPolicy", &["Always", "IfNotPresent", "Never"]),
    ("capabilities/drop", &["ALL"]),
    ("seccompProfile/type", &["RuntimeDefault", "Localhost", "Unconfined"]),
    ("topologySpreadConstraints/whenUnsatisfiable", &["DoNotSchedule", "ScheduleAnyway"]),
    ("strategy/type", &["RollingUpdate", "Recreate"]),
    ("updateStrategy/type", &["RollingUpdate", "OnDelete"]),
    ("spec/type", &["ClusterIP", "NodePort", "LoadBalancer", "ExternalName"]),
    ("spec/unhealthyPodEvictionPolicy", &["IfHealthyBudget", "AlwaysAllow"]),
    ("paths/pathType", &["Exact", "Prefix", "ImplementationSpecific"]),
    ("spec/policyTypes", &["Ingress", "Egress"]),
    ("metrics/type", &["ContainerResource", "External", "Object", "Pods", "Resource"]),
    ("target/type", &["AverageValue", "Utilization", "Value"]),
    ("limits/type", &["Container", "PersistentVolumeClaim", "Pod"]),
    ("spec/accessModes", &["ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany", "ReadWriteOncePod"]),
];

/// Everything that is wrong with an object, each with the way to it.
pub(super) fn complaints(object: &Value) -> Vec<String> {
    let read = match (text(object, "/apiVersion"), text(object, "/kind")) {
        ("v1", "ConfigMap") => again::<ConfigMap>(object),
        ("v1", "LimitRange") => again::<LimitRange>(object),
        ("v1", "Namespace") => again::<Namespace>(object),
        ("v1", "PersistentVolumeClaim") => again::<PersistentVolumeClaim>(object),
        ("v1", "ResourceQuota") => again::<ResourceQuota>(object),
        ("v1", "Secret") => again::<Secret>(object),
        ("v1", "Service") => again::<Service>(object),
        ("v1", "ServiceAccount") => again::<ServiceAccount>(object),
        ("apps/v1", "DaemonSet") => again::<DaemonSet>(object),
        ("apps/v1", "Deployment") => again::<Deployment>(object),
        ("autoscaling/v2", "HorizontalPodAutoscaler") => again::<HorizontalPodAutoscaler>(object),
        ("networking.k8s.io/v1", "Ingress") => again::<Ingress>(object),
        ("networking.k8s.io/v1", "NetworkPolicy") => again::<NetworkPolicy>(object),
        ("policy/v1", "PodDisruptionBudget") => again::<PodDisruptionBudget>(object),
        ("monitoring.coreos.com/v1", "ServiceMonitor") => again::<ServiceMonitor>(object),
        (version, kind) => Err(format!("no schema of {version} {kind} is known here")),
    };
    match read {
        Ok(read) => [differences("", object, &read), wrong_choices("", object)].concat(),
        Err(complaint) => vec![complaint],
    }
}

/// The object, read into its type and written again.
fn again<T: DeserializeOwned + Serialize>(object: &Value) -> Result<Value, String> {
    let typed: T = serde_json::from_value(object.clone()).map_err(|error| error.to_string())?;
    serde_json::to_value(typed).map_err(|error| error.to_string())
}

fn differences(at: &str, written: &Value, read: &Value) -> Vec<String> {
    match (written, read) {
        (Value::Object(written), Value::Object(read)) => {
            let unknown = written.keys().filter(|key| !read.contains_key(*key));
            let unknown = unknown.map(|key| format!("{at}/{key} is unknown"));
            let missing = read.keys().filter(|key| !written.contains_key(*key));
            let missing = missing.map(|key| format!("{at}/{key} is missing"));
            let both = written.iter().filter_map(|(key, value)| Some((key, value, read.get(key)?)));
            let below = both.flat_map(|(key, value, read)| differences(&format!("{at}/{key}"), value, read));
            unknown.chain(missing).chain(below).collect()
        }
        (Value::Array(written), Value::Array(read)) if written.len() == read.len() => {
            let pairs = written.iter().zip(read).enumerate();
            pairs.flat_map(|(i, (written, read))| differences(&format!("{at}/{i}"), written, read)).collect()
        }
        (written, read) if written == read => Vec::new(),
        (written, read) => vec![format!("{at} is {written}, which would be read as {read}")],
    }
}

fn wrong_choices(at: &str, value: &Value) -> Vec<String> {
    match value {
        Value::Object(fields) => {
            fields.iter().flat_map(|(key, value)| wrong_choices(&format!("{at}/{key}"), value)).collect()
        }
        Value::Array(elements) => elements.iter().flat_map(|element| wrong_choices(at, element)).collect(),
        Value::String(text) => {
            let steps: Vec<_> = at.rsplit('/').take(2).collect();
            let choice = CHOICES.iter().find(|(way, _)| way.split('/').rev().eq(steps.iter().copied()));
            let wrong = choice.filter(|(_, known)| !known.contains(&text.as_str()));
            wrong
                .map(|(_, known)| format!("{at} is {text}, but must be one of {known:?}"))
                .into_iter()
                .collect()
        }
        _ => Vec::new(),
    }
}
