//! Faults that loads once had.

use std::fs;
use std::io::Write;
use std::process::{Command, Stdio};

use rustix::process::Signal;

use super::bad_input::{ANYWHERE, assert_none, assert_refused, complaint};
use super::interrupt::{AT_ONCE, assert_reports_at, server};
use crate::harness::LOADGEN;
use crate::harness::bench::{IN_ANY_CASE, Load, load, load_of_any_end, run};
use crate::harness::machine;
use crate::harness::process::Process;
use crate::harness::program::Program;
use crate::harness::scripted::{Scripted, Then};
use crate::harness::service::Service;
use crate::harness::wait::eventually;

/// pipe(7): what a pipe holds before a write to it blocks.
const CAPACITY_OF_A_PIPE: usize = 65_536;

#[test]
fn an_end_from_outside_prints_the_report_and_completes_the_files() {
    assert_reports_at(Signal::TERM);
}

/// The report can't be written, since nobody reads the pipe and it is full.
#[test]
fn a_second_interrupt_ends_even_where_the_report_is_stuck() {
    let server = server();
    let (_reader, mut stdout) = std::io::pipe().expect("a pipe");
    stdout.write_all(&vec![b'x'; CAPACITY_OF_A_PIPE]).expect("room in the pipe");
    let mut command = Command::new(LOADGEN);
    command.args(["bench", "-z", "60s", "-c", "2", &server.url("/")]).stdout(stdout).stderr(Stdio::null());
    let mut child = command.spawn().expect("the program starts");
    eventually("some requests", IN_ANY_CASE, || (server.requests() > 20).then_some(()));
    let process = Process::of(i32::try_from(child.id()).expect("a pid")).expect("it runs");
    let status = eventually("the end", AT_ONCE, || {
        process.signal(Signal::INT);
        child.try_wait().expect("our own child")
    });
    assert_eq!(status.code(), Some(130), "{status}");
}

#[test]
fn a_switch_of_protocols_ends_what_the_connection_is_good_for() {
    let server = Scripted::start(|visit| match visit.number % 4 {
        0 => {
            visit.write(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: other\r\n\r\n");
            Then::Hold
        }
        _ => visit.answer("200 OK", "ok"),
    });
    let load = load(&["-n", "20", "-c", "1", "-t", "5s", &server.url("/")]);
    assert_eq!(load.outcomes(), [("101", 5), ("200", 15)]);
}

#[test]
fn a_report_that_cannot_be_written_is_said_before_anything_is_sent() {
    let server = Scripted::start(|visit| visit.answer("200 OK", "ok"));
    for flag in ["--json", "--csv", "--markdown", "--hdr-log"] {
        assert_refused(
            &[flag, "/no/such/folder/report", &server.url("/")],
            &[flag, "/no/such/folder/report"],
        );
        assert_refused(&[flag, "/", &server.url("/")], &[flag]);
    }
    assert_eq!(server.connections(), 0);
}

#[test]
fn a_socket_that_is_not_there_is_named_with_its_flag() {
    let folder = tempfile::tempdir().expect("a folder");
    let socket = folder.path().join("socket");
    let path = socket.to_str().expect("a path");
    assert_refused(&["--unix-socket", path, "http://localhost/"], &["--unix-socket", path]);
    fs::write(&socket, "no socket").expect("a file");
    assert_refused(&["--unix-socket", path, "http://localhost/"], &["--unix-socket", path]);
}

#[test]
fn user_and_password_in_a_url_are_refused_with_where_they_belong() {
    let said = run(&["-n", "1", "http://user:password@127.0.0.1:1/"]);
    assert_eq!((said.status.code(), said.stderr.lines().count()), (Some(2), 1), "{said:?}");
    assert!(said.stderr.contains("--basic-auth"), "{said:?}");
}

#[test]
fn a_header_name_that_is_none_is_refused() {
    assert_none(&["", "a b"].map(|name| {
        complaint(&[&format!("--replica-header={name}"), ANYWHERE], &["--replica-header", name])
    }));
}

#[test]
fn a_load_at_a_rate_lasts_as_long_as_it_was_told_to_and_its_throughput_is_not_above_the_rate() {
    let server = Scripted::start(|visit| visit.answer("200 OK", "ok"));
    let load = load(&["-q", "4", "-z", "1s", &server.url("/")]);
    assert_eq!(load.count("requests.successes"), 4);
    assert!(load.number("took_s") > 0.99, "{}", load.report["took_s"]);
    assert!(load.number("throughput_per_s.mean") < 4.1, "{}", load.report["throughput_per_s"]);
}

#[test]
fn a_warm_up_longer_than_the_load_is_refused() {
    assert_refused(&["-z", "1s", "--warmup", "2s", ANYWHERE], &["--warmup", "2s"]);
    assert_refused(&["-q", "10", "-n", "10", "--warmup", "2s", ANYWHERE], &["--warmup", "2s"]);
}

#[test]
fn a_dash_is_standard_output_for_the_log_of_histograms_too() {
    let (server, folder) = (server(), tempfile::tempdir().expect("a folder"));
    let mut command = Command::new(LOADGEN);
    command.args(["bench", "-n", "10", "--hdr-log", "-", &server.url("/")]).current_dir(folder.path());
    let said = Program::start(&mut command).finish(IN_ANY_CASE);
    assert!(said.stdout.starts_with("#[") && said.stdout.contains("HISTF"), "{said:?}");
    assert!(!folder.path().join("-").exists());
}

#[test]
fn a_rate_that_nothing_can_send_is_refused() {
    assert_refused(&["-q", "1e308", "-z", "100ms", ANYWHERE], &["--rate", "1e308"]);
    assert_refused(&["--stage", "100ms:1e308", ANYWHERE], &["--stage", "1e308"]);
}

/// Four connections of one thread, for half a second: what is asked of them is far above what can be sent.
fn overloaded(echo: &Service, rate: &str) -> Load {
    let url = format!("http://{}/", echo.address());
    load_of_any_end(&["-q", rate, "-z", "500ms", "-c", "4", "--threads", "1", &url])
}

#[test]
fn too_high_a_rate_still_counts_every_request_that_was_due() {
    machine::busily(|| {
        let echo = Service::start("echo", &[]);
        for (rate, due) in [("100000", 50_000), ("1000000", 500_000)] {
            assert_eq!(overloaded(&echo, rate).count("requests.scheduled"), due, "at {rate}/s");
        }
    });
}

/// Most of it overflows, and what can be sent is. Letting requests in could take all of the CPU time: the four answers to the first
/// requests are then the last ones.
#[test]
fn too_high_a_rate_leaves_time_for_sending() {
    machine::busily(|| {
        let echo = Service::start("echo", &[]);
        for rate in ["100000", "1000000"] {
            let sent = overloaded(&echo, rate).count("requests.successes");
            assert!(sent > 8, "{sent} at {rate}/s");
        }
    });
}

#[test]
fn two_forms_of_the_report_cannot_share_standard_output() {
    assert_refused(&["--json", "-", "--csv", "-", ANYWHERE], &["--json", "--csv"]);
    assert_refused(&["--hdr-log", "-", "--markdown", "-", ANYWHERE], &["--hdr-log", "--markdown"]);
}

#[test]
fn hosts_and_users_that_are_none_are_refused() {
    let refused = [("--host", ""), ("--host", "a b"), ("--basic-auth", "nocolon")];
    assert_none(&refused.map(|(flag, value)| complaint(&[&format!("{flag}={value}"), ANYWHERE], &[flag])));
}
