//! `loadgen/examples/gate.yaml`, the workflow that people copy: it parses, every flag in it is one, and its job ends as the A/B does.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use serde_json::Value;

use crate::harness::LOADGEN;
use crate::harness::program::{Finished, Program, run};

const SOON: Duration = Duration::from_secs(30);

fn workflow() -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("loadgen/examples/gate.yaml");
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_saphyr::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// What the step of the A/B runs.
fn script() -> String {
    let workflow = workflow();
    let steps = workflow["jobs"]["gate"]["steps"].as_array().expect("steps").clone();
    let scripts = steps.iter().filter_map(|step| step["run"].as_str());
    scripts.filter(|script| script.contains("--interleave")).collect::<Vec<_>>().join("\n")
}

/// The script in a folder where the new build of loadgen ends with `code`, after it has left a summary, if it does.
fn ended_with(code: i32, leaves: bool) -> (Finished, String) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| -> PathBuf { folder.path().join(name) };
    for build in ["base", "new"] {
        fs::create_dir_all(path(build).join("target/release")).expect("a folder");
    }
    let loadgen = path("new/target/release/loadgen");
    let leave = if leaves { "echo '### Told' > gate/summary.md" } else { "" };
    let text = format!("#!/bin/sh\n[ -x base/target/release/loadgen ] || exit 5\n{leave}\nexit {code}\n");
    for program in [&loadgen, &path("base/target/release/loadgen")] {
        fs::write(program, &text).expect("written");
        fs::set_permissions(program, fs::Permissions::from_mode(0o755)).expect("our own file");
    }
    let mut command = Command::new("bash");
    // As runners start the scripts of a step.
    command.args(["--noprofile", "--norc", "-eo", "pipefail", "-c", &script()]).current_dir(folder.path());
    let said = Program::start(command.env("GITHUB_STEP_SUMMARY", path("summary"))).finish(SOON);
    (said, fs::read_to_string(path("summary")).unwrap_or_default())
}

#[test]
fn every_flag_of_the_workflow_is_one_of_the_lab() {
    let help = run(LOADGEN, &["lab", "--help"], SOON).stdout;
    let script = script();
    let flags: Vec<&str> = script.split_whitespace().filter(|word| word.starts_with("--")).collect();
    assert!(flags.len() >= 6, "{flags:?}");
    for flag in flags {
        assert!(help.split_whitespace().any(|word| word == flag), "{flag} is none of:\n{help}");
    }
}

#[test]
fn the_workflow_keeps_what_was_measured_however_it_ends() {
    let workflow = workflow();
    let steps = workflow["jobs"]["gate"]["steps"].as_array().expect("steps");
    let last = steps.last().expect("a step");
    assert_eq!((last["if"].as_str(), last["with"]["path"].as_str()), (Some("always()"), Some("gate")));
    assert!(steps.iter().any(|step| step["with"]["ref"] == "${{ github.event.pull_request.base.sha }}"));
    assert_eq!(workflow["on"], "pull_request");
}

#[test]
fn the_job_fails_for_a_regression_and_only_warns_where_nothing_can_be_told() {
    for (code, ends_with, warns) in [(0, 0, false), (1, 1, false), (3, 0, true), (4, 4, false)] {
        let (said, summary) = ended_with(code, true);
        assert_eq!(said.status.code(), Some(ends_with), "{code}: {said:?}");
        assert_eq!(said.stdout.contains("::warning"), warns, "{code}: {said:?}");
        assert_eq!(summary, "### Told\n", "{code}");
    }
}

#[test]
fn a_build_that_cannot_be_measured_fails_the_job_with_the_code_that_says_so() {
    let (said, summary) = ended_with(2, false);
    assert_eq!((said.status.code(), summary.as_str()), (Some(2), ""), "{said:?}");
}
