//! `loadgen ping`: the httping habit.

use std::net::TcpListener;
use std::time::Duration;

use rustix::process::Signal;

use crate::harness::LOADGEN;
use crate::harness::http::Call;
use crate::harness::machine;
use crate::harness::metrics::Metrics;
use crate::harness::program::{Program, run};
use crate::harness::service::Service;
use crate::harness::wait::eventually;

const SOON: Duration = Duration::from_secs(10);

/// The numbers of the summary line that names them as `min/avg/max`.
fn summary(stdout: &str) -> Vec<f64> {
    let line = stdout.lines().find(|line| line.contains("min/avg/max")).expect("a summary");
    let (_, figures) = line.split_once('=').expect("figures after an equals sign");
    figures.trim().trim_end_matches(" ms").split('/').map(|n| n.trim().parse().expect("a number")).collect()
}

#[test]
fn three_pings_are_three_lines_and_a_summary() {
    let rng = Service::start("rng", &["--hostname", "rng-1"]);
    let url = format!("http://{}/", rng.address());
    let said = run(LOADGEN, &["ping", &url, "-c", "3", "-i", "0.1"], SOON);
    assert_eq!(said.status.code(), Some(0), "{said:?}");
    let answers = said.stdout.lines().filter(|line| line.contains("seq=")).count();
    assert_eq!(answers, 3, "{}", said.stdout);
    let figures = summary(&said.stdout);
    assert!(figures[0] > 0.0 && figures[0] <= figures[1] && figures[1] <= figures[2], "{}", said.stdout);
}

#[test]
fn ping_waits_behind_a_busy_rng() {
    let _turn = machine::steady();
    let rng = Service::start("rng", &[]);
    let _calls: Vec<Call> = (0..5).map(|_| Call::send(rng.address(), "GET", "/32", b"")).collect();
    let arrived = || Metrics::of(rng.admin).count("dockercoins_station_arrivals_total", &[]) >= 5;
    eventually("five arrivals", SOON, || arrived().then_some(()));
    let said = run(LOADGEN, &["ping", &format!("http://{}/", rng.address()), "-c", "1"], SOON);
    let average_ms = summary(&said.stdout)[1];
    assert!((250.0..520.0).contains(&average_ms), "{}", said.stdout);
}

#[test]
fn ping_asks_with_get_on_request() {
    let rng = Service::start("rng", &["--service-time", "0ms"]);
    for (flags, method) in [([].as_slice(), "HEAD"), (&["-G"], "GET")] {
        let (url, count) = (format!("http://{}/32", rng.address()), ["-c", "1"]);
        let said = run(LOADGEN, &[&["ping", &url], &count[..], flags].concat(), SOON);
        assert_eq!(said.status.code(), Some(0), "{method}: {said:?}");
    }
}

#[test]
fn a_dead_port_fails_and_says_so() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("an address");
    drop(listener);
    let said = run(LOADGEN, &["ping", &format!("http://{address}/"), "-c", "2", "-i", "0.1"], SOON);
    assert_eq!(said.status.code(), Some(1), "{said:?}");
    let everything = [said.stdout, said.stderr].join("\n").to_lowercase();
    assert!(everything.contains("refused"), "{everything}");
}

#[test]
fn an_interrupt_ends_ping_with_its_summary() {
    let rng = Service::start("rng", &["--service-time", "0ms"]);
    let url = format!("http://{}/", rng.address());
    let mut ping = Program::start(std::process::Command::new(LOADGEN).args(["ping", &url, "-i", "0.05"]));
    ping.stdout().find("an answer", SOON, |line| line.contains("seq=").then_some(()));
    ping.signal(Signal::INT);
    summary(&ping.finish(SOON).stdout);
}

#[test]
fn a_bad_url_or_interval_is_a_usage_error() {
    for arguments in [["ping", "not a url"].as_slice(), &["ping", "http://x/", "-i", "soon"], &["ping"]] {
        assert_eq!(run(LOADGEN, arguments, SOON).status.code(), Some(2), "{arguments:?}");
    }
}
