//! What there is in the fake cluster, and what commands do to it.

use serde_json::{Value, json};
use tokio::sync::mpsc;

/// The namespace that is asked about.
#[derive(Debug)]
pub(in crate::backend::kubernetes) struct World {
    /// Whether there is no kubectl.
    pub(in crate::backend::kubernetes) is_missing: bool,
    /// Kind, name and replicas.
    pub(in crate::backend::kubernetes) workloads: Vec<(&'static str, &'static str, usize)>,
    /// Names, and whether they are headless.
    pub(in crate::backend::kubernetes) services: Vec<(&'static str, bool)>,
    /// Names, and the Deployments that they scale.
    pub(in crate::backend::kubernetes) autoscalers: Vec<(&'static str, &'static str)>,
    pub(in crate::backend::kubernetes) pods: Vec<FakePod>,
    /// The status of pods that are made from now on; none for one that is ready.
    pub(in crate::backend::kubernetes) status: Option<Value>,
    /// Why no pod can be made.
    pub(in crate::backend::kubernetes) quota: Option<&'static str>,
    /// Messages of events about pods.
    pub(in crate::backend::kubernetes) warnings: Vec<&'static str>,
    /// Subresources that the user may not touch.
    pub(in crate::backend::kubernetes) forbidden: Vec<&'static str>,
    /// Commands that contain the first do nothing and fail with the second on stderr.
    pub(in crate::backend::kubernetes) failures: Vec<(&'static str, &'static str)>,
    /// A workload that somebody else scales to so many at once, whatever the lab asks for.
    pub(in crate::backend::kubernetes) opponent: Option<(&'static str, usize)>,
    /// Whether liveness is asked for where requests queue.
    pub(in crate::backend::kubernetes) is_naive: bool,
    pub(super) watch: Option<mpsc::Sender<String>>,
    admin_port: u16,
    version: u64,
}

#[derive(Clone, Debug, PartialEq)]
pub(in crate::backend::kubernetes) struct FakePod {
    pub(in crate::backend::kubernetes) name: String,
    pub(in crate::backend::kubernetes) app: &'static str,
    /// Kind and name.
    pub(in crate::backend::kubernetes) owner: (&'static str, String),
    pub(in crate::backend::kubernetes) status: Value,
    pub(in crate::backend::kubernetes) is_terminating: bool,
    version: u64,
}

impl World {
    /// A cluster in which the application runs, with these numbers of replicas; admin ports are `admin_port`.
    pub(in crate::backend::kubernetes) fn new(admin_port: u16, counts: &[(&'static str, usize)]) -> Self {
        let mut world = Self {
            is_missing: false,
            workloads: counts.iter().map(|(app, count)| ("Deployment", *app, *count)).collect(),
            services: ["rng", "hasher", "webui", "redis"].map(|app| (app, false)).into(),
            autoscalers: Vec::new(),
            pods: Vec::new(),
            status: None,
            quota: None,
            warnings: Vec::new(),
            forbidden: Vec::new(),
            failures: Vec::new(),
            opponent: None,
            is_naive: false,
            watch: None,
            admin_port,
            version: 0,
        };
        world.reconcile();
        world
    }

    /// Makes workloads' pods as many as they should be, and tells of it.
    pub(in crate::backend::kubernetes) fn reconcile(&mut self) {
        for (kind, app, count) in self.workloads.clone() {
            let is_there =
                |pod: &&FakePod| pod.app == app && pod.owner.1.starts_with(app) && !pod.is_terminating;
            while self.pods.iter().filter(is_there).count() > count {
                let index = self.pods.iter().rposition(|pod| is_there(&pod)).unwrap();
                self.remove(index);
            }
            while self.quota.is_none() && self.pods.iter().filter(is_there).count() < count {
                self.add(kind, app);
            }
        }
    }

    fn add(&mut self, kind: &'static str, app: &'static str) {
        self.version += 1;
        let ready = json!({
            "phase": "Running", "podIP": "127.0.0.1", "conditions": [{ "type": "Ready", "status": "True" }],
        });
        let owner =
            if kind == "Deployment" { ("ReplicaSet", format!("{app}-hash")) } else { (kind, app.to_owned()) };
        let (name, status) = (format!("{app}-{:04}", self.version), self.status.clone().unwrap_or(ready));
        let pod = FakePod { name, app, owner, status, is_terminating: false, version: self.version };
        self.tell("ADDED", &pod);
        self.pods.push(pod);
    }

    fn remove(&mut self, index: usize) {
        let mut pod = self.pods.remove(index);
        self.version += 1;
        pod.version = self.version;
        self.tell("DELETED", &pod);
    }

    /// Has `change` happen to the first pod of `app`, and tells of it.
    pub(in crate::backend::kubernetes) fn change(&mut self, app: &str, change: impl FnOnce(&mut FakePod)) {
        self.version += 1;
        let version = self.version;
        let pod = self.pods.iter_mut().find(|pod| pod.app == app).unwrap();
        change(pod);
        pod.version = version;
        let pod = pod.clone();
        self.tell("MODIFIED", &pod);
    }

    /// The API server ends the watch, as it does sooner or later.
    pub(in crate::backend::kubernetes) fn end_watch(&mut self) {
        self.watch = None;
    }

    pub(super) fn tell(&self, kind: &str, pod: &FakePod) {
        if let Some(watch) = &self.watch {
            // Whoever has gone does not need to know.
            let _ = watch.try_send(json!({ "type": kind, "object": self.described(pod) }).to_string());
        }
    }

    /// How many replicas workloads should have, such as `rng=2 worker=1`.
    pub(in crate::backend::kubernetes) fn counts(&self) -> String {
        let mut counts: Vec<String> =
            self.workloads.iter().map(|(_, app, count)| format!("{app}={count}")).collect();
        counts.sort();
        counts.join(" ")
    }

    /// Does what the command does; what it prints.
    pub(super) fn obey(&mut self, args: &[String]) -> String {
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        let ["-n", _, args @ ..] = args.as_slice() else { panic!("no namespace in {args:?}") };
        match args {
            ["get", "deployments,statefulsets,daemonsets,services", ..] => list(&self.objects()),
            ["get", "horizontalpodautoscalers", ..] => list(&self.autoscalers()),
            ["get", "pods", ..] => list(&self.pods.iter().map(|pod| self.described(pod)).collect::<Vec<_>>()),
            ["get", "events", ..] => {
                list(&self.warnings.iter().map(|message| json!({ "message": message })).collect::<Vec<_>>())
            }
            ["get", "namespace", ..] => "namespace/n\n".to_owned(),
            ["get", reference, ..] if reference.contains('/') => self.object(reference).to_string(),
            ["auth", "can-i", _, _, subresource] => {
                let is_forbidden = self.forbidden.iter().any(|part| subresource.contains(part));
                if is_forbidden { "no\n" } else { "yes\n" }.to_owned()
            }
            ["logs", "-l", ..] => "[pod/worker-0001/worker] the last line\n".to_owned(),
            ["logs", ..] => "the last words\n".to_owned(),
            ["scale", reference, replicas] => {
                self.scale(reference, replicas);
                String::new()
            }
            ["set", "env", reference, ..] | ["patch", reference, ..] | ["rollout", "undo", reference] => {
                self.replace(reference);
                String::new()
            }
            ["rollout", "status", ..] => String::new(),
            ["delete", "pod", name, ..] => {
                self.delete(name);
                String::new()
            }
            other => panic!("the fake does not know {other:?}"),
        }
    }

    /// All pods of a workload give way to others.
    fn replace(&mut self, reference: &str) {
        let is_its = |pod: &FakePod| reference.ends_with(&format!("/{}", pod.app));
        while let Some(index) = self.pods.iter().position(is_its) {
            self.remove(index);
        }
        self.reconcile();
    }

    fn delete(&mut self, name: &str) {
        let index = self.pods.iter().position(|pod| pod.name == name).unwrap();
        self.remove(index);
        self.reconcile();
    }

    fn scale(&mut self, reference: &str, replicas: &str) {
        let count = replicas.strip_prefix("--replicas=").unwrap().parse().unwrap();
        let mut workloads = self.workloads.iter_mut();
        let workload = workloads.find(|(kind, app, _)| format!("{}/{app}", kind.to_lowercase()) == reference);
        let workload = workload.unwrap();
        let opponent = self.opponent.filter(|(app, _)| *app == workload.1);
        workload.2 = opponent.map_or(count, |(_, count)| count);
        self.reconcile();
    }

    fn objects(&self) -> Vec<Value> {
        let workloads = self.workloads.iter().map(|workload| self.workload(*workload));
        let services = self.services.iter().map(|(app, headless)| {
            let address = if *headless { "None" } else { "10.96.0.1" };
            let ports = json!([{ "port": 80 }]);
            let spec = json!({ "clusterIP": address, "selector": { "app": app }, "ports": ports });
            json!({ "kind": "Service", "metadata": { "name": app }, "spec": spec })
        });
        workloads.chain(services).collect()
    }

    fn object(&self, reference: &str) -> Value {
        let found = self.workloads.iter().find(|(_, app, _)| reference.ends_with(app));
        self.workload(*found.unwrap())
    }

    fn workload(&self, (kind, app, count): (&str, &str, usize)) -> Value {
        let conditions = self
            .quota
            .map(|message| json!([{ "type": "ReplicaFailure", "status": "True", "message": message }]));
        json!({
            "kind": kind, "metadata": { "name": app },
            "spec": { "replicas": count, "template": { "spec": { "containers": [self.container(app)] } } },
            "status": { "desiredNumberScheduled": count, "conditions": conditions.unwrap_or(json!([])) },
        })
    }

    fn container(&self, app: &str) -> Value {
        let probe = |port: &str| json!({ "httpGet": { "path": "/", "port": port }, "periodSeconds": 3 });
        let liveness = probe(if self.is_naive { "http" } else { "admin" });
        json!({ "name": app, "readinessProbe": probe("admin"), "livenessProbe": liveness })
    }

    fn autoscalers(&self) -> Vec<Value> {
        let described = |(name, target): &(&str, &str)| {
            let target = json!({ "kind": "Deployment", "name": target });
            json!({ "metadata": { "name": name }, "spec": { "scaleTargetRef": target } })
        };
        self.autoscalers.iter().map(described).collect()
    }

    fn described(&self, pod: &FakePod) -> Value {
        let (kind, owner) = &pod.owner;
        json!({
            "kind": "Pod",
            "metadata": {
                "name": pod.name, "resourceVersion": pod.version.to_string(),
                "deletionTimestamp": pod.is_terminating.then_some("2026-11-21T19:00:00Z"),
                "labels": { "app": pod.app, "pod-template-hash": "hash" },
                "ownerReferences": [{ "kind": kind, "name": owner, "controller": true }],
            },
            "spec": { "containers": [{
                "name": pod.app, "ports": [{ "name": "admin", "containerPort": self.admin_port }],
            }] },
            "status": pod.status,
        })
    }
}

fn list(items: &[Value]) -> String {
    json!({ "kind": "List", "items": items }).to_string()
}
