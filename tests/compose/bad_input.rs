//! What cannot work gets one line that names what is wrong and what would mend it; nothing is left running, and nothing
//! that ran is scaled.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use tempfile::TempDir;

use crate::harness::compose::{Stack, compose_file, compose_folder, lab};
use crate::harness::container::Container;
use crate::harness::program::{Finished, Program};

const A_LAB: Duration = Duration::from_secs(120);
const USAGE: i32 = 2;
const CANNOT_RUN: i32 = 4;
const SHORT: [&str; 6] = ["--workers", "1", "--window", "1s", "--no-confirm", "--quiet"];

fn finish(command: &mut Command) -> Finished {
    Program::start(command).finish(A_LAB)
}

/// A compose file of a story's own, in a folder of its own.
struct OwnFile {
    folder: TempDir,
    file: PathBuf,
}

impl OwnFile {
    /// Services by name, each with the rest of its definition on one line.
    fn new(services: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("docker-compose.yml");
        let services = services.iter().map(|(name, rest)| format!("  {name}: {{{rest}}}\n"));
        let text = format!("version: '3'\nservices:\n{}", services.collect::<String>());
        fs::write(&file, text).expect("a file");
        Self { folder, file }
    }
}

fn ours(service: &str) -> String {
    format!("image: '${{REGISTRY:-localhost}}/dockercoins:${{TAG:-latest}}', command: [{service}]")
}

const REDIS: &str = "image: '${REDIS_IMAGE:-redis:7}'";

/// A program first on the path, which is a shell script.
fn script(folder: &Path, name: &str, lines: &str) -> String {
    let file = folder.join(name);
    fs::write(&file, format!("#!/bin/sh\n{lines}\n")).expect("a file");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).expect("our own file");
    folder.to_str().expect("a path").to_owned()
}

fn path() -> String {
    std::env::var("PATH").expect("a path")
}

/// Where a program is, by the path of this test.
fn whereabouts(program: &str) -> PathBuf {
    let folders = path();
    let mut files = std::env::split_paths(&folders).map(|folder| folder.join(program));
    files.find(|file| file.exists()).unwrap_or_else(|| panic!("no {program}"))
}

#[test]
#[ignore = "needs Docker"]
fn a_daemon_that_does_not_answer_is_said_with_its_remedy() {
    let stack = Stack::new("daemon");
    let said = finish(stack.lab(&SHORT).env("DOCKER_HOST", "unix:///nonexistent"));
    said.assert_complains(CANNOT_RUN, &["Docker", "unix:///nonexistent", "DOCKER_HOST"]);
}

/// The path that is left has Docker, but nothing that composes.
#[test]
#[ignore = "needs Docker"]
fn without_any_docker_compose_the_line_says_what_to_install() {
    let (stack, folder) = (Stack::new("none"), tempfile::tempdir().expect("a folder"));
    let docker = whereabouts("docker");
    let only_docker = format!("[ \"$1\" = compose ] && exit 1\nexec {} \"$@\"", docker.display());
    let said = finish(stack.lab(&SHORT).env("PATH", script(folder.path(), "docker", &only_docker)));
    said.assert_complains(CANNOT_RUN, &["docker-compose", "install"]);
    assert_eq!(stack.leftovers(), "");
}

#[test]
#[ignore = "needs Docker"]
fn a_docker_compose_that_is_too_old_is_named_with_its_version() {
    let (stack, folder) = (Stack::new("old"), tempfile::tempdir().expect("a folder"));
    let old = script(folder.path(), "docker-compose", "echo 'docker-compose version 1.25.0, build 0a186604'");
    let said = finish(stack.lab(&SHORT).env("PATH", format!("{old}:{}", path())));
    said.assert_complains(CANNOT_RUN, &["docker-compose", "1.25.0", "1.28"]);
    assert_eq!(stack.leftovers(), "");
}

#[test]
#[ignore = "needs Docker"]
fn a_taken_port_is_named_with_its_variable_and_nothing_is_left() {
    let stack = Stack::new("taken");
    let listener = TcpListener::bind("0.0.0.0:0").expect("a free port");
    let port = listener.local_addr().expect("an address").port().to_string();
    let said = finish(stack.lab(&SHORT).env("WEBUI_PORT", &port));
    said.assert_complains(CANNOT_RUN, &[&port, "WEBUI_PORT"]);
    assert_eq!(stack.leftovers(), "");
}

#[test]
#[ignore = "needs Docker"]
fn a_project_of_that_name_from_another_folder_is_left_alone() {
    let own = OwnFile::new(&[("redis", REDIS), ("rng", &ours("rng"))]);
    let stack = Stack::of("foreign", vec![own.file.clone()]);
    stack.up(&["rng=2"]);
    let identities =
        || stack.containers("rng").iter().map(Container::id).map(str::to_owned).collect::<Vec<_>>();
    let before = identities();
    let mut lab = lab(&SHORT);
    let said = finish(lab.args(["-p", stack.name(), "-f"]).arg(compose_file()));
    let folders =
        [own.folder.path(), &compose_folder()].map(|folder| folder.to_str().expect("a path").to_owned());
    said.assert_complains(CANNOT_RUN, &[stack.name(), &folders[0], &folders[1], "--project-name"]);
    assert_eq!((identities(), stack.counts(["redis", "rng", "worker"])), (before, [1, 2, 0]));
}

#[test]
#[ignore = "needs Docker"]
fn a_service_that_the_file_lacks_is_named() {
    let services = ["rng", "hasher", "worker"].map(|service| (service, ours(service)));
    let services = [("redis", REDIS.to_owned())].into_iter().chain(services);
    let services: Vec<(&str, String)> = services.collect();
    for missing in ["redis", "rng", "hasher", "worker"] {
        let others = services.iter().filter(|(name, _)| *name != missing);
        let own = OwnFile::new(&others.map(|(name, rest)| (*name, rest.as_str())).collect::<Vec<_>>());
        let stack = Stack::of("lacks", vec![own.file.clone()]);
        let said = finish(&mut stack.lab(&SHORT));
        said.assert_complains(CANNOT_RUN, &[&format!("no service {missing}")]);
        assert_eq!(stack.leftovers(), "", "{missing}");
    }
}

#[test]
#[ignore = "needs Docker"]
fn an_image_without_an_admin_port_is_named() {
    let services = ["hasher", "worker"].map(|service| (service, ours(service)));
    let own = OwnFile::new(&[
        ("redis", REDIS),
        ("rng", REDIS),
        (services[0].0, &services[0].1),
        (services[1].0, &services[1].1),
    ]);
    let stack = Stack::of("stranger", vec![own.file.clone()]);
    let said = finish(&mut stack.lab(&SHORT));
    said.assert_complains(CANNOT_RUN, &["rng-1", "admin port"]);
    assert_eq!(stack.leftovers(), "");
}

#[test]
#[ignore = "needs Docker"]
fn where_no_compose_file_is_the_line_asks_for_one() {
    let (stack, folder) = (Stack::new("nowhere"), tempfile::tempdir().expect("a folder"));
    let mut lab = lab(&SHORT);
    let said = finish(lab.args(["-p", stack.name()]).current_dir(folder.path()));
    said.assert_complains(CANNOT_RUN, &["compose file", "--file"]);
}

#[test]
#[ignore = "needs Docker"]
fn a_compose_file_that_is_not_there_is_named() {
    let stack = Stack::of("absent", vec![PathBuf::from("/nonexistent/compose.yaml")]);
    finish(&mut stack.lab(&SHORT)).assert_complains(CANNOT_RUN, &["/nonexistent/compose.yaml"]);
}

#[test]
#[ignore = "needs Docker"]
fn flags_that_do_not_fit_are_wrong_usage() {
    let stack = Stack::new("flags");
    let cases: [(&[&str], &str); 5] = [
        (&["--backend", "local", "--file", "x.yaml"], "--file"),
        (&["--backend", "local", "-p", "x"], "--project-name"),
        (&["--backend", "swarm"], "--backend"),
        (&["--backend", "compose", "--reach", "far"], "--reach"),
        (&["--backend", "compose", "--rng-time", "50ms"], "--rng-time"),
    ];
    for (flags, named) in cases {
        let mut lab = Command::new(crate::harness::LOADGEN);
        finish(lab.arg("lab").args(flags)).assert_complains(USAGE, &[named]);
    }
    assert_eq!(stack.leftovers(), "");
}
