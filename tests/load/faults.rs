//! What servers do to their clients: each is told by its name, none ends or holds up the load, and the requests beside it
//! are none the worse.

use std::io::{Read, Write};
use std::thread;
use std::time::Duration;

use crate::harness::bench::{Load, load, load_of_any_end, run};
use crate::harness::deaf::Deaf;
use crate::harness::machine;
use crate::harness::refusing::Refusing;
use crate::harness::scripted::{Scripted, Then, Visit};

const REQUESTS: usize = 60;
pub(super) const FAULTS: u64 = 10;

/// One request in six meets the fault. Each has a connection of its own, since those that are the first on a connection are
/// never sent again: each fault is one outcome.
#[track_caller]
pub(super) fn beside_good_answers(
    flags: &[&str],
    fault: impl Fn(&mut Visit) -> Then + Send + Sync + 'static,
) -> Load {
    let server = Scripted::start(move |visit| {
        if visit.head.starts_with("GET /fault ") { fault(visit) } else { visit.answer("200 OK", "ok") }
    });
    let [fault, good] = ["/fault", "/"].map(|path| server.url(path));
    let urls = [&fault, &good, &good, &good, &good, &good].map(String::as_str);
    let load = load(&[&["-n", "60", "-c", "4", "--disable-keepalive"], flags, &urls].concat());
    assert_eq!(load.count("requests.scheduled"), REQUESTS as u64);
    load
}

/// The fault is a failure by that name, and nothing else is touched by it.
#[track_caller]
fn assert_fails(name: &str, fault: impl Fn(&mut Visit) -> Then + Send + Sync + 'static) {
    let load = beside_good_answers(&[], fault);
    assert_eq!(load.outcomes(), [("200", 50), (name, FAULTS)]);
    assert_eq!(load.count("requests.failed"), FAULTS);
    assert_eq!((load.count("response_time.count"), load.count("uncorrected_time.count")), (50, 50));
    assert_eq!(load.count("response_time.censored"), 0);
}

/// It never comes to an end by itself, so that only the timeout ends it.
#[track_caller]
fn assert_times_out(fault: impl Fn(&mut Visit) -> Then + Send + Sync + 'static) {
    let load = beside_good_answers(&["-t", "500ms"], fault);
    assert_eq!(load.outcomes(), [("200", 50), ("timed out", FAULTS)]);
    assert_eq!((load.count("response_time.count"), load.count("response_time.censored")), (60, FAULTS));
}

pub(super) fn bytes(
    answer: &'static [u8],
    then: Then,
) -> impl Fn(&mut Visit) -> Then + Send + Sync + 'static {
    move |visit| {
        visit.write(answer);
        then
    }
}

/// Writes the first part once and the second for as long as it is taken.
fn endless(first: &'static [u8], rest: &'static [u8]) -> impl Fn(&mut Visit) -> Then + Send + Sync + 'static {
    let many = rest.repeat(10_000_usize.div_ceil(rest.len()));
    move |visit| {
        visit.write(first);
        while visit.takes(&many) {}
        Then::Close
    }
}

#[test]
fn one_request_in_a_hundred_that_is_never_answered_times_out_alone() {
    machine::steadily(|| {
        let server = Scripted::start(|visit| match visit.number % 100 {
            99 => Then::Hold,
            _ => visit.answer("200 OK", "ok"),
        });
        let load = load(&["-n", "400", "-c", "8", "-t", "500ms", &server.url("/")]);
        assert_eq!(load.outcomes(), [("200", 396), ("timed out", 4)]);
        assert!(load.number("response_time.p95_ms") < 400.0, "{}", load.report);
    });
}

#[test]
fn an_answer_that_never_ends_times_out() {
    machine::steadily(|| {
        assert_times_out(|_| Then::Hold);
        assert_times_out(bytes(b"HTTP/1.1 200 OK\r\nContent-Le", Then::Hold));
        assert_times_out(bytes(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc", Then::Hold));
        assert_times_out(bytes(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
            Then::Hold,
        ));
    });
}

#[test]
fn a_body_without_end_times_out() {
    machine::steadily(|| {
        assert_times_out(endless(b"HTTP/1.1 200 OK\r\n\r\n", b"x"));
    });
}

#[test]
fn a_connection_that_is_reset_is_told() {
    assert_fails("reset", bytes(b"", Then::Reset));
    assert_fails("reset", bytes(b"HTTP/1.1 200 OK\r\nContent-Le", Then::Reset));
    assert_fails("reset", bytes(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc", Then::Reset));
}

#[test]
fn a_connection_that_is_closed_without_an_answer_is_told() {
    assert_fails("closed early", bytes(b"", Then::Close));
    assert_fails("closed early", bytes(b"", Then::HalfClose));
}

#[test]
fn an_answer_that_is_cut_short_is_told() {
    for then in [Then::Close, Then::HalfClose] {
        assert_fails("closed early", bytes(b"HTTP/1.1 200 OK\r\nContent-Le", then));
        assert_fails("closed early", bytes(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc", then));
        assert_fails(
            "closed early",
            bytes(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10\r\nabc", then),
        );
        assert_fails(
            "closed early",
            bytes(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", then),
        );
    }
}

/// The server may close an idle connection whenever it likes (RFC 9112, 9.5): that is no failure of a request.
#[test]
fn a_connection_that_is_closed_while_it_lies_idle_is_replaced_and_nothing_is_sent_twice() {
    for method in ["GET", "POST"] {
        let server = Scripted::start(|visit| {
            visit.answer("200 OK", "ok");
            Then::Close
        });
        let load = load(&["-n", "8", "-c", "1", "--think-time", "300ms", "-m", method, &server.url("/")]);
        assert_eq!((load.outcomes(), server.requests()), (vec![("200", 8)], 8), "{method}");
        assert_eq!((load.count("traffic.resent"), server.connections()), (7, 8), "{method}");
    }
}

/// Sent again, the fault would vanish from the figures, and a POST would be done twice.
#[test]
fn a_fault_on_a_kept_connection_is_told_and_the_request_is_sent_once() {
    for (method, then, name) in
        [("GET", Then::Reset, "reset"), ("POST", Then::Reset, "reset"), ("GET", Then::Close, "closed early")]
    {
        let server = Scripted::start(move |visit| match visit.number % 10 {
            9 => {
                thread::sleep(Duration::from_millis(20));
                then
            }
            _ => visit.answer("200 OK", "ok"),
        });
        let load = load(&["-n", "200", "-c", "4", "-m", method, &server.url("/")]);
        assert_eq!(load.outcomes(), [("200", 180), (name, 20)], "{method}");
        assert_eq!((server.requests(), load.count("traffic.resent")), (200, 0), "{method}");
    }
}

#[test]
fn a_header_of_three_megabytes_is_refused() {
    assert_fails("not HTTP", |visit| {
        visit.write(
            format!("HTTP/1.1 200 OK\r\nX-Long: {}\r\nContent-Length: 2\r\n\r\nok", "x".repeat(3 << 20))
                .as_bytes(),
        );
        Then::Keep
    });
}

#[test]
fn a_head_without_end_is_refused() {
    assert_fails("not HTTP", endless(b"HTTP/1.1 200 OK\r\n", b"x-a: b\r\n"));
}

#[test]
fn sizes_of_chunks_that_are_none_are_refused() {
    const CHUNKED: &[u8] = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    assert_fails("not HTTP", endless(CHUNKED, b"0"));
    assert_fails(
        "not HTTP",
        bytes(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n0\r\n\r\n", Then::Keep),
    );
    assert_fails(
        "not HTTP",
        bytes(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffffff\r\nabc",
            Then::Hold,
        ),
    );
}

#[test]
fn lengths_that_are_none_are_refused() {
    for length in ["-2", "two", "99999999999999999999999", "2\r\nContent-Length: 3"] {
        assert_fails("not HTTP", move |visit| {
            visit.write(format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\nok").as_bytes());
            Then::Keep
        });
    }
}

#[test]
fn what_is_not_http_is_told() {
    assert_fails("not HTTP", bytes(b"SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u2\r\n", Then::Hold));
    assert_fails("not HTTP", bytes(b"hello there\r\n\r\n", Then::Close));
    assert_fails("not HTTP", bytes(b"\x80\xff\x00\x01\r\n\r\n", Then::Keep));
    assert_fails("not HTTP", bytes(b"HTTP/1.1 abc Odd\r\n\r\n", Then::Keep));
}

#[test]
fn a_banner_before_the_request_is_not_http() {
    let server = Scripted::greeting(|stream| {
        let _ = stream.write_all(b"SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u2\r\n");
        Then::Hold
    });
    let load = load_of_any_end(&["-n", "10", "-c", "2", &server.url("/")]);
    assert_eq!((load.outcomes(), load.said.status.code()), (vec![("not HTTP", 10)], Some(4)));
}

#[test]
fn where_nobody_listens_connections_are_refused() {
    let nobody = Refusing::start();
    let url = format!("http://{}/", nobody.address());
    let load = load_of_any_end(&["-n", "10", "-c", "2", &url]);
    assert_eq!((load.outcomes(), load.said.status.code()), (vec![("refused", 10)], Some(4)));
    assert_eq!(load.count("response_time.count"), 0);
}

#[test]
fn a_name_that_is_none_is_unresolved() {
    let load = load_of_any_end(&["-n", "4", "-c", "2", "http://nowhere.invalid/"]);
    assert_eq!((load.outcomes(), load.said.status.code()), (vec![("unresolved", 4)], Some(4)));
}

#[test]
fn a_connection_that_does_not_come_about_times_out_by_a_timeout_of_its_own() {
    let server = Deaf::start();
    let url = format!("http://{}/", server.address());
    let load = load_of_any_end(&["-n", "4", "-c", "2", "--connect-timeout", "300ms", "-t", "20s", &url]);
    assert_eq!(load.said.status.code(), Some(4), "{:?}", load.said);
    assert_eq!(load.outcomes().len(), 1, "{:?}", load.outcomes());
    assert!(load.number("took_s") < 10.0, "{}", load.report);
}

#[test]
fn a_server_that_reads_nothing_of_a_long_body_times_out() {
    let server = Scripted::greeting(|stream| {
        let _ = stream.read(&mut [0]);
        thread::sleep(Duration::from_secs(5));
        Then::Close
    });
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("body");
    std::fs::write(&file, vec![b'x'; 16 << 20]).expect("a file");
    let file = file.to_str().expect("a path");
    let load =
        load_of_any_end(&["-n", "2", "-c", "2", "-t", "500ms", "-m", "POST", "-D", file, &server.url("/")]);
    assert_eq!(load.outcomes(), [("timed out", 2)]);
}

/// The next request is on its way when the close arrives, and the server may have seen it: it is lost, and not sent again.
#[test]
fn a_server_that_closes_each_connection_without_saying_so_is_told_and_how_to_measure_it() {
    let server = Scripted::start(|visit| {
        visit.answer("200 OK", "ok");
        thread::sleep(Duration::from_millis(5));
        Then::Close
    });
    let said = run(&["-n", "400", "-c", "2", &server.url("/")]);
    assert_eq!(said.status.code(), Some(0), "{said:?}");
    assert!(said.stdout.contains("Hint ") && said.stdout.contains("--disable-keepalive"), "{said:?}");
    let load = load(&["-n", "400", "-c", "2", "--disable-keepalive", &server.url("/")]);
    assert_eq!(load.outcomes(), [("200", 400)]);
}
