//! Load from inside the cluster: a Job's shards, and what `loadgen merge` makes of their logs.

use std::fs::{self, File};
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::harness::LOADGEN;
use crate::harness::cluster::Namespace;
use crate::harness::machine;
use crate::harness::report::number;

/// Applies the Job, waits for it, and merges what its pods have logged.
fn merged(namespace: &Namespace, patches: &Value) -> Value {
    namespace.apply("jobs", &[], json!({ "patches": patches }));
    namespace.done(&["wait", "--for=condition=complete", "job/load", "--timeout=120s"]);
    let logs = namespace.done(&["logs", "-l", "job-name=load", "--tail=-1"]);
    namespace.done(&["delete", "job", "load"]);
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("logs");
    fs::write(&file, &logs).expect("a file");
    let logs_again = Stdio::from(File::open(&file).expect("our own file"));
    let merge = Command::new(LOADGEN).args(["merge", "-", "--format", "json"]).stdin(logs_again).output();
    let said = merge.expect("the program starts");
    assert!(said.status.success(), "{said:?}\n{logs}");
    serde_json::from_slice(&said.stdout).expect("JSON")
}

/// The Job with one pod that sends all of it.
fn one_pod() -> Value {
    let set = |path: &str, value: Value| json!({ "op": "replace", "path": path, "value": value });
    let patch = json!([
        set("/spec/completions", json!(1)),
        set("/spec/parallelism", json!(1)),
        set("/spec/template/spec/containers/0/args/1", json!("--shard=0/1")),
    ]);
    json!([{ "target": { "kind": "Job" }, "patch": patch.to_string() }])
}

/// The plan but for what tells one process from several: each has threads and ports of its own.
fn plan(report: &Value) -> Value {
    let mut plan = report["plan"].clone();
    for key in ["threads", "connections", "shards"] {
        plan[key].take();
    }
    plan
}

#[test]
#[ignore = "needs a Kubernetes cluster"]
fn the_jobs_three_shards_merge_to_the_load_of_one_process() {
    machine::steadily(|| {
        let namespace = Namespace::running("shards", &[]);
        let (three, one) = (merged(&namespace, &json!([])), merged(&namespace, &one_pod()));
        assert_eq!(three["plan"]["shards"]["which"], json!([0, 1, 2]));
        assert_eq!(plan(&three), plan(&one));
        // What is still under way at the end is a matter of milliseconds; what was due is not.
        for pointer in ["/requests/scheduled", "/requests/failed", "/response_time/count"] {
            assert_eq!(three.pointer(pointer), one.pointer(pointer), "{pointer}");
        }
        let median = |report: &Value| number(&report["response_time"]["p50_ms"]);
        assert!(
            (median(&three) / median(&one) - 1.0).abs() < 0.05,
            "{} and {}",
            median(&three),
            median(&one)
        );
    });
}
