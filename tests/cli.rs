//! What anybody tries first: help, version, completions, and the tool in a pipe.

use std::process::{Command, Stdio};
use std::time::Duration;

use crate::harness::program::run;
use crate::harness::{DOCKERCOINS, LOADGEN};

const SOON: Duration = Duration::from_secs(30);

#[test]
fn both_programs_tell_their_version() {
    for program in [LOADGEN, DOCKERCOINS] {
        let said = run(program, &["--version"], SOON);
        assert!(said.status.success() && said.stdout.contains(env!("CARGO_PKG_VERSION")), "{said:?}");
    }
}

#[test]
fn help_lists_every_command() {
    let said = run(LOADGEN, &["--help"], SOON);
    assert!(said.status.success());
    for command in
        ["lab", "predict", "report", "compare", "up", "scale", "ps", "logs", "down", "bench", "merge", "ping"]
    {
        assert!(said.stdout.lines().any(|line| line.trim_start().starts_with(command)), "{command}");
        assert!(run(LOADGEN, &[command, "--help"], SOON).status.success(), "{command}");
    }
    let said = run(DOCKERCOINS, &["--help"], SOON);
    for service in ["rng", "hasher", "worker", "webui", "store", "echo", "forward", "health", "tunnel"] {
        assert!(said.stdout.lines().any(|line| line.trim_start().starts_with(service)), "{service}");
        assert!(run(DOCKERCOINS, &[service, "--help"], SOON).status.success(), "{service}");
    }
}

#[test]
fn no_command_at_all_is_a_usage_error_that_shows_the_way() {
    for program in [LOADGEN, DOCKERCOINS] {
        let said = run(program, &[], SOON);
        assert_eq!(said.status.code(), Some(2), "{said:?}");
        assert!(said.stderr.contains("Usage"), "{said:?}");
    }
}

#[test]
fn completions_come_for_every_shell() {
    for shell in ["bash", "zsh", "fish"] {
        let said = run(LOADGEN, &["completions", shell], SOON);
        assert!(said.status.success() && said.stdout.contains("loadgen"), "{shell}: {said:?}");
    }
}

#[test]
fn a_reader_that_has_seen_enough_is_no_error() {
    let mut child = Command::new(LOADGEN);
    let child = child.args(["completions", "bash"]).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = child.spawn().expect("the program starts");
    drop(child.stdout.take());
    let said = child.wait_with_output().expect("it ends");
    let stderr = String::from_utf8_lossy(&said.stderr);
    assert!(said.status.success() && stderr.is_empty(), "{}: {stderr}", said.status);
}
