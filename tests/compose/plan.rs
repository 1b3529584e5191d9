//! `loadgen lab --plan` on containers: scaled by docker-compose, counted and probed on the published ports, and no metric is read.

use std::fs;
use std::process::Command;
use std::time::Duration;

use rustix::process::Signal;
use tempfile::TempDir;

use crate::harness::LOADGEN;
use crate::harness::compose::{Stack, compose_file};
use crate::harness::machine::in_a_few_tries;
use crate::harness::program::Program;
use crate::plan::{assert_refused, shipped};

const A_PLAN: Duration = Duration::from_secs(240);

const SWEEP: &str = r#"warm_up = "3s"
window = "10s"
steps = [{ replicas = { worker = 1 } }, { replicas = { worker = 10 } }]
"#;

/// The plan for the original, on a project of a story's own that runs our images; `ports` are those of the page, rng and hasher.
fn planned(stack: &Stack, ports: [u16; 3]) -> String {
    let ours = format!("project = \"{}\", files = [\"{}\"]", stack.name(), compose_file().display());
    let original = r#"files = ["compose/compose.yaml", "compose/overrides/original-images.yaml"]"#;
    let text = shipped("original.toml", SWEEP);
    assert!(text.contains(original), "{text}");
    let text = text.replace(original, &ours);
    [8000, 8001, 8002].into_iter().zip(ports).fold(text, |text, (written, port): (u16, u16)| {
        text.replace(&format!("localhost:{written}"), &format!("127.0.0.1:{port}"))
    })
}

fn start(folder: &TempDir, plan: &str) -> Program {
    let file = folder.path().join("plan.toml");
    fs::write(&file, plan).expect("a file");
    Program::start(Command::new(LOADGEN).args(["lab", "--no-report", "--plan"]).arg(&file))
}

fn ports(stack: &Stack) -> [u16; 3] {
    [8000, 8001, 8002].map(|port| stack.address(port).port())
}

#[test]
#[ignore = "needs Docker"]
fn rng_is_named_from_what_is_published_and_counts_are_put_back() {
    in_a_few_tries(|| {
        let (stack, folder) = (Stack::new("plan"), tempfile::tempdir().expect("a folder"));
        stack.up(&["worker=2"]);
        let said = start(&folder, &planned(&stack, ports(&stack))).finish(A_PLAN);
        assert_eq!(said.status.code(), Some(0), "{said:?}");
        assert!(said.stdout.contains("The bottleneck is rng"), "{said:?}");
        assert_eq!(stack.counts(["rng", "worker"]), [1, 2], "{said:?}");
    });
}

/// The interrupt comes while docker-compose makes containers.
#[test]
#[ignore = "needs Docker"]
fn an_interrupt_while_containers_are_made_puts_counts_back() {
    let (stack, folder) = (Stack::new("stopped"), tempfile::tempdir().expect("a folder"));
    stack.up(&["worker=2"]);
    let mut lab = start(&folder, &planned(&stack, ports(&stack)));
    lab.stderr().find("ten workers", A_PLAN, |line| line.contains("--scale worker=10").then_some(()));
    lab.signal(Signal::INT);
    let said = lab.finish(A_PLAN);
    assert_eq!(said.status.code(), Some(130), "{said:?}");
    assert!(said.stdout.contains("INTERRUPTED: 1 of 2 steps"), "{said:?}");
    assert_eq!(stack.counts(["rng", "worker"]), [1, 2], "{said:?}");
}

#[test]
#[ignore = "needs Docker"]
fn what_cannot_be_scaled_is_told_before_anything_is_started() {
    let (stack, folder) = (Stack::new("refused"), tempfile::tempdir().expect("a folder"));
    let plan = planned(&stack, [8000, 8001, 8002]);
    assert_refused(&start(&folder, &plan).finish(A_PLAN), 4, &["`rng`", "nothing", stack.name(), "up -d"]);
    let misspelt = plan.replace("service = \"rng\"", "service = \"rgn\"");
    assert_refused(&start(&folder, &misspelt).finish(A_PLAN), 4, &["`rng`", "rgn"]);
    assert_eq!(stack.leftovers(), "");
}
