//! The images, and the containers that compose.yaml makes of them: small, and with no right that they don't use.

use std::fs;
use std::path::Path;
use std::time::Duration;

use serde_json::Value;

use crate::harness::compose::{OUR_SERVICES, Stack, image};
use crate::harness::container::{Container, docker};
use crate::harness::program::run;

const SOON: Duration = Duration::from_secs(20);
/// The instrument brings TLS with its roots, HTTP/2 and a terminal; the application needs none of that.
const MOST_BYTES: [(&str, u64); 2] = [("dockercoins", 5_000_000), ("loadgen", 11_000_000)];
const USER: &str = "65532:65532";

fn described(program: &str) -> Value {
    let all: Value = serde_json::from_str(&docker(&["image", "inspect", &image(program)])).expect("JSON");
    all[0].clone()
}

#[test]
#[ignore = "needs Docker"]
fn images_are_small_and_run_their_program_as_nobody_in_particular() {
    for (program, most_bytes) in MOST_BYTES {
        let image = described(program);
        assert!(image["Size"].as_u64().expect("a size") <= most_bytes, "{program}: {}", image["Size"]);
        assert_eq!(image["Config"]["User"], USER, "{program}");
        assert_eq!(image["Config"]["Entrypoint"], serde_json::json!([format!("/{program}")]));
    }
}

#[test]
#[ignore = "needs Docker"]
fn images_say_what_they_are() {
    for program in ["dockercoins", "loadgen"] {
        let labels = described(program)["Config"]["Labels"].clone();
        for key in ["title", "description", "licenses", "version", "revision"] {
            let label = labels[format!("org.opencontainers.image.{key}")].as_str();
            assert!(label.is_some_and(|text| !text.is_empty()), "{program}: {key} in {labels}");
        }
        assert_eq!(labels["org.opencontainers.image.title"], program);
    }
}

#[test]
#[ignore = "needs Docker"]
fn the_image_of_the_services_checks_its_health_and_the_other_does_not() {
    let check = &described("dockercoins")["Config"]["Healthcheck"]["Test"];
    assert_eq!(check, &serde_json::json!(["CMD", "/dockercoins", "health"]));
    assert!(described("loadgen")["Config"]["Healthcheck"].is_null());
}

#[test]
#[ignore = "needs Docker"]
fn images_hold_no_shell() {
    for program in ["dockercoins", "loadgen"] {
        let image = image(program);
        let said = run("docker", &["run", "--rm", "--entrypoint", "/bin/sh", &image, "-c", "true"], SOON);
        assert_eq!(said.status.code(), Some(127), "{said:?}");
        assert!(said.stderr.contains("no such file"), "{said:?}");
    }
}

/// What the kernel says of a container's main process: one line of its status.
fn status(container: &Container, key: &str) -> String {
    let path = Path::new("/proc").join(container.process().pid().to_string()).join("status");
    let text = fs::read_to_string(path).expect("the process lives");
    let value = text.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(":\t"));
    value.unwrap_or_else(|| panic!("no {key} in {text}")).to_owned()
}

fn assert_confined(container: &Container) {
    let host = container.field("/HostConfig");
    assert_eq!(host["ReadonlyRootfs"], true, "{host:#}");
    assert_eq!(host["CapDrop"], serde_json::json!(["ALL"]), "{host:#}");
    assert_eq!(status(container, "NoNewPrivs"), "1");
    for set in ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"] {
        assert_eq!(status(container, set), "0000000000000000", "{set}");
    }
    assert!(status(container, "Uid").split('\t').all(|id| id != "0"), "root");
}

#[test]
#[ignore = "needs Docker"]
fn containers_are_confined() {
    let stack = Stack::new("images");
    stack.up(&[]);
    for service in OUR_SERVICES {
        assert_eq!(stack.container(service).field("/Config/User"), USER, "{service}");
    }
    for service in OUR_SERVICES.into_iter().chain(["redis"]) {
        assert_confined(&stack.container(service));
    }
}
