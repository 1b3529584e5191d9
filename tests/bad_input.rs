//! Bad input gets one clear line that names what to mend, and a failure.

use std::net::TcpListener;
use std::time::Duration;

use crate::harness::http::{Answer, Call, get, put};
use crate::harness::program::{Finished, run};
use crate::harness::project::Project;
use crate::harness::refusing::Refusing;
use crate::harness::service::Service;
use crate::harness::{DOCKERCOINS, LOADGEN};

const SOON: Duration = Duration::from_secs(30);

/// A port that is taken for as long as the listener lives.
fn taken() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = listener.local_addr().expect("an address").port().to_string();
    (listener, port)
}

/// The one line on standard error of a program that failed; it must mention each of `names`.
#[track_caller]
fn assert_one_line(said: &Finished, names: &[&str]) {
    assert!(said.status.code().is_some_and(|code| code != 0), "{said:?}");
    let lines: Vec<&str> = said.stderr.lines().filter(|line| !line.trim().is_empty()).collect();
    assert_eq!(lines.len(), 1, "one line, not:\n{}", said.stderr);
    assert_names(lines[0], names);
}

#[track_caller]
fn assert_names(line: &str, names: &[&str]) {
    for name in names {
        assert!(line.to_lowercase().contains(&name.to_lowercase()), "no {name:?} in: {line}");
    }
}

/// A refusal with that status whose body is one line.
#[track_caller]
fn assert_refused(answer: &Answer, status: &[u16], names: &[&str]) {
    assert!(status.contains(&answer.status), "{answer:?}");
    assert_eq!(answer.text().trim_end().lines().count(), 1, "one line, not {:?}", answer.text());
    assert_names(answer.text(), names);
}

#[test]
fn a_taken_port_is_named_with_its_flag() {
    let (_listener, port) = taken();
    let address = format!("127.0.0.1:{port}");
    for service in ["rng", "hasher", "store"] {
        let said = run(DOCKERCOINS, &[service, "--listen", &address, "--admin-listen", "127.0.0.1:0"], SOON);
        assert_one_line(&said, &["--listen", &address, "in use"]);
    }
    let said = run(DOCKERCOINS, &["rng", "--listen", "127.0.0.1:0", "--admin-listen", &address], SOON);
    assert_one_line(&said, &["--admin-listen", &address, "in use"]);
}

#[test]
fn a_taken_port_of_a_project_is_named_with_its_flag_and_nothing_is_left() {
    let (_listener, port) = taken();
    for flag in ["--rng-port", "--hasher-port", "--webui-port"] {
        let project = Project::new("taken");
        let ports = ["--webui-port", "--rng-port", "--hasher-port"];
        let others = ports.into_iter().filter(|port| *port != flag).flat_map(|port| [port, "0"]);
        let arguments: Vec<&str> = ["up", "-d", flag, &port].into_iter().chain(others).collect();
        assert_one_line(&project.run(&arguments), &[flag, &port, "in use"]);
        assert!(project.processes().is_empty(), "{flag}");
    }
}

#[test]
fn an_unknown_service_is_named_with_the_known_ones() {
    let unknown = run(DOCKERCOINS, &["frobnicator"], SOON);
    assert_one_line(&unknown, &["frobnicator"]);
    let project = Project::new("unknown");
    for arguments in [["up", "--scale", "frobnicator=3"].as_slice(), &["scale", "frobnicator=3"]] {
        assert_one_line(&project.run(arguments), &["frobnicator", "rng", "hasher", "worker"]);
    }
}

#[test]
fn a_count_that_is_none_is_named() {
    let project = Project::new("count");
    for scale in ["worker=-1", "worker=ten", "worker=", "worker", "=3", "worker=1.5", "worker=99999999999"] {
        assert_one_line(&project.run(&["scale", scale]), &[scale]);
        assert_one_line(&project.run(&["up", "--scale", scale]), &["--scale", scale]);
    }
}

#[test]
fn a_project_that_does_not_run_is_named_with_the_remedy() {
    let project = Project::new("absent");
    for arguments in [["ps"].as_slice(), &["scale", "worker=2"], &["logs"]] {
        assert_one_line(&project.run(arguments), &["absent-", "up"]);
    }
}

#[test]
fn an_unreachable_redis_is_named_with_its_flag_and_nothing_is_left() {
    let project = Project::new("redis");
    let nobody = Refusing::start();
    let port = nobody.address().port().to_string();
    let url = format!("redis://127.0.0.1:{port}");
    let mut up = project.start_up(&["-d", "--redis", &url]);
    assert_one_line(&up.finish(Duration::from_secs(15)), &["--redis", &port]);
    assert!(project.processes().is_empty());
    let said = project.run(&["up", "--redis", "nonsense"]);
    assert_one_line(&said, &["--redis", "nonsense"]);
}

#[test]
fn a_bad_value_is_named_with_its_flag() {
    let cases: [(&[&str], &str, &str); 12] = [
        (&["rng"], "--service-time", "soon"),
        (&["rng"], "--service-time", "-5ms"),
        (&["rng"], "--slots", "-1"),
        (&["rng"], "--slots", "many"),
        (&["rng"], "--distribution", "odd"),
        (&["rng"], "--max-bytes", "lots"),
        (&["rng"], "--listen", "nowhere"),
        (&["hasher"], "--max-body", "-1"),
        (&["worker"], "--think-time", "ten"),
        (&["worker"], "--concurrency", "0"),
        (&["worker"], "--rng-url", "not a url"),
        (&["worker"], "--redis-url", "http://redis"),
    ];
    for (program, flag, value) in cases {
        let flagged = format!("{flag}={value}");
        assert_one_line(&run(DOCKERCOINS, &[program, &[flagged.as_str()]].concat(), SOON), &[flag, value]);
    }
}

#[test]
fn a_bad_value_in_the_environment_is_named_with_its_variable() {
    let mut command = std::process::Command::new(DOCKERCOINS);
    command.arg("rng").env("SERVICE_TIME", "soon");
    let said = crate::harness::program::Program::start(&mut command).finish(SOON);
    assert_one_line(&said, &["soon", "service"]);
    assert!(said.stderr.contains("SERVICE_TIME") || said.stderr.contains("--service-time"), "{said:?}");
}

#[test]
fn an_unknown_flag_is_named() {
    assert_one_line(&run(DOCKERCOINS, &["rng", "--frobnicate"], SOON), &["--frobnicate"]);
    assert_one_line(&run(LOADGEN, &["up", "--frobnicate"], SOON), &["--frobnicate"]);
}

#[test]
fn a_number_over_the_limit_is_refused_with_the_limit() {
    let rng = Service::start("rng", &["--service-time", "0ms"]);
    for path in ["/16777217", "/99999999999999999999", "/340282366920938463463374607431768211456"] {
        assert_refused(&get(rng.address(), path), &[400, 413, 416, 422], &["max-bytes"]);
    }
    let small = Service::start("rng", &["--service-time", "0ms", "--max-bytes", "1KiB"]);
    assert_eq!(get(small.address(), "/1024").body.len(), 1024);
    assert_refused(&get(small.address(), "/1025"), &[400, 413, 416, 422], &["max-bytes"]);
}

#[test]
fn a_number_that_is_none_is_refused() {
    let rng = Service::start("rng", &["--service-time", "0ms"]);
    for path in ["/abc", "/-1", "/1.5", "/0x20", "/32/", "/%33%32x", "/+5", "/3%00"] {
        let answer = get(rng.address(), path);
        assert_refused(&answer, &[400, 404], &[]);
        assert!(answer.text().trim().len() > 5, "{path}: {:?}", answer.text());
    }
}

#[test]
fn a_method_that_a_path_does_not_know_is_refused() {
    let rng = Service::start("rng", &["--service-time", "0ms"]);
    let hasher = Service::start("hasher", &["--service-time", "0ms"]);
    assert_refused(&Call::send(rng.address(), "POST", "/", b"").answer(), &[404, 405], &[]);
    assert_refused(&Call::send(rng.address(), "DELETE", "/32", b"").answer(), &[404, 405], &[]);
    assert_refused(&Call::send(hasher.address(), "PUT", "/", b"").answer(), &[404, 405], &[]);
    assert_refused(&Call::send(hasher.address(), "POST", "/abc", b"").answer(), &[404, 405], &[]);
}

#[test]
fn an_announced_ten_gigabytes_are_refused_before_they_are_sent() {
    let hasher = Service::start("hasher", &["--service-time", "0ms"]);
    let call = Call::open(hasher.address(), "POST", "/", &[("Content-Length", "10000000000")]);
    let answer = call.answer();
    assert_refused(&answer, &[413], &["max-body"]);
    assert!(answer.took < Duration::from_secs(10), "{answer:?}");
}

#[test]
fn a_client_that_sends_on_regardless_still_reads_why_it_was_refused() {
    let hasher = Service::start("hasher", &["--service-time", "0ms"]);
    let mut call = Call::open(hasher.address(), "POST", "/", &[("Content-Length", "10000000000")]);
    for _ in 0..256 {
        call.write(&[0; 1 << 14]);
    }
    assert_refused(&call.answer(), &[413], &["max-body"]);
}

#[test]
fn a_body_in_chunks_is_refused_once_it_is_over_the_limit() {
    let hasher = Service::start("hasher", &["--service-time", "0ms", "--max-body", "100KiB"]);
    let mut call = Call::open(hasher.address(), "POST", "/", &[("Transfer-Encoding", "chunked")]);
    for _ in 0..128 {
        call.write(b"4000\r\n");
        call.write(&[0; 1 << 14]);
        call.write(b"\r\n");
    }
    assert_refused(&call.answer(), &[413], &["max-body"]);
}

#[test]
fn a_body_of_exactly_the_limit_is_taken() {
    let hasher = Service::start("hasher", &["--service-time", "0ms", "--max-body", "1KiB"]);
    assert_eq!(Call::send(hasher.address(), "POST", "/", &[0; 1024]).answer().status, 200);
    assert_refused(&Call::send(hasher.address(), "POST", "/", &[0; 1025]).answer(), &[413], &["max-body"]);
}

#[test]
fn a_header_of_a_megabyte_is_refused() {
    let store = Service::start("store", &[]);
    let services = [
        Service::start("rng", &["--service-time", "0ms"]),
        Service::start("hasher", &["--service-time", "0ms"]),
        Service::start("webui", &["--redis-url", &format!("redis://{}", store.address())]),
    ];
    let long = "x".repeat(1_000_000);
    for service in services {
        let answer = Call::open(service.address(), "GET", "/", &[("X-Long", &long)]).answer();
        assert_refused(&answer, &[431], &[]);
        assert!(!answer.text().trim().is_empty(), "{answer:?}");
        assert!(matches!(get(service.address(), "/").status, 200 | 300..400));
    }
}

#[test]
fn what_is_not_http_is_refused() {
    let rng = Service::start("rng", &["--service-time", "0ms"]);
    let answer = Call::raw(rng.address(), "GET", b"hello there\r\n\r\n").answer();
    assert_eq!(answer.status, 400);
    assert_eq!(get(rng.address(), "/").status, 200);
}

#[test]
fn a_bad_station_is_refused_and_changes_nothing() {
    let rng = Service::start("rng", &[]);
    let before = get(rng.admin, "/station").json();
    let bad = [
        "",
        "{",
        "[]",
        r#"{"service_time_ms":-1}"#,
        r#"{"service_time_ms":"ten"}"#,
        r#"{"slots":-1}"#,
        r#"{"distribution":"odd"}"#,
        r#"{"service_tim_ms":10}"#,
    ];
    for json in bad {
        assert_refused(&put(rng.admin, "/station", json), &[400, 422], &[]);
    }
    assert_eq!(get(rng.admin, "/station").json(), before);
}

#[test]
fn bad_faults_are_refused() {
    let rng = Service::start("rng", &["--enable-faults"]);
    for json in ["{", r#"{"error_share":2}"#, r#"{"error_share":-0.5}"#, r#"{"hangs":true}"#] {
        assert_refused(&put(rng.admin, "/faults", json), &[400, 422], &[]);
    }
    assert_eq!(get(rng.admin, "/healthz").status, 200);
}
