//! `loadgen ping`: the httping habit.

use std::process::Command;
use std::time::Duration;

use rustix::process::Signal;

use crate::harness::LOADGEN;
use crate::harness::http::Call;
use crate::harness::machine;
use crate::harness::metrics::Metrics;
use crate::harness::program::{Program, run};
use crate::harness::refusing::Refusing;
use crate::harness::service::Service;
use crate::harness::wait::eventually;
use serde_json::Value;

const SOON: Duration = Duration::from_secs(30);

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
    machine::steadily(|| {
        let rng = Service::start("rng", &[]);
        let _calls: Vec<Call> = (0..5).map(|_| Call::send(rng.address(), "GET", "/32", b"")).collect();
        let arrived = || Metrics::of(rng.admin).count("dockercoins_station_arrivals_total", &[]) >= 5;
        eventually("five arrivals", SOON, || arrived().then_some(()));
        let said = run(LOADGEN, &["ping", &format!("http://{}/", rng.address()), "-c", "1"], SOON);
        let average_ms = summary(&said.stdout)[1];
        assert!((250.0..520.0).contains(&average_ms), "{}", said.stdout);
    });
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
    let nobody = Refusing::start();
    let said =
        run(LOADGEN, &["ping", &format!("http://{}/", nobody.address()), "-c", "2", "-i", "0.1"], SOON);
    assert_eq!(said.status.code(), Some(1), "{said:?}");
    let everything = [said.stdout, said.stderr].join("\n").to_lowercase();
    assert!(everything.contains("refused"), "{everything}");
}

#[test]
fn an_interrupt_ends_ping_with_its_summary() {
    let rng = Service::start("rng", &["--service-time", "0ms"]);
    let url = format!("http://{}/", rng.address());
    let mut ping = Program::start(Command::new(LOADGEN).args(["ping", &url, "-i", "0.05"]));
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

#[test]
fn fingers_that_know_httping_find_its_flags() {
    let rng = Service::start("rng", &["--service-time", "0ms"]);
    let (url, port) = (format!("http://{}/32", rng.address()), rng.address().port().to_string());
    let cases: [(&[&str], &str); 7] = [
        (&["-c", "2", "-f", "-g", &url], "2 connects, 2 ok, 0.00% failed"),
        (&["-c1", "-h", "127.0.0.1", "-p", &port], "PING 127.0.0.1:"),
        (&["-c1", "--ai", "-i", ".1", "-r", "-Z", &url], "connected to 127.0.0.1:"),
        (&["-fc2", "-Q", "-S", &url], "pinged host 127.0.0.1:"),
        (&["-c1", "-GbsY", &url], "KB/s"),
        (&["-c1", "-n", "60000,90000", &url], "OK - average httping-time is "),
        (&["--help"], "(-h is the host, as httping has it)"),
    ];
    for (flags, part) in cases {
        let said = run(LOADGEN, &[&["ping"], flags].concat(), SOON);
        assert_eq!(said.status.code(), Some(0), "{flags:?}: {said:?}");
        assert!(said.stdout.contains(part), "{flags:?}: {}", said.stdout);
    }
}

#[test]
fn a_check_of_nobody_is_critical() {
    let nobody = Refusing::start();
    let url = format!("http://{}/", nobody.address());
    let said = run(LOADGEN, &["ping", "-c", "1", "-n", "100,200", &url], SOON);
    assert_eq!(said.status.code(), Some(2), "{said:?}");
    assert!(said.stdout.starts_with("CRITICAL - ") && said.stdout.contains("refused"), "{said:?}");
}

#[test]
fn json_is_whole_even_after_sigterm() {
    let rng = Service::start("rng", &["--service-time", "0ms", "--hostname", "rng-1"]);
    let url = format!("http://{}/", rng.address());
    let mut ping = Program::start(Command::new(LOADGEN).args(["ping", "-M", "-i", "0.05", &url]));
    ping.stdout().find("a ping", SOON, |line| line.contains("\"seq\"").then_some(()));
    ping.signal(Signal::TERM);
    let said = ping.finish(SOON);
    let document: Value = serde_json::from_str(&said.stdout).expect("one JSON document");
    assert_eq!(said.status.code(), Some(130), "{said:?}");
    assert_eq!(document["pings"][0]["served_by"], "rng-1");
    assert!(document["targets"][0]["successes"].as_u64().expect("a count") >= 1, "{document}");
}

#[test]
fn the_slowest_of_several_is_named_first() {
    let (rng, hasher) = (Service::start("rng", &[]), Service::start("hasher", &[]));
    let urls = [format!("http://{}/", hasher.address()), format!("http://{}/1", rng.address())];
    let said = run(LOADGEN, &["ping", "-G", "-c", "3", "-i", "0.2", &urls[0], &urls[1]], SOON);
    let ranking: Vec<&str> = said.stdout.lines().skip_while(|line| !line.contains("slowest first")).collect();
    assert!(ranking[1].starts_with(&format!("1. {}/1: avg ", rng.address())), "{}", said.stdout);
    assert!(ranking[2].starts_with(&format!("2. {}: avg ", hasher.address())), "{}", said.stdout);
    assert!(ranking[2].contains(" ± "), "{}", said.stdout);
}

/// On a terminal made by script(1), from util-linux.
#[test]
fn the_graph_gives_the_terminal_back_before_the_statistics() {
    let rng = Service::start("rng", &["--service-time", "0ms"]);
    let command = format!("stty rows 30 cols 100; '{LOADGEN}' ping -K -c 5 -i 0.1 http://{}/", rng.address());
    let said = run("script", &["--quiet", "--return", "--command", &command, "/dev/null"], SOON);
    assert_eq!(said.status.code(), Some(0), "{said:?}");
    let (graph, rest) = said.stdout.split_once("\u{1b}[?1049l").expect("the alternate screen is left");
    assert!(graph.contains("\u{1b}[?1049h") && graph.contains("q leaves, h halts"), "{graph:?}");
    assert!(rest.contains("5 connects, 5 ok"), "{rest:?}");
}

#[test]
fn a_graph_without_a_terminal_is_a_usage_error() {
    let said = run(LOADGEN, &["ping", "-K", "http://127.0.0.1:1/"], SOON);
    assert_eq!(said.status.code(), Some(2), "{said:?}");
    assert!(said.stderr.contains("-K needs a terminal"), "{said:?}");
}
