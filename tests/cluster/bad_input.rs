//! What cannot work gets one line that names what is wrong and what would mend it, and nothing is left scaled.

use std::fs;
use std::process::Command;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::NamedTempFile;

use crate::harness::cluster::Namespace;
use crate::harness::machine;
use crate::harness::program::{Finished, Program};
use crate::harness::wait::eventually;

const A_LAB: Duration = Duration::from_secs(240);
const CANNOT_RUN: i32 = 4;
const SHORT: [&str; 8] = ["--workers", "1", "--rng", "2", "--window", "1s", "--no-confirm", "--quiet"];

fn finish(command: &mut Command) -> Finished {
    Program::start(command).finish(A_LAB)
}

/// Runs a short lab, which must complain in one line that has all of `parts` and leave the counts that it found.
#[track_caller]
fn assert_complains(namespace: &Namespace, parts: &[&str]) {
    let found = namespace.counts();
    finish(&mut namespace.lab(&SHORT)).assert_complains(CANNOT_RUN, parts);
    assert_eq!(namespace.counts(), found);
}

/// A configuration for a `ServiceAccount` of the namespace, in the cluster of the configuration at hand.
fn configuration_of(namespace: &Namespace, account: &str) -> NamedTempFile {
    let token = namespace.done(&["create", "token", account]);
    let ours = namespace.done(&["config", "view", "--raw", "--flatten", "--minify", "-o", "json"]);
    let mut configuration: Value = serde_json::from_str(&ours).expect("JSON");
    configuration["users"][0]["user"] = json!({ "token": token.trim() });
    let file = NamedTempFile::new().expect("a file");
    fs::write(file.path(), configuration.to_string()).expect("our own file");
    file
}

#[test]
#[ignore = "needs a Kubernetes cluster"]
fn a_namespace_that_is_not_there_and_one_that_is_empty_are_told_apart() {
    let namespace = Namespace::new("empty");
    finish(&mut namespace.lab(&SHORT))
        .assert_complains(CANNOT_RUN, &["no namespace", namespace.name(), "--namespace", "kubectl apply -k"]);
    namespace.done(&["create", "namespace", namespace.name()]);
    finish(&mut namespace.lab(&SHORT))
        .assert_complains(CANNOT_RUN, &["has no Deployment", namespace.name(), "kubectl apply -k"]);
}

#[test]
#[ignore = "needs a Kubernetes cluster"]
fn a_cluster_that_does_not_answer_is_said_with_its_remedy() {
    let namespace = Namespace::new("silent");
    let own = configuration_of_nobody();
    finish(namespace.lab(&SHORT).env("KUBECONFIG", own.path()))
        .assert_complains(CANNOT_RUN, &["does not answer", "127.0.0.1:1", "KUBECONFIG"]);
    let mut lab = namespace.lab(&SHORT);
    finish(lab.args(["--context", "nowhere"])).assert_complains(CANNOT_RUN, &["nowhere", "--context"]);
}

/// A configuration for a cluster that nobody runs.
fn configuration_of_nobody() -> NamedTempFile {
    let file = NamedTempFile::new().expect("a file");
    let configuration = json!({
        "apiVersion": "v1", "kind": "Config", "current-context": "x",
        "clusters": [{ "name": "x", "cluster": { "server": "http://127.0.0.1:1" } }],
        "contexts": [{ "name": "x", "context": { "cluster": "x", "user": "x" } }],
        "users": [{ "name": "x", "user": {} }],
    });
    fs::write(file.path(), configuration.to_string()).expect("our own file");
    file
}

/// The account has no rights at first, then it may look, then scale, but not run programs in pods.
#[test]
#[ignore = "needs a Kubernetes cluster"]
fn the_right_that_is_missing_is_named() {
    let _turn = machine::busy();
    let namespace = Namespace::running("rights", &[]);
    let found = namespace.counts();
    namespace.done(&["create", "serviceaccount", "guest"]);
    let configuration = configuration_of(&namespace, "guest");
    let assert_refused = |parts: &[&str]| {
        let said = finish(namespace.lab(&SHORT).env("KUBECONFIG", configuration.path()));
        said.assert_complains(CANNOT_RUN, parts);
        assert_eq!(namespace.counts(), found);
    };
    let account = format!("--serviceaccount={}:guest", namespace.name());
    let bind = |name: &str, role: &str| namespace.done(&["create", "rolebinding", name, role, &account]);
    assert_refused(&["guest", "cannot list", "Role"]);
    bind("looks", "--clusterrole=view");
    assert_refused(&["may not scale Deployments", namespace.name(), "Role"]);
    let scales = ["create", "role", "scales", "--verb=patch", "--resource=deployments/scale"];
    namespace.done(&scales);
    bind("scales", "--role=scales");
    assert_refused(&["may not run programs in pods", "pods/exec", "Role"]);
}

#[test]
#[ignore = "needs a Kubernetes cluster"]
fn an_image_that_cannot_be_pulled_is_named() {
    let _turn = machine::busy();
    let namespace = Namespace::running("image", &[]);
    namespace.done(&["set", "image", "deployment/hasher", "hasher=localhost/nobody-has-this:1"]);
    assert_complains(
        &namespace,
        &["hasher-", "cannot get its image", "nobody-has-this", "kubectl set image"],
    );
}

#[test]
#[ignore = "needs a Kubernetes cluster"]
fn a_pod_that_never_becomes_ready_is_named_with_what_its_probe_said() {
    let _turn = machine::busy();
    let namespace = Namespace::running("never", &[]);
    let patch = json!([{
        "op": "replace",
        "path": "/spec/template/spec/containers/0/readinessProbe/httpGet/path",
        "value": "/nothing-is-here",
    }]);
    namespace.done(&["patch", "deployment", "rng", "--type=json", "-p", &patch.to_string()]);
    assert_complains(&namespace, &["rng-", "was not ready within", "Readiness probe failed", "kubectl -n"]);
}

/// The one that is there is ready; it is the second which may not be made, after the lab has asked for it. By then there is a report,
/// whose last line tells.
#[test]
#[ignore = "needs a Kubernetes cluster"]
fn a_quota_that_is_used_up_is_said_and_the_step_undone() {
    let _turn = machine::busy();
    let namespace = Namespace::running("quota", &[]);
    namespace.done(&["create", "quota", "full", "--hard=pods=5"]);
    let used = || namespace.done(&["get", "quota", "full", "-o", "jsonpath={.status.used.pods}"]);
    eventually("the quota's count", A_LAB, || (used() == "5").then_some(()));
    let found = namespace.counts();
    let said = finish(&mut namespace.lab(&SHORT));
    assert_eq!((said.status.code(), said.stderr.as_str()), (Some(CANNOT_RUN), ""), "{said:?}");
    let last = said.stdout.trim_end().lines().last().unwrap_or_default();
    for part in ["ERROR: deployment/rng cannot make its pods", "exceeded quota", "raise the quota"] {
        assert!(last.contains(part), "no {part:?} in: {last}");
    }
    assert_eq!(namespace.counts(), found);
}
