//! `loadgen bench` as a gate, as a search, and under watch: expectations, giving up, the knee, Prometheus.

use std::net::TcpListener;
use std::process::Command;
use std::time::{Duration, Instant};

use rustix::process::Signal;
use serde_json::Value;

use crate::harness::LOADGEN;
use crate::harness::http::get;
use crate::harness::machine;
use crate::harness::metrics::Metrics;
use crate::harness::program::{Finished, Program, run};
use crate::harness::refusing::Refusing;
use crate::harness::report::number;
use crate::harness::service::Service;
use crate::harness::wait::eventually;

const SOON: Duration = Duration::from_secs(60);

/// A search takes some trials.
const SEARCH: Duration = Duration::from_secs(120);

fn rng(service_time: &str) -> Service {
    Service::start("rng", &["--service-time", service_time])
}

fn arguments<'a>(url: &'a str, flags: &[&'a str]) -> Vec<&'a str> {
    [&["bench", url], flags].concat()
}

fn bench(service: &Service, flags: &[&str], within: Duration) -> Finished {
    run(LOADGEN, &arguments(&format!("http://{}/32", service.address()), flags), within)
}

fn json(said: &Finished) -> Value {
    serde_json::from_str(&said.stdout).unwrap_or_else(|error| panic!("{error}: {said:?}"))
}

#[test]
fn what_was_expected_decides_the_exit_code_and_is_in_the_report() {
    let rng = rng("0ms");
    let flags = ["-n", "50", "-c", "2", "--json", "-", "--expect", "errors<=0%", "--expect"];
    for (expectation, code) in [("p99<10s", 0), ("p99 > 10s", 1), ("tls.p99<10s", 1)] {
        let said = bench(&rng, &[&flags[..], &[expectation]].concat(), SOON);
        assert_eq!(said.status.code(), Some(code), "{said:?}");
        let report = json(&said);
        let [errors, other] = &report["expectations"].as_array().expect("a list")[..] else { panic!("two") };
        assert_eq!((&errors["held"], errors["measured"].as_str()), (&Value::Bool(true), Some("0 %")));
        assert_eq!(
            (other["held"].as_bool(), other["expectation"].as_str()),
            (Some(code == 0), Some(expectation))
        );
    }
}

#[test]
fn wrong_goals_are_usage_errors_that_say_what_would_work() {
    for (flags, remedy) in [
        (["--expect", "p99<250"].as_slice(), "250ms"),
        (&["--expect", "speed>9"], "no metric `speed`"),
        (&["--abort-on-fail"], "--expect"),
        (&["--find-knee", "p99"], "'p99<250ms'"),
        (&["--find-knee", "p99<1s", "-n", "5"], "--requests"),
        (&["--find-knee", "p99<1s", "--trial", "1ms"], "5s"),
        (&["--find-knee", "p99<1s", "--knee-tolerance", "0"], "5%"),
        (&["--prometheus", "9464"], "localhost:9464"),
    ] {
        let said = run(LOADGEN, &arguments("localhost:1", flags), SOON);
        assert_eq!(said.status.code(), Some(2), "{flags:?}: {said:?}");
        assert!(said.stderr.contains(remedy), "{flags:?}: {said:?}");
    }
}

#[test]
fn a_run_whose_goal_is_lost_is_given_up_and_says_why() {
    let rng = rng("50ms");
    let began_at = Instant::now();
    let flags = ["-c", "2", "-z", "300s", "--expect", "p99<20ms", "--abort-on-fail", "--json", "-"];
    let said = bench(&rng, &[&flags[..], &["--warmup", "0s"]].concat(), SOON);
    assert!(began_at.elapsed() < SOON && said.status.code() == Some(1), "{said:?}");
    let aborted = &json(&said)["aborted"];
    assert_eq!(aborted["expectation"], "p99<20ms");
    assert!((1.0..60.0).contains(&number(&aborted["at_s"])), "{aborted}");
    let line = said.stderr.lines().find(|line| line.starts_with("given up after")).expect("a line");
    assert!(line.contains("p99<20ms") && line.contains("100 % of response times over 20 ms"), "{line}");
}

#[test]
fn the_knee_of_rng_is_where_its_one_slot_is_full() {
    machine::steadily(|| {
        // 200/s is all that it can do.
        let rng = rng("5ms");
        let flags =
            ["--find-knee", "p99<150ms", "--find-knee", "errors<1%", "--trial", "500ms", "--json", "-"];
        let range = ["-q", "50", "--max-rate", "1600", "--knee-tolerance", "20%", "--warmup", "200ms"];
        let said = bench(&rng, &[&flags[..], &range].concat(), SEARCH);
        assert_eq!(said.status.code(), Some(0), "{said:?}");
        let report = json(&said);
        let knee = &report["knee"];
        assert!((110.0..230.0).contains(&number(&knee["rate_per_s"])), "{said:?}");
        assert_eq!(
            (&knee["validated"], knee["ended"].as_str()),
            (&Value::Bool(true), Some("found")),
            "{said:?}"
        );
        let trials = knee["trials"].as_array().expect("a list");
        let told = said.stderr.lines().filter(|line| line.contains("p99<150ms: ")).count();
        assert_eq!(trials.len(), told, "{said:?}");
        // The report is that of the run at the knee.
        assert_eq!(report["plan"]["rate_per_s"], knee["rate_per_s"]);
        assert_eq!(report["expectations"].as_array().map(Vec::len), Some(2));
    });
}

/// A backlog that grows for a second or three keeps 500 ms; it would not for long.
#[test]
fn a_rate_above_what_the_server_can_do_is_no_knee_however_short_the_trials() {
    machine::steadily(|| {
        // 100/s is all that it can do.
        let echo = Service::start("echo", &["--slots", "1", "--service-time", "10ms"]);
        let flags = ["--find-knee", "p99<500ms", "--trial", "1s", "-q", "80", "--json", "-"];
        let said = bench(&echo, &flags, SEARCH);
        assert_eq!(said.status.code(), Some(0), "{said:?}");
        let knee = &json(&said)["knee"];
        assert!((75.0..105.0).contains(&number(&knee["rate_per_s"])), "{said:?}");
        assert!(said.stderr.contains("fails; the backlog grew by "), "{said:?}");
    });
}

#[test]
fn an_interrupted_search_reports_what_it_knows() {
    let rng = rng("0ms");
    let url = format!("http://{}/32", rng.address());
    let flags = ["--find-knee", "p99<10s", "--trial", "300ms", "--warmup", "0s", "--json", "-"];
    let mut search = Program::start(Command::new(LOADGEN).args(arguments(&url, &flags)));
    search.stderr().find("a trial", SOON, |line| line.contains("holds").then_some(()));
    search.signal(Signal::INT);
    let said = search.finish(SOON);
    assert_eq!(said.status.code(), Some(130), "{said:?}");
    let knee = &json(&said)["knee"];
    assert_eq!(knee["ended"], "interrupted");
    assert!(number(&knee["rate_per_s"]) >= 10.0 && knee["validated"] == false, "{knee}");
}

#[test]
fn a_search_where_nothing_listens_ends_at_once() {
    let nobody = Refusing::start();
    let address = nobody.address().to_string();
    let flags = ["--find-knee", "p99<10s", "--trial", "200ms", "--warmup", "0s"];
    let said = run(LOADGEN, &arguments(&address, &flags), SOON);
    assert_eq!(said.status.code(), Some(4), "{said:?}");
}

#[test]
fn prometheus_sees_a_run_while_it_goes_on() {
    let rng = rng("0ms");
    let url = format!("http://{}/32", rng.address());
    let flags = ["-c", "2", "-z", "300s", "--prometheus", "127.0.0.1:0"];
    let mut bench = Program::start(Command::new(LOADGEN).args(arguments(&url, &flags)));
    let told = |line: &str| {
        Some(line.split_once("metrics are on http://")?.1.trim_end_matches("/metrics").to_owned())
    };
    let address = bench.stderr().find("the address", SOON, told).parse().expect("an address");
    let successes = || Metrics::of(address).count("loadgen_requests_total", &[("outcome", "200")]);
    let first = eventually("successes", SOON, || Some(successes()).filter(|count| *count > 0));
    eventually("more successes", SOON, || (successes() > first).then_some(()));
    let page = get(address, "/metrics");
    assert!(page.text().contains("loadgen_connections_total 2\n"), "{}", page.text());
    assert!(page.text().contains("loadgen_response_time_seconds_bucket{le=\"0.0001\"}"), "{}", page.text());
    bench.signal(Signal::INT);
    assert_eq!(bench.finish(SOON).status.code(), Some(130));
}

#[test]
fn a_taken_metrics_address_is_told_before_anything_is_sent() {
    let rng = rng("0ms");
    let taken = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = taken.local_addr().expect("an address").to_string();
    let said = bench(&rng, &["-n", "5", "--prometheus", &address], SOON);
    assert_eq!(said.status.code(), Some(4), "{said:?}");
    assert_eq!(said.stderr.trim_end().lines().count(), 1, "{said:?}");
    assert!(said.stderr.contains(&address) && said.stderr.contains("--prometheus"), "{said:?}");
    assert_eq!(Metrics::of(rng.admin).count("dockercoins_station_arrivals_total", &[]), 0);
}
