//! One forwarder with a port for each service, as the compose file uses it.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::harness::DOCKERCOINS;
use crate::harness::http::{Call, get};
use crate::harness::program::run;
use crate::harness::service::Service;
use crate::harness::wait::eventually;

const SOON: Duration = Duration::from_secs(30);

fn rng(hostname: &str) -> Service {
    Service::start("rng", &["--service-time", "0ms", "--hostname", hostname])
}

/// Where the forwarder listens for what goes to `to`.
fn entrance(forward: &Service, to: &str) -> SocketAddr {
    let end = format!(" to {to}");
    let port = forward.program.stdout().find(&end, SOON, |line| {
        let address = line.split_once("forwarding ")?.1.strip_suffix(&end)?;
        address.parse::<SocketAddr>().ok().map(|address| address.port())
    });
    (Ipv4Addr::LOCALHOST, port).into()
}

fn served_by(entrance: SocketAddr) -> String {
    get(entrance, "/").header("x-served-by").expect("who answered").to_owned()
}

#[test]
fn each_route_leads_to_its_own_service() {
    let (a, b) = (rng("a"), rng("b"));
    let (to_a, to_b) = (a.address().to_string(), b.address().to_string());
    let flags = ["--route", &format!("0={to_a}"), "--route", &format!("0={to_b}")];
    let variables = [("FORWARD_ROUTES", &*format!("0={to_a},0={to_b}"))];
    for forward in [Service::start("forward", &flags), Service::in_environment("forward", &variables, &[])] {
        assert_eq!(served_by(entrance(&forward, &to_a)), "a");
        assert_eq!(served_by(entrance(&forward, &to_b)), "b");
        eventually("readiness", SOON, || (get(forward.admin, "/readyz").status == 200).then_some(()));
    }
}

#[test]
fn an_address_of_the_name_at_which_nobody_listens_is_passed_over() {
    let rng = rng("a");
    // Where localhost has an IPv6 address too, nobody listens there.
    let to = format!("localhost:{}", rng.address().port());
    let forward = Service::start("forward", &["--route", &format!("0={to}")]);
    for _ in 0..4 {
        assert_eq!(served_by(entrance(&forward, &to)), "a");
    }
}

#[test]
fn a_request_under_way_at_the_end_is_answered_on_every_route() {
    let slow = || Service::start("rng", &["--service-time", "2s"]);
    let (a, b) = (slow(), slow());
    let (to_a, to_b) = (a.address().to_string(), b.address().to_string());
    let flags = ["--route", &format!("0={to_a}"), "--route", &format!("0={to_b}")];
    let mut forward = Service::start("forward", &flags);
    let calls = [&to_a, &to_b].map(|to| Call::send(entrance(&forward, to), "GET", "/32", b""));
    for service in [&a, &b] {
        let arrived = || get(service.admin, "/metrics").text().contains("in_flight_requests 1").then_some(());
        eventually("the request's arrival", SOON, arrived);
    }
    forward.program.signal(Signal::TERM);
    for call in calls {
        assert_eq!(call.answer().body.len(), 32);
    }
    assert!(forward.program.finish(SOON).status.success());
}

#[test]
fn until_every_name_is_resolved_it_is_not_ready_and_clients_are_turned_away_after_a_while() {
    let rng = rng("a");
    let (here, nowhere) = (rng.address().to_string(), format!("{}:80", "x".repeat(64)));
    let flags = ["--route", &format!("0={here}"), "--route", &format!("0={nowhere}")];
    let forward = Service::start("forward", &flags);
    assert_eq!(served_by(entrance(&forward, &here)), "a");
    assert_eq!(get(forward.admin, "/readyz").status, 503);
    let began = Instant::now();
    assert!(Call::raw(entrance(&forward, &nowhere), "GET", b"").is_closed());
    assert!((Duration::from_secs(1)..SOON).contains(&began.elapsed()), "{:?}", began.elapsed());
}

#[test]
fn a_taken_port_is_told_with_its_route() {
    let taken = std::net::TcpListener::bind("[::]:0").expect("a free port");
    let route = format!("{}=rng:80", taken.local_addr().expect("an address").port());
    let flags = ["forward", "--route", &route, "--admin-listen", "127.0.0.1:0"];
    let said = run(DOCKERCOINS, &flags, SOON);
    assert_eq!(said.status.code(), Some(1), "{said:?}");
    assert_eq!(said.stderr.lines().count(), 1, "{said:?}");
    assert!(["--route", &route, "in use"].iter().all(|part| said.stderr.contains(part)), "{said:?}");
}
