//! What the namespace has of the application: workloads, Services, autoscalers. Owns reading them.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};

use serde::Deserialize;
use serde_json::Value;

use super::error::KubernetesError;
use super::workload::Workload;
use crate::backend::Service;
use crate::laws::dispatch::Dispatch;

/// Everything but pods.
#[derive(Debug, Default)]
pub(super) struct Inventory {
    pub(super) workloads: BTreeMap<Service, Workload>,
    pub(super) doors: BTreeMap<Service, Door>,
}

/// A Kubernetes Service: how requests find the pods.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Door {
    pub(super) dispatch: Dispatch,
    /// Its own address, unless it is headless, and its first port.
    pub(super) address: Option<SocketAddr>,
    /// The labels of the pods that it leads to.
    pub(super) selector: BTreeMap<String, String>,
}

/// A `HorizontalPodAutoscaler`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Autoscaler {
    pub(super) name: String,
    kind: String,
    target: String,
}

impl Autoscaler {
    pub(super) fn scales(&self, workload: &Workload) -> bool {
        self.kind == workload.kind.to_string() && self.target == workload.service.app()
    }
}

impl Inventory {
    /// What the list in `json` has; an error if two workloads make the pods of one service.
    pub(super) fn parse(json: &str) -> Result<Self, KubernetesError> {
        let mut inventory = Self::default();
        for object in items(json)? {
            if let Some((service, door)) = door(&object) {
                inventory.doors.insert(service, door);
            } else if let Some(workload) = Workload::parse(&object) {
                inventory.add(workload)?;
            }
        }
        Ok(inventory)
    }

    /// One without pods may stand beside another, as a Deployment does that has given way to a `DaemonSet`.
    fn add(&mut self, workload: Workload) -> Result<(), KubernetesError> {
        match self.workloads.get(&workload.service) {
            Some(other) if other.replicas > 0 && workload.replicas > 0 => {
                Err(KubernetesError::TwoWorkloads { one: other.reference(), other: workload.reference() })
            }
            Some(other) if other.replicas > 0 => Ok(()),
            _ => {
                self.workloads.insert(workload.service, workload);
                Ok(())
            }
        }
    }
}

/// The autoscalers in the list in `json`.
pub(super) fn autoscalers(json: &str) -> Result<Vec<Autoscaler>, KubernetesError> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let items = items(json)?.into_iter();
    let autoscalers = items.map(|object| {
        let target = &object["spec"]["scaleTargetRef"];
        Autoscaler {
            name: text(&object["metadata"]["name"]),
            kind: text(&target["kind"]),
            target: text(&target["name"]),
        }
    });
    Ok(autoscalers.collect())
}

/// The objects of a list.
pub(super) fn items(json: &str) -> Result<Vec<Value>, KubernetesError> {
    #[derive(Deserialize)]
    struct List {
        items: Vec<Value>,
    }
    let list: Result<List, _> = serde_json::from_str(json);
    list.map(|list| list.items).map_err(|error| KubernetesError::Unintelligible(error.to_string()))
}

/// kube-proxy picks a pod at random for each connection; without an address of its own a name stands for all pods' addresses,
/// which workers take in turn.
fn door(object: &Value) -> Option<(Service, Door)> {
    if object["kind"] != "Service" {
        return None;
    }
    let service = Service::from_app(object["metadata"]["name"].as_str()?)?;
    let headless = object["spec"]["clusterIP"] == "None";
    let dispatch = if headless { Dispatch::RoundRobin } else { Dispatch::Random };
    let selector = BTreeMap::deserialize(&object["spec"]["selector"]).unwrap_or_default();
    let ip = object["spec"]["clusterIP"].as_str().and_then(|ip| ip.parse::<IpAddr>().ok());
    let port = object["spec"]["ports"][0]["port"].as_u64().and_then(|port| u16::try_from(port).ok());
    let address = ip.zip(port).map(SocketAddr::from);
    Some((service, Door { dispatch, address, selector }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn workload(kind: &str, replicas: usize) -> Value {
        json!({
            "kind": kind, "metadata": { "name": "rng" }, "spec": { "replicas": replicas },
            "status": { "desiredNumberScheduled": replicas },
        })
    }

    fn parse(items: &[Value]) -> Result<Inventory, KubernetesError> {
        Inventory::parse(&json!({ "kind": "List", "items": items }).to_string())
    }

    #[test]
    fn dispatch_depends_on_whether_the_service_has_an_address() {
        let service = |name: &str, ip: &str| json!({ "kind": "Service", "metadata": { "name": name }, "spec": { "clusterIP": ip, "selector": { "app": name } } });
        let inventory =
            parse(&[service("rng", "10.96.0.7"), service("hasher", "None"), service("other", "None")]);
        let doors = inventory.unwrap().doors;
        assert_eq!(doors.len(), 2);
        assert_eq!(doors[&Service::Rng].dispatch, Dispatch::Random);
        assert_eq!(doors[&Service::Hasher].dispatch, Dispatch::RoundRobin);
        assert_eq!(doors[&Service::Rng].selector, BTreeMap::from([("app".to_owned(), "rng".to_owned())]));
    }

    #[test]
    fn of_two_workloads_the_one_with_pods_counts_and_two_with_pods_are_one_too_many() {
        let kinds = |items: [Value; 2]| parse(&items).map(|it| it.workloads[&Service::Rng].reference());
        for items in [
            [workload("Deployment", 0), workload("DaemonSet", 1)],
            [workload("DaemonSet", 1), workload("Deployment", 0)],
        ] {
            assert_eq!(kinds(items).unwrap(), "daemonset/rng");
        }
        let error = kinds([workload("Deployment", 2), workload("DaemonSet", 1)]).unwrap_err().to_string();
        assert!(error.contains("deployment/rng") && error.contains("daemonset/rng"), "{error}");
    }

    #[test]
    fn an_autoscaler_is_known_by_what_it_scales() {
        let target = json!({ "apiVersion": "apps/v1", "kind": "Deployment", "name": "rng" });
        let hpa =
            json!({ "metadata": { "name": "any" }, "spec": { "scaleTargetRef": target, "maxReplicas": 5 } });
        let found = autoscalers(&json!({ "items": [hpa] }).to_string()).unwrap();
        let of = |kind| Workload::parse(&workload(kind, 1)).unwrap();
        assert!(found[0].scales(&of("Deployment")) && !found[0].scales(&of("StatefulSet")));
        assert!(autoscalers("no JSON").is_err());
    }
}
