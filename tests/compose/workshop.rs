//! What the workshop types.

use std::time::Duration;

use crate::harness::compose::Stack;
use crate::harness::figures::Figures;
use crate::harness::program::run;
use crate::harness::wait::eventually;

const SOON: Duration = Duration::from_secs(30);

fn installed(program: &str) -> bool {
    run("sh", &["-c", "command -v \"$0\"", program], SOON).status.success()
}

/// Runs a program that not every machine has.
#[track_caller]
#[expect(clippy::print_stdout, reason = "what was left out must not go unnoticed")]
fn try_out(program: &str, arguments: &[&str], expected: &str) {
    if !installed(program) {
        println!("not run: {program} is not installed");
        return;
    }
    let said = run(program, arguments, SOON);
    assert!(said.status.success() && said.stdout.contains(expected), "{said:?}");
}

#[test]
#[ignore = "needs Docker"]
fn every_command_of_the_workshop_does_what_it_says() {
    let stack = Stack::new("workshop");
    stack.done(&["up", "-d"]);
    let webui = stack.webui();
    eventually("hashes", SOON, || Figures::of(webui));

    let listed = stack.done(&["ps"]);
    for service in ["redis", "rng", "hasher", "worker", "webui", "ports"] {
        assert!(listed.contains(service), "{service} in\n{listed}");
    }
    assert!(stack.done(&["logs", "--tail", "10"]).contains("units of work done"));
    assert!(stack.done(&["top", "rng"]).contains("/dockercoins rng"));

    stack.done(&["up", "-d", "--scale", "worker=2"]);
    assert_eq!(stack.counts(["worker"]), [2]);
    stack.done(&["scale", "worker=3"]);
    assert_eq!(stack.counts(["worker"]), [3]);

    let urls = [8001, 8002].map(|port| format!("http://{}/", stack.address(port)));
    for url in &urls {
        try_out("httping", &["-c", "3", "-i", "0.2", url], "3 connects, 3 ok");
    }
    try_out("ab", &["-c", "10", "-n", "20", &format!("{}1", urls[0])], "Complete requests:      20");

    stack.done(&["down"]);
    assert_eq!(stack.running(), "");
}
