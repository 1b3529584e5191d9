//! The lab on an application that runs already: it measures, and leaves everything as it was.

use std::time::Duration;

use rustix::process::Signal;

use crate::harness::compose::Stack;
use crate::harness::program::Program;

const A_LAB: Duration = Duration::from_secs(120);
const A_STEP: Duration = Duration::from_secs(60);
const SERVICES: [&str; 5] = ["worker", "rng", "hasher", "webui", "redis"];
const FOUND: [usize; 5] = [3, 2, 1, 1, 1];

/// What must not have been touched: the identity and the start of everything that the lab does not scale.
fn bystanders(stack: &Stack) -> Vec<(String, String)> {
    let found = ["webui", "redis", "hasher", "ports"].map(|service| stack.container(service));
    found.iter().map(|found| (found.id().to_owned(), found.started_at().to_owned())).collect()
}

fn running(story: &str) -> Stack {
    let stack = Stack::new(story);
    stack.up(&["worker=3", "rng=2"]);
    assert_eq!(stack.counts(SERVICES), FOUND);
    stack
}

#[test]
#[ignore = "needs Docker"]
fn a_lab_on_a_running_application_leaves_the_counts_that_it_found() {
    let stack = running("attach");
    let before = bystanders(&stack);
    let flags = ["--workers", "1,2", "--rng", "1", "--window", "2s", "--no-confirm"];
    let said = Program::start(&mut stack.lab(&flags)).finish(A_LAB);
    assert!(matches!(said.status.code(), Some(0 | 3)), "{said:?}");
    assert_eq!(stack.counts(SERVICES), FOUND, "{said:?}");
    assert_eq!(bystanders(&stack), before, "{said:?}");
}

#[test]
#[ignore = "needs Docker"]
fn an_interrupt_in_mid_step_leaves_the_counts_that_it_found() {
    let stack = running("interrupt");
    let before = bystanders(&stack);
    let flags = ["--workers", "1,2", "--rng", "1", "--window", "30s", "--no-confirm"];
    let mut lab = Program::start(&mut stack.lab(&flags));
    lab.stderr().find("a step", A_STEP, |line| line.starts_with("worker=1 rng=1").then_some(()));
    lab.signal(Signal::INT);
    let said = lab.finish(A_LAB);
    assert_eq!(said.status.code(), Some(130), "{said:?}");
    assert_eq!(stack.counts(SERVICES), FOUND, "{said:?}");
    assert_eq!(bystanders(&stack), before, "{said:?}");
}
