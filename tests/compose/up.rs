//! `docker-compose up` in the foreground: the page, rng and hasher on their ports, and ^C.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::harness::compose::Stack;
use crate::harness::figures::Figures;
use crate::harness::http::{get, post};
use crate::harness::program::Program;
use crate::harness::wait::eventually;

const SOON: Duration = Duration::from_secs(30);

/// FIPS 180-2, appendix B.1.
const SHA256_OF_ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

/// From ^C to the end of docker-compose.
const MOST_TO_STOP: Duration = Duration::from_secs(2);

/// Brings that many containers up, looks, and interrupts; returns how long it took to stop.
fn time_to_stop(stack: &Stack, containers: usize, arguments: &[&str]) -> Duration {
    let mut up = Program::start(&mut stack.compose(&[&["up"], arguments].concat()));
    // An interrupt before all are started and attached to would leave those that are.
    let all_run = || (stack.running().lines().count() == containers).then_some(());
    eventually("all containers", SOON, all_run);
    up.stdout()
        .find("the logs of all containers", SOON, |line| line.starts_with("Attaching to").then_some(()));
    let webui = stack.webui();
    assert_serves(webui, stack.address(8001), stack.address(8002));
    let interrupted_at = Instant::now();
    up.signal(Signal::INT);
    up.finish(SOON);
    let took = interrupted_at.elapsed();
    assert_eq!(stack.running(), "", "containers run on");
    took
}

/// One more try, since somebody else's seconds on the same machine must not fail ours.
#[track_caller]
fn assert_stops_in_time(stop: impl Fn() -> Duration) {
    let first = stop();
    if first >= MOST_TO_STOP {
        let second = stop();
        assert!(second < MOST_TO_STOP, "{first:?}, then {second:?}");
    }
}

fn assert_serves(webui: SocketAddr, rng: SocketAddr, hasher: SocketAddr) {
    let page = get(webui, "/");
    assert!((300..400).contains(&page.status), "{page:?}");
    assert_eq!(page.header("location"), Some("/index.html"));
    assert_eq!(get(webui, "/index.html").status, 200);
    assert!(get(rng, "/").text().starts_with("RNG running on "));
    assert_eq!(get(rng, "/32").body.len(), 32);
    assert!(get(hasher, "/").text().starts_with("HASHER running on "));
    assert_eq!(post(hasher, b"abc").text(), SHA256_OF_ABC);
    eventually("hashes on the page", SOON, || Figures::of(webui).filter(|figures| figures.hashes > 0));
}

#[test]
#[ignore = "needs Docker"]
fn in_the_foreground_it_serves_and_an_interrupt_stops_it_within_two_seconds() {
    let stack = Stack::new("up");
    assert_stops_in_time(|| time_to_stop(&stack, 6, &[]));
}

#[test]
#[ignore = "needs Docker"]
fn scaled_to_ten_workers_and_three_rng_it_stops_as_fast() {
    let stack = Stack::new("up-scaled");
    assert_stops_in_time(|| time_to_stop(&stack, 17, &["--scale", "worker=10", "--scale", "rng=3"]));
}
