//! Health checks, on idle services and under load: one that waits in rng's queue calls a busy service ill, ours does not.

use std::time::Duration;

use crate::harness::compose::{OUR_SERVICES, Stack};
use crate::harness::container::Container;
use crate::harness::http::get;
use crate::harness::program::run;
use crate::harness::wait::eventually;

const TO_CHECK: Duration = Duration::from_secs(60);
const SOON: Duration = Duration::from_secs(10);

/// Past thirteen workers a request waits longer in the queue than the naive check's second.
const MANY: &str = "worker=15";

fn wait_until(service: &str, state: &str, stack: &Stack) {
    let is = |container: &Container| container.health() == state;
    let all_are = || stack.containers(service).iter().all(is).then_some(());
    eventually(&format!("{service} is {state}"), TO_CHECK, all_are);
}

/// The check, run by hand: it ends with zero, or else with one and a line.
fn assert_tells_by_hand(container: &Container) {
    let health = |arguments: &[&str]| {
        run("docker", &[&["exec", container.id(), "/dockercoins", "health"], arguments].concat(), SOON)
    };
    let healthy = health(&[]);
    assert!(healthy.status.success() && healthy.stderr.is_empty(), "{healthy:?}");
    let refused = health(&["--url", "http://127.0.0.1:1/"]);
    assert_eq!((refused.status.code(), refused.stderr.lines().count()), (Some(1), 1), "{refused:?}");
    assert!(refused.stderr.contains("http://127.0.0.1:1/"), "{refused:?}");
}

#[test]
#[ignore = "needs Docker"]
fn a_check_through_the_queue_calls_a_busy_rng_unhealthy() {
    let stack = Stack::with("naive", &["naive-health"]);
    stack.up(&[MANY]);
    wait_until("rng", "unhealthy", &stack);
    let listed = stack.done(&["ps", "rng"]);
    assert!(listed.contains("unhealthy"), "{listed}");
}

#[test]
#[ignore = "needs Docker"]
fn the_check_of_the_image_calls_a_busy_rng_and_everybody_else_healthy() {
    let stack = Stack::new("healthy");
    stack.up(&[MANY]);
    let rng = stack.address(8001);
    let slow = || (get(rng, "/").took > Duration::from_secs(1)).then_some(());
    eventually("a long queue", SOON, slow);
    for service in OUR_SERVICES.into_iter().chain(["redis"]) {
        wait_until(service, "healthy", &stack);
    }
    assert_tells_by_hand(&stack.container("rng"));
    let listed = stack.done(&["ps", "rng"]);
    assert!(listed.contains("healthy") && !listed.contains("unhealthy"), "{listed}");
}
