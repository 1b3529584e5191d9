//! `dockercoins health`, as a container's health check runs it.

use std::process::Command;
use std::time::Duration;

use crate::harness::DOCKERCOINS;
use crate::harness::http::put;
use crate::harness::program::{Finished, Program, run};
use crate::harness::service::Service;

const SOON: Duration = Duration::from_secs(30);

/// Asks the admin port that the environment tells, as in a container.
fn health(rng: &Service) -> Finished {
    let mut command = Command::new(DOCKERCOINS);
    Program::start(command.arg("health").env("ADMIN_LISTEN", rng.admin.to_string())).finish(SOON)
}

/// That code, and one line on standard error that has all of `parts`.
#[track_caller]
fn assert_fails(said: &Finished, code: i32, parts: &[&str]) {
    assert_eq!(said.status.code(), Some(code), "{said:?}");
    assert_eq!(said.stderr.lines().count(), 1, "{said:?}");
    assert!(parts.iter().all(|part| said.stderr.contains(part)), "{said:?}");
}

#[test]
fn a_service_is_healthy_while_it_is_ready() {
    let mut rng = Service::start("rng", &["--enable-faults"]);
    let said = health(&rng);
    assert!(said.status.success() && said.stdout.is_empty() && said.stderr.is_empty(), "{said:?}");
    put(rng.admin, "/faults", r#"{"fail_readiness": true}"#);
    assert_fails(&health(&rng), 1, &["not healthy", "/readyz", "503: not ready"]);
    rng.stop(SOON);
    assert_fails(&health(&rng), 1, &["not healthy", &rng.admin.to_string(), "refused"]);
}

#[test]
fn any_url_can_be_asked_and_is_given_so_much_time() {
    let rng = Service::start("rng", &["--service-time", "30s"]);
    let url = |path: &str| format!("http://{}{path}", rng.address());
    assert!(run(DOCKERCOINS, &["health", "--url", &url("/")], SOON).status.success());
    assert_fails(&run(DOCKERCOINS, &["health", "--url", &url("/no")], SOON), 1, &["answered 4"]);
    let slow = run(DOCKERCOINS, &["health", "--url", &url("/32"), "--timeout", "100ms"], SOON);
    assert_fails(&slow, 1, &["did not answer within 100ms"]);
}

#[test]
fn wrong_usage_names_the_flag() {
    assert_fails(&run(DOCKERCOINS, &["health", "--url", "rng:80"], SOON), 2, &["--url", "http://"]);
    assert_fails(&run(DOCKERCOINS, &["health", "--timeout", "2"], SOON), 2, &["--timeout", "unit"]);
}
