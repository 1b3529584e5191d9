//! What a workload makes its pods from: the parts that experiments change.

use serde_json::{Value, json};

use super::Workload;
use crate::experiment::liveness::Liveness;

/// What spares requests when pods are replaced, as manifests call it.
const PROTECTION: [&str; 3] = ["readinessProbe", "startupProbe", "lifecycle"];

/// What a person calls them.
pub(in crate::backend::kubernetes) fn named(parts: &[&str]) -> String {
    let names: Vec<&str> =
        parts.iter().map(|part| if *part == "lifecycle" { "preStop" } else { *part }).collect();
    match names.as_slice() {
        [] => "anything more than it had".to_owned(),
        [only] => (*only).to_owned(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

impl Workload {
    /// Where our container is among those of the template.
    fn index(&self) -> usize {
        let containers = self.template["spec"]["containers"].as_array();
        let ours = |it: &Value| it["name"] == self.service.app();
        containers.and_then(|containers| containers.iter().position(ours)).unwrap_or(0)
    }

    fn container(&self) -> &Value {
        &self.template["spec"]["containers"][self.index()]
    }

    /// The value that a variable has by itself, not from a `ConfigMap`.
    pub(in crate::backend::kubernetes) fn variable(&self, name: &str) -> Option<&str> {
        let variables = self.container()["env"].as_array()?;
        variables.iter().find(|it| it["name"] == name)?["value"].as_str()
    }

    /// What of [`PROTECTION`] there is.
    pub(in crate::backend::kubernetes) fn protection(&self) -> Vec<&'static str> {
        let container = self.container();
        PROTECTION.into_iter().filter(|part| container.get(part).is_some()).collect()
    }

    /// A JSON patch that takes `parts` away.
    pub(in crate::backend::kubernetes) fn take_away(&self, parts: &[&str]) -> Value {
        parts.iter().map(|part| json!({ "op": "remove", "path": self.path(part) })).collect()
    }

    /// One that gives them back as they were found; also where they are there already.
    pub(in crate::backend::kubernetes) fn give_back(&self, parts: &[&str]) -> Value {
        let add =
            |part: &&str| json!({ "op": "add", "path": self.path(part), "value": self.container()[*part] });
        parts.iter().map(add).collect()
    }

    fn path(&self, part: &str) -> String {
        format!("/spec/template/spec/containers/{}/{part}", self.index())
    }

    /// The liveness probe, if it asks where requests queue.
    pub(in crate::backend::kubernetes) fn queueing_liveness(&self) -> Option<Liveness> {
        let probe = self.container().get("livenessProbe")?;
        let port = &probe["httpGet"]["port"];
        let naive = Liveness::default();
        let seconds = |key: &str, default: f64| probe[key].as_f64().unwrap_or(default);
        (*port == "http" || *port == 80).then(|| Liveness {
            period_seconds: seconds("periodSeconds", 10.0),
            timeout_seconds: seconds("timeoutSeconds", 1.0),
            failure_threshold: probe["failureThreshold"]
                .as_u64()
                .and_then(|failures| u32::try_from(failures).ok())
                .unwrap_or(naive.failure_threshold),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn workload(container: &Value) -> Workload {
        let proxy = json!({ "name": "proxy" });
        let template = json!({ "spec": { "containers": [proxy, container] } });
        let object =
            json!({ "kind": "Deployment", "metadata": { "name": "rng" }, "spec": { "template": template } });
        Workload::parse(&object).unwrap()
    }

    #[test]
    fn what_is_taken_away_can_be_given_back() {
        let probe = json!({ "httpGet": { "path": "/readyz", "port": "admin" } });
        let rng = workload(&json!({ "name": "rng", "readinessProbe": probe, "livenessProbe": {} }));
        let found = rng.protection();
        assert_eq!(found, ["readinessProbe"]);
        assert_eq!(named(&PROTECTION), "readinessProbe, startupProbe and preStop");
        let path = "/spec/template/spec/containers/1/readinessProbe";
        assert_eq!(rng.take_away(&found), json!([{ "op": "remove", "path": path }]));
        assert_eq!(rng.give_back(&found), json!([{ "op": "add", "path": path, "value": probe }]));
    }

    #[test]
    fn variables_are_those_of_our_container() {
        let rng =
            workload(&json!({ "name": "rng", "env": [{ "name": "A", "value": "1" }, { "name": "B" }] }));
        assert_eq!((rng.variable("A"), rng.variable("B"), rng.variable("C")), (Some("1"), None, None));
        assert_eq!(workload(&json!({ "name": "rng" })).variable("A"), None);
    }

    #[test]
    fn a_liveness_probe_of_the_admin_port_never_queues() {
        let probe = |port: &str| {
            let get = json!({ "path": "/", "port": port });
            let probe =
                json!({ "httpGet": get, "periodSeconds": 3, "timeoutSeconds": 1, "failureThreshold": 3 });
            workload(&json!({ "name": "rng", "livenessProbe": probe })).queueing_liveness()
        };
        assert_eq!(probe("http"), Some(Liveness::default()));
        assert_eq!(probe("admin"), None);
        assert_eq!(workload(&json!({ "name": "rng" })).queueing_liveness(), None);
    }
}
