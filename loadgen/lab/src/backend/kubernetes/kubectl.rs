//! The kubectl commands that the lab uses, all of one cluster and namespace.

use super::config::KubernetesConfig;
use super::pod::Pod;
use super::workload::{Kind, Workload};
use crate::backend::Service;
use crate::backend::command::Invocation;

/// kubectl with the flags that say which cluster and namespace.
#[derive(Clone, Debug)]
pub(super) struct Kubectl {
    base: Invocation,
    pub(super) namespace: String,
}

impl Kubectl {
    pub(super) fn new(config: &KubernetesConfig) -> Self {
        let mut base = Invocation::new("kubectl", [""; 0]);
        if let Some(context) = &config.context {
            base = base.and(["--context", context]);
        }
        let namespace = config.namespace().to_owned();
        Self { base: base.and(["-n", &namespace]), namespace }
    }

    /// Everything that makes pods, and what stands before them.
    pub(super) fn objects(&self) -> Invocation {
        self.with(["get", "deployments,statefulsets,daemonsets,services", "-o", "json"])
    }

    pub(super) fn autoscalers(&self) -> Invocation {
        self.with(["get", "horizontalpodautoscalers", "-o", "json"])
    }

    /// The pods of all services.
    pub(super) fn pods(&self) -> Invocation {
        self.with(["get", "pods", "-l", &selector(), "-o", "json"])
    }

    /// The pods of all services, and from then on whatever happens to them, a line each.
    pub(super) fn watch_pods(&self) -> Invocation {
        self.pods().and(["--watch", "--output-watch-events"])
    }

    /// Whether there is such a namespace.
    pub(super) fn find_namespace(&self) -> Invocation {
        self.with(["get", "namespace", &self.namespace, "-o", "name"])
    }

    /// Whether this user may scale workloads of `kind`.
    pub(super) fn may_scale(&self, kind: Kind) -> Invocation {
        self.with(["auth", "can-i", "patch", kind.resource(), "--subresource=scale"])
    }

    /// Whether this user may run programs in pods.
    pub(super) fn may_exec(&self) -> Invocation {
        self.with(["auth", "can-i", "create", "pods", "--subresource=exec"])
    }

    pub(super) fn scale(&self, workload: &Workload, replicas: usize) -> Invocation {
        self.with(["scale", &workload.reference(), &format!("--replicas={replicas}")])
    }

    /// Ends `pod` without asking it.
    pub(super) fn kill(&self, pod: &str) -> Invocation {
        self.with(["delete", "pod", pod, "--grace-period=0", "--force", "--wait=false"])
    }

    /// Sets a variable of our container, or takes it away.
    pub(super) fn set_env(&self, workload: &Workload, name: &str, value: Option<&str>) -> Invocation {
        let change = value.map_or_else(|| format!("{name}-"), |value| format!("{name}={value}"));
        let container = format!("--containers={}", workload.service.app());
        self.with(["set", "env", &workload.reference(), &container, &change])
    }

    /// Changes `workload` by a JSON patch.
    pub(super) fn patch(&self, workload: &Workload, patch: &serde_json::Value) -> Invocation {
        self.with(["patch", &workload.reference(), "--type=json", "-p", &patch.to_string()])
    }

    /// Goes back to the version before.
    pub(super) fn undo(&self, workload: &Workload) -> Invocation {
        self.with(["rollout", "undo", &workload.reference()])
    }

    /// Waits until all pods are of the last version.
    pub(super) fn rollout_status(&self, workload: &Workload) -> Invocation {
        self.with(["rollout", "status", &workload.reference(), "--timeout=120s"])
    }

    /// What there is to say of `workload`.
    pub(super) fn workload(&self, workload: &Workload) -> Invocation {
        self.with(["get", &workload.reference(), "-o", "json"])
    }

    /// What went wrong with `pod`.
    pub(super) fn warnings(&self, pod: &Pod) -> Invocation {
        let of = format!("--field-selector=type=Warning,involvedObject.name={}", pod.name);
        self.with(["get", "events", &of, "-o", "json"])
    }

    /// What `pod` logged before it was restarted.
    pub(super) fn last_words(&self, pod: &Pod) -> Invocation {
        self.with(["logs", &pod.name, "-c", pod.container(), "--previous"])
    }

    /// The last `tail` lines that each pod of `service` logged, with its name before them.
    pub(super) fn logs(&self, service: Service, tail: usize) -> Invocation {
        let (label, tail) = (format!("app={}", service.app()), format!("--tail={tail}"));
        self.with(["logs", "-l", &label, "--prefix", "--max-log-requests=1000", &tail])
    }

    /// Our tunnel in `pod`.
    pub(super) fn tunnel(&self, pod: &Pod) -> Invocation {
        self.with(["exec", "-i", &pod.name, "-c", pod.container(), "--", "/dockercoins", "tunnel"])
    }

    /// What tells a person more of `pod`.
    pub(super) fn describe(&self, pod: &Pod) -> Invocation {
        self.with(["describe", "pod", &pod.name])
    }

    /// What a person may want to run, in the same cluster and namespace.
    pub(super) fn with<const N: usize>(&self, args: [&str; N]) -> Invocation {
        self.base.clone().and(args)
    }
}

fn selector() -> String {
    format!("app in ({})", Service::ALL.map(Service::app).join(","))
}
