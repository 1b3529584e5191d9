//! A load that is cut short reports what there is.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use rustix::process::Signal;
use serde_json::Value;

use crate::harness::LOADGEN;
use crate::harness::bench::{IN_ANY_CASE, start};
use crate::harness::deaf::Deaf;
use crate::harness::program::Program;
use crate::harness::scripted::{Scripted, Then};
use crate::harness::wait::eventually;

/// Far below the minute that the loads would go on for.
pub(super) const AT_ONCE: Duration = Duration::from_secs(20);

pub(super) fn server() -> Scripted {
    Scripted::start(|visit| {
        thread::sleep(Duration::from_millis(5));
        visit.answer("200 OK", "ok")
    })
}

/// A load that has sent some requests.
fn under_way(server: &Scripted, flags: &[&str]) -> Program {
    let load = start(&[flags, &["-z", "60s", "-c", "2", "--warmup", "0s", &server.url("/")]].concat());
    eventually("some requests", IN_ANY_CASE, || (server.requests() > 20).then_some(()));
    load
}

#[test]
fn an_interrupt_prints_the_report_and_completes_the_files() {
    assert_reports_at(Signal::INT);
}

#[track_caller]
pub(super) fn assert_reports_at(signal: Signal) {
    let (server, folder) = (server(), tempfile::tempdir().expect("a folder"));
    let file = folder.path().join("load.json");
    let mut load = under_way(&server, &["--json", file.to_str().expect("a path")]);
    load.signal(signal);
    let said = load.finish(AT_ONCE);
    assert_eq!(said.status.code(), Some(130), "{said:?}");
    assert!(said.stdout.contains("p99"), "{said:?}");
    let report: Value = serde_json::from_str(&fs::read_to_string(&file).expect("a file")).expect("JSON");
    assert_eq!(report["interrupted"], true);
    assert!(report["requests"]["successes"].as_u64() > Some(10), "{report}");
    assert!(report["took_s"].as_f64() < Some(30.0), "{report}");
}

#[test]
fn an_interrupt_before_any_answer_reports_as_well() {
    let server = Scripted::start(|_| Then::Hold);
    let mut load = start(&["-z", "60s", "-c", "2", "--format", "json", &server.url("/")]);
    eventually("a request", IN_ANY_CASE, || (server.requests() == 2).then_some(()));
    load.signal(Signal::INT);
    let said = load.finish(AT_ONCE);
    assert_eq!(said.status.code(), Some(130), "{said:?}");
    let report: Value = serde_json::from_str(&said.stdout).expect("JSON");
    assert_eq!(report["requests"]["in_flight_at_end"], 2, "{report}");
}

#[test]
fn an_interrupt_while_connecting_ends_the_load() {
    let server = Deaf::start();
    let url = format!("http://{}/", server.address());
    let mut load = start(&["-z", "60s", "-c", "2", "--format", "json", &url]);
    let caught = || {
        let status = fs::read_to_string(format!("/proc/{}/status", load.process().pid())).ok()?;
        let mask = status.lines().find_map(|line| line.strip_prefix("SigCgt:"))?.trim().to_owned();
        (u64::from_str_radix(&mask, 16).ok()? & 0b10 != 0).then_some(())
    };
    eventually("a handler of the interrupt", IN_ANY_CASE, caught);
    load.signal(Signal::INT);
    assert_eq!(load.finish(AT_ONCE).status.code(), Some(130));
}

#[test]
fn a_reader_that_has_seen_enough_is_no_error() {
    let server = server();
    for format in ["text", "json", "csv", "markdown"] {
        let mut command = Command::new(LOADGEN);
        command.args(["bench", "-n", "20", "--format", format, &server.url("/")]);
        let mut child =
            command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts");
        drop(child.stdout.take());
        let stderr = BufReader::new(child.stderr.take().expect("piped"));
        let lines: Vec<String> = stderr.lines().map_while(Result::ok).collect();
        assert!(child.wait().expect("our own child").success() && lines.is_empty(), "{format}: {lines:?}");
    }
}
