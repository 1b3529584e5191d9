//! Services that somebody else runs: by a command, docker-compose, kubectl.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use super::{A_PLAN, Folder, SOON, assert_refused};
use crate::harness::LOADGEN;
use crate::harness::program::{Finished, Program};

/// A plan whose counter stands still, so that the lab gives up after it has scaled `web`, which is somebody else's, to three.
fn standstill(way: &str) -> String {
    format!(
        r#"application = "theirs"
[services.web]
{way}
[services.clock]
run = "{{loadgen}} service store --listen 127.0.0.1:{{port}} --admin-listen 127.0.0.1:0"
[throughput]
redis = {{ url = "redis://{{clock}}", key = "ticks" }}
[sweep]
warm_up = "100ms"
window = "1s"
steps = [{{ replicas = {{ web = 3 }} }}]
"#
    )
}

/// Programs that write down how they were called, and answer as if there were two replicas.
const STAND_INS: [(&str, &str); 3] = [
    ("cloud", r#"[ "$1" = size ] && echo 2 || true"#),
    (
        "kubectl",
        r#"case "$*" in
*--replicas=*) echo "${*##*--replicas=}" > "$CALLS.count" ;;
*spec.replicas*) echo 2 ;;
*status.replicas*) echo $(cat "$CALLS.count" "$CALLS.count") ;;
esac"#,
    ),
    (
        "docker-compose",
        r#"case "$*" in
*version*) echo 2.29.0 ;;
*"ps -q"*) echo one; echo two ;;
esac"#,
    ),
];

/// Carries the plan out with the stand-ins; what changed something, in order.
fn changes(way: &str, marker: &str) -> (Finished, Vec<String>) {
    let (folder, programs) = (Folder::new(), tempfile::tempdir().expect("a folder"));
    let calls = programs.path().join("calls");
    for (name, body) in STAND_INS {
        let path = programs.path().join(name);
        std::fs::write(&path, format!("#!/bin/sh\necho {name} \"$@\" >> \"$CALLS\"\n{body}\n"))
            .expect("a file");
        std::fs::set_permissions(&path, Permissions::from_mode(0o755)).expect("our own file");
    }
    let path = format!("{}:{}", programs.path().display(), std::env::var("PATH").unwrap_or_default());
    let mut command = Command::new(LOADGEN);
    command.args(["lab", "--plan"]).arg(folder.plan(&standstill(way)));
    command.env("TMPDIR", folder.0.path()).env("PATH", path).env("CALLS", &calls);
    let said = Program::start(&mut command).finish(A_PLAN);
    folder.assert_clean();
    let calls = std::fs::read_to_string(&calls).expect("calls");
    (said, calls.lines().filter(|line| line.contains(marker)).map(str::to_owned).collect())
}

#[test]
fn what_somebody_else_runs_is_scaled_and_put_back_as_it_was_found() {
    for (way, marker, expected) in [
        (
            "scale = \"cloud resize {replicas}\"\ncount = \"cloud size\"",
            "resize",
            ["cloud resize 3", "cloud resize 2"],
        ),
        (
            "kubernetes = { object = \"deployment/web\", namespace = \"shop\" }",
            " scale ",
            [
                "kubectl --namespace shop scale deployment/web --replicas=3",
                "kubectl --namespace shop scale deployment/web --replicas=2",
            ],
        ),
        (
            "compose = { service = \"web\", project = \"p\", files = [\"a.yaml\"] }",
            " up ",
            [
                "docker-compose -p p -f a.yaml up -d --no-deps --no-recreate --scale web=3 web",
                "docker-compose -p p -f a.yaml up -d --no-deps --no-recreate --scale web=2 web",
            ],
        ),
    ] {
        let (said, changes) = changes(way, marker);
        assert_eq!(changes, expected, "{said:?}");
        assert_refused(&said, 4, &["`throughput`", "stood at 0"]);
        assert!(said.stderr.contains("$ "), "commands are told: {}", said.stderr);
    }
}

#[test]
fn a_command_that_fails_is_told_with_what_it_said() {
    let folder = Folder::new();
    let way = "scale = \"resize {replicas}\"\ncount = \"echo no such cloud >&2; exit 1\"";
    let said = folder.start(&folder.plan(&standstill(way))).finish(SOON);
    assert_refused(&said, 4, &["`web`", "no such cloud"]);
    folder.assert_clean();
}
