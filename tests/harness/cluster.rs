//! The application in a namespace of a story's own, in the cluster that kubectl's configuration names. Owns the namespace's name, which
//! nobody else uses, and its end: whatever a story did, nothing of it survives.

use std::env;
use std::fs;
use std::process::{self, Command};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::LOADGEN;
use super::figures::Figures;
use super::kustomize::write_kustomization;
use super::metrics::Metrics;
use super::pod::Pod;
use super::program::{Finished, Program, run};
use super::wait::eventually;

const TO_FINISH: Duration = Duration::from_secs(150);
const TO_MEASURE: Duration = Duration::from_secs(900);
const TO_BE_READY: Duration = Duration::from_secs(120);

/// What base brings up, in the order of their names.
pub(crate) const SERVICES: [&str; 5] = ["hasher", "redis", "rng", "webui", "worker"];

static MADE: AtomicUsize = AtomicUsize::new(0);

/// A namespace; nothing is there until a story says so.
pub(crate) struct Namespace {
    name: String,
    folder: TempDir,
}

impl Namespace {
    /// A name that nobody else uses.
    pub(crate) fn new(story: &str) -> Self {
        let made = MADE.fetch_add(1, Ordering::Relaxed);
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
        Self { name: format!("e2e-{story}-{}-{made}", process::id()), folder }
    }

    /// The application with these components, all of it ready.
    pub(crate) fn running(story: &str, components: &[&str]) -> Self {
        let namespace = Self::new(story);
        namespace.apply("base", components, json!({}));
        namespace.wait_until_ready(TO_BE_READY);
        namespace
    }

    /// Its name.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// `kubectl apply -k` of a folder of `k8s` with these components, put into this namespace; what else the kustomization says is in
    /// `kustomization`.
    pub(crate) fn apply(&self, root: &str, components: &[&str], kustomization: Value) {
        self.done(&["apply", "-k", &self.kustomization(root, components, kustomization)]);
    }

    /// The folder of that kustomization.
    pub(crate) fn kustomization(&self, root: &str, components: &[&str], mut kustomization: Value) -> String {
        kustomization["namespace"] = json!(self.name);
        kustomization["images"] = ["dockercoins", "loadgen"].map(image).into();
        write_kustomization(self.folder.path(), root, components, kustomization);
        self.folder.path().to_str().expect("a plain path").to_owned()
    }

    /// `kubectl ARGUMENTS` in this namespace, as a command.
    pub(crate) fn kubectl(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("kubectl");
        command.args(["-n", &self.name]).args(arguments);
        command
    }

    /// Runs kubectl to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Finished {
        Program::start(&mut self.kubectl(arguments)).finish(TO_FINISH)
    }

    /// Runs kubectl to its end, which must be a good one, and returns its output.
    #[track_caller]
    pub(crate) fn done(&self, arguments: &[&str]) -> String {
        let said = self.run(arguments);
        assert!(said.status.success(), "{arguments:?}: {}\n{}{}", said.status, said.stdout, said.stderr);
        said.stdout
    }

    /// `loadgen lab --backend kubernetes ARGUMENTS` on this namespace, as a command.
    pub(crate) fn lab(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(LOADGEN);
        command.args(["lab", "--backend", "kubernetes", "-n", &self.name]).args(arguments);
        command
    }

    /// Runs the lab to its end; returns what it said, and the report that it wrote.
    pub(crate) fn measured(&self, arguments: &[&str]) -> (Finished, Value) {
        let file = self.folder.path().join("lab.json");
        let said = Program::start(self.lab(arguments).arg("--json").arg(&file)).finish(TO_MEASURE);
        let written = fs::read_to_string(&file).unwrap_or_else(|error| panic!("{error}: {said:?}"));
        (said, serde_json::from_str(&written).expect("JSON"))
    }

    /// Waits until every Deployment has all the pods that it should have, ready and of its latest version.
    pub(crate) fn wait_until_ready(&self, within: Duration) {
        let timeout = format!("--timeout={}s", within.as_secs());
        for service in SERVICES {
            let said = self.run(&["rollout", "status", &format!("deployment/{service}"), &timeout]);
            assert!(said.status.success(), "{said:?}\n{}", self.run(&["get", "pods,events"]).stdout);
        }
    }

    /// `kubectl scale`, and waits until it is done and those too many are gone.
    pub(crate) fn scale(&self, service: &str, replicas: usize) {
        self.done(&["scale", &format!("deployment/{service}"), &format!("--replicas={replicas}")]);
        let all_there = || {
            let pods = self.pods(service);
            (pods.len() == replicas && pods.iter().all(Pod::is_ready)).then_some(())
        };
        eventually(&format!("{replicas} pods of {service}"), TO_BE_READY, all_there);
    }

    /// The pods of a service, those included that are about to end.
    pub(crate) fn pods(&self, service: &str) -> Vec<Pod> {
        Pod::all(&self.read(&["get", "pods", "-l", &format!("app={service}"), "-o", "json"]))
    }

    /// How many replicas each Deployment should have, in the order of `SERVICES`.
    pub(crate) fn counts(&self) -> Vec<u64> {
        let deployments = self.read(&["get", "deployments", "-o", "json"]);
        let deployments = deployments["items"].as_array().expect("a list");
        deployments.iter().map(|it| it["spec"]["replicas"].as_u64().expect("a count")).collect()
    }

    /// The sum of a counter over all pods of a service.
    pub(crate) fn count(&self, service: &str, counter: &str) -> u64 {
        self.pods(service).iter().map(|pod| self.metrics(pod).count(counter, &[])).sum()
    }

    /// A scrape of a pod, through the API server.
    pub(crate) fn metrics(&self, pod: &Pod) -> Metrics {
        let path = format!("/api/v1/namespaces/{}/pods/{}:9090/proxy/metrics", self.name, pod.name());
        Metrics::parse(self.done(&["get", "--raw", &path]))
    }

    /// The page's figures, through the API server; `None` while nothing was counted.
    pub(crate) fn figures(&self) -> Option<Figures> {
        let path = format!("/api/v1/namespaces/{}/services/webui:http/proxy/json", self.name);
        Figures::parse(&self.read(&["get", "--raw", &path]))
    }

    #[track_caller]
    fn read(&self, arguments: &[&str]) -> Value {
        serde_json::from_str(&self.done(arguments)).expect("JSON")
    }
}

impl Drop for Namespace {
    /// The next story must not share the machine with what still ends here.
    fn drop(&mut self) {
        let _ =
            self.kubectl(&["delete", "namespace", &self.name, "--ignore-not-found", "--timeout=2m"]).output();
    }
}

/// The image of a program of ours as the nodes have it, in place of the one in the manifests.
fn image(program: &str) -> Value {
    let ours = format!("localhost/{program}");
    let wanted = env::var(format!("{}_IMAGE", program.to_uppercase())).unwrap_or_else(|_| ours.clone());
    let (name, tag) =
        wanted.rsplit_once(':').filter(|(_, tag)| !tag.contains('/')).unwrap_or((&wanted, "latest"));
    json!({ "name": ours, "newName": name, "newTag": tag })
}

/// Whether the cluster has such a kind.
pub(crate) fn knows(kind: &str) -> bool {
    run("kubectl", &["api-resources", "-o", "name"], TO_FINISH).stdout.lines().any(|it| it == kind)
}
