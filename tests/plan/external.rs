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

/// Programs that write down how they were called, and answer as if there were two replicas. The cloud takes its time: it has as
/// many as it should when it is asked a second time.
const STAND_INS: [(&str, &str); 4] = [
    (
        "cloud",
        r#"case "$1" in
resize) echo "$2" > "$CALLS.wanted" ;;
size) cat "$CALLS.count" 2>/dev/null || echo 2; mv "$CALLS.wanted" "$CALLS.count" 2>/dev/null || true ;;
esac"#,
    ),
    ("kubectl", KUBECTL),
    (
        "docker-compose",
        r#"case "$*" in
*version*) echo 2.29.0 ;;
*"ps -q"*) echo one; echo two ;;
esac"#,
    ),
    (
        "docker",
        r#"shift 3; printf '['
for id; do
    printf '%s{"Id":"%s","Name":"/%s","State":{"Status":"running"},"NetworkSettings":{},' "$comma" "$id" "$id"
    printf '"Config":{"Labels":{"com.docker.compose.project":"p","com.docker.compose.service":"web",'
    printf '"com.docker.compose.container-number":"1"}}}'
    comma=,
done
echo ']'"#,
    ),
];

/// Is at once as it is told to be; like the API server it leaves zeros out.
const KUBECTL: &str = r#"count=$(cat "$CALLS.count" 2>/dev/null || echo 2)
case "$*" in
*--replicas=*) echo "${*##*--replicas=}" > "$CALLS.count" ;;
*status.replicas*) [ "$count" = 0 ] && echo 0////  || echo "$count/$count/$count/1/1" ;;
*spec.replicas*) echo "$count" ;;
esac"#;

/// Carries the plan out with the stand-ins, the one called `name` having `body`; what changed something, in order.
fn changes(way: &str, marker: &str, name: &str, body: &str) -> (Finished, Vec<String>) {
    let (folder, programs) = (Folder::new(), tempfile::tempdir().expect("a folder"));
    let calls = programs.path().join("calls");
    std::fs::write(programs.path().join("a.yaml"), "").expect("a file");
    for (program, usual) in STAND_INS {
        let body = if program == name { body } else { usual };
        let path = programs.path().join(program);
        std::fs::write(&path, format!("#!/bin/sh\necho {program} \"$@\" >> \"$CALLS\"\n{body}\n"))
            .expect("a file");
        std::fs::set_permissions(&path, Permissions::from_mode(0o755)).expect("our own file");
    }
    let path = format!("{}:{}", programs.path().display(), std::env::var("PATH").unwrap_or_default());
    let mut command = Command::new(LOADGEN);
    command.args(["lab", "--no-report", "--plan"]).arg(folder.plan(&standstill(way)));
    command.current_dir(programs.path());
    command.env("TMPDIR", folder.0.path()).env("PATH", path).env("CALLS", &calls);
    let said = Program::start(&mut command).finish(A_PLAN);
    folder.assert_clean();
    let calls = std::fs::read_to_string(&calls).unwrap_or_default();
    (said, calls.lines().filter(|line| line.contains(marker)).map(str::to_owned).collect())
}

const BY_KUBECTL: &str = "kubernetes = { object = \"deployment/web\", namespace = \"shop\" }";
const BY_COMPOSE: &str = "compose = { service = \"web\", project = \"p\", files = [\"a.yaml\"] }";

#[test]
fn what_somebody_else_runs_is_scaled_and_put_back_as_it_was_found() {
    for (way, marker, expected) in [
        (
            "scale = \"cloud resize {replicas}\"\ncount = \"cloud size\"",
            "resize",
            ["cloud resize 3", "cloud resize 2"],
        ),
        (
            BY_KUBECTL,
            " scale ",
            [
                "kubectl --namespace shop scale deployment/web --replicas=3",
                "kubectl --namespace shop scale deployment/web --replicas=2",
            ],
        ),
        (
            BY_COMPOSE,
            " up ",
            [
                "docker-compose -p p -f a.yaml up -d --no-deps --no-recreate --scale web=3 web",
                "docker-compose -p p -f a.yaml up -d --no-deps --no-recreate --scale web=2 web",
            ],
        ),
    ] {
        let (said, changes) = changes(way, marker, "", "");
        assert_eq!(changes, expected, "{said:?}");
        assert_refused(&said, 4, &["`throughput`", "stood at 0"]);
        assert!(said.stderr.contains("$ "), "commands are told: {}", said.stderr);
    }
}

#[test]
fn a_step_begins_only_when_there_are_as_many_as_it_says() {
    let (said, looks) =
        changes("scale = \"cloud resize {replicas}\"\ncount = \"cloud size\"", "cloud", "", "");
    let before_the_step: Vec<&str> = looks.iter().take(4).map(String::as_str).collect();
    assert_eq!(before_the_step, ["cloud size", "cloud resize 3", "cloud size", "cloud size"], "{said:?}");
}

#[test]
fn what_was_scaled_to_nothing_is_put_back_to_nothing() {
    let body = KUBECTL.replace("echo 2", "echo 0");
    let (said, changes) = changes(BY_KUBECTL, " scale ", "kubectl", &body);
    let counts: Vec<&str> =
        changes.iter().filter_map(|call| Some(call.split_once("--replicas=")?.1)).collect();
    assert_eq!(counts, ["3", "0"], "{said:?}");
    assert_refused(&said, 4, &["`throughput`", "stood at 0"]);
}

#[test]
fn what_kubectl_cannot_scale_is_told_with_the_key_that_mends_it() {
    let not_found = r#"echo 'Error from server (NotFound): deployments.apps "web" not found' >&2; exit 1"#;
    let refused = "echo 'The connection to the server x:1 was refused - did you specify the right host or port?' >&2; exit 1";
    let forbidden = KUBECTL.replace(
        "echo \"${*##*--replicas=}\" > \"$CALLS.count\"",
        "echo 'Error from server (Forbidden): you cannot patch' >&2; exit 1",
    );
    let scaled_back = KUBECTL.replace("${*##*--replicas=}", "1");
    for (body, parts) in [
        (not_found, &["`web`", "\"web\" not found", "`object`", "`namespace`"][..]),
        (refused, &["`web`", "cluster does not answer", "`context` or KUBECONFIG"]),
        (&forbidden, &["`web`", "does not allow it", "cannot patch", "`context`"]),
        ("true", &["`web`", "deployment/web has no number of replicas"]),
        (&scaled_back, &["`web`", "told to have 3", "has 1", "somebody else", "get hpa"]),
    ] {
        let (said, _) = changes(BY_KUBECTL, " ", "kubectl", body);
        assert_refused(&said, 4, parts);
        let left = said.stderr.contains("not everything was put back: `web`: it was told to have 2");
        assert_eq!(left, body == scaled_back, "{said:?}");
    }
}

#[test]
fn a_compose_project_that_is_not_there_is_told_before_anything_is_changed() {
    let no_file = BY_COMPOSE.replace("a.yaml", "b.yaml");
    let not_up = r#"case "$*" in *version*) echo 2.29.0 ;; esac"#;
    let no_service =
        r#"case "$*" in *version*) echo 2.29.0 ;; *) echo no such service: web >&2; exit 1 ;; esac"#;
    for (way, name, body, parts) in [
        (
            BY_COMPOSE,
            "docker-compose",
            not_up,
            &["`web`", "nothing", "`docker-compose -p p -f a.yaml up -d`"][..],
        ),
        (BY_COMPOSE, "docker-compose", no_service, &["`web`", "no such service: web"]),
        (&no_file, "", "", &["`web`", "no compose file b.yaml", "`files`"]),
    ] {
        let (said, changes) = changes(way, " up ", name, body);
        assert_refused(&said, 4, parts);
        assert!(changes.is_empty(), "{changes:?}");
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
