//! `loadgen lab --plan` in a cluster: pods are scaled by kubectl, counted and probed through the API server, and no metric is read.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use rustix::process::Signal;
use tempfile::TempDir;

use crate::harness::LOADGEN;
use crate::harness::cluster::Namespace;
use crate::harness::machine;
use crate::harness::program::Program;
use crate::harness::report::{steps, throughput};
use crate::plan::{assert_refused, shipped};

const A_PLAN: Duration = Duration::from_secs(300);

const SWEEP: &str = r#"warm_up = "10s"
window = "15s"
steps = [{ replicas = { worker = 1 } }, { replicas = { worker = 10 } }]
"#;

/// The plan of the repository on a namespace of a story's own.
struct Planned {
    folder: TempDir,
    text: String,
}

impl Planned {
    fn on(namespace: &Namespace) -> Self {
        let text = shipped("kubernetes.toml", SWEEP)
            .replace("namespace = \"dockercoins\"", &format!("namespace = \"{}\"", namespace.name()))
            .replace("/namespaces/dockercoins/", &format!("/namespaces/{}/", namespace.name()));
        Self { folder: tempfile::tempdir().expect("a folder"), text }
    }

    fn start(&self) -> Program {
        let plan = self.folder.path().join("plan.toml");
        fs::write(&plan, &self.text).expect("a file");
        let mut command = Command::new(LOADGEN);
        command.args(["lab", "--no-report", "--json"]).arg(self.json()).arg("--plan").arg(&plan);
        Program::start(&mut command)
    }

    fn json(&self) -> PathBuf {
        self.folder.path().join("plan.json")
    }
}

#[test]
#[ignore = "needs a Kubernetes cluster"]
fn rng_is_named_from_outside_the_cluster_and_counts_are_put_back() {
    machine::steadily(|| {
        let namespace = Namespace::running("plan", &[]);
        namespace.scale("worker", 2);
        let (found, planned) = (namespace.counts(), Planned::on(&namespace));
        let said = planned.start().finish(A_PLAN);
        assert_eq!(said.status.code(), Some(0), "{said:?}");
        assert!(said.stdout.contains("The bottleneck is rng"), "{said:?}");
        let written = fs::read_to_string(planned.json()).expect("a report");
        let report = serde_json::from_str(&written).expect("JSON");
        let full = throughput(&steps(&report)[1]);
        assert!((full - 10.0).abs() < 0.5, "{said:?}");
        assert_eq!(namespace.counts(), found, "{said:?}");
    });
}

/// The interrupt comes while kubectl has been told of ten workers, and not all of them are ready.
#[test]
#[ignore = "needs a Kubernetes cluster"]
fn an_interrupt_while_pods_are_made_puts_counts_back() {
    let _turn = machine::busy();
    let namespace = Namespace::running("stopped", &[]);
    let (found, planned) = (namespace.counts(), Planned::on(&namespace));
    let mut lab = planned.start();
    lab.stderr().find("ten workers", A_PLAN, |line| line.contains("--replicas=10").then_some(()));
    lab.signal(Signal::INT);
    let said = lab.finish(A_PLAN);
    assert_eq!(said.status.code(), Some(130), "{said:?}");
    assert!(said.stdout.contains("INTERRUPTED: 1 of 2 steps"), "{said:?}");
    assert_eq!(namespace.counts(), found, "{said:?}");
}

#[test]
#[ignore = "needs a Kubernetes cluster"]
fn an_object_that_is_not_there_is_told_with_the_keys_that_name_it() {
    let namespace = Namespace::new("absent");
    let mut planned = Planned::on(&namespace);
    let parts = ["`rng`", namespace.name(), "not found", "`object`", "`namespace`"];
    assert_refused(&planned.start().finish(A_PLAN), 4, &parts);
    planned.text = planned.text.replace("namespace = ", "context = \"nowhere\", namespace = ");
    assert_refused(&planned.start().finish(A_PLAN), 4, &["`rng`", "nowhere", "`context`"]);
}
