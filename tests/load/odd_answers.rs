//! What looks odd is an answer all the same: in chunks or bytes, early, after others, without a body, in HTTP/1.0.

use std::io::{Read, Write};
use std::thread;
use std::time::Duration;

use super::faults::{FAULTS, beside_good_answers, bytes};
use crate::harness::bench::{Load, load, load_of_any_end};
use crate::harness::scripted::{Scripted, Then, Visit};

const OK: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/// What looks odd is an answer all the same.
#[track_caller]
fn assert_answers(status: &str, fault: impl Fn(&mut Visit) -> Then + Send + Sync + 'static) -> Load {
    let load = beside_good_answers(&[], fault);
    let expected = if status == "200" { vec![("200", 60)] } else { vec![("200", 50), (status, FAULTS)] };
    assert_eq!(load.outcomes(), expected);
    assert_eq!(load.count("requests.failed"), 0);
    load
}

#[test]
fn an_answer_may_come_in_chunks() {
    let chunks = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;of=a\r\nabc\r\n2\r\nde\r\n0\r\nx-trailer: 1\r\n\r\n";
    let load = assert_answers("200", bytes(chunks, Then::Keep));
    assert_eq!(load.count("traffic.body_bytes"), FAULTS * 5 + 50 * 2);
}

#[test]
fn interim_answers_are_not_the_answer() {
    assert_answers("200", |visit| {
        visit.write(b"HTTP/1.1 100 Continue\r\n\r\n");
        visit.answer("200 OK", "ok")
    });
    assert_answers("200", |visit| {
        visit.write(b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\n");
        thread::sleep(Duration::from_millis(2));
        visit.answer("200 OK", "ok")
    });
}

#[test]
fn an_answer_in_http_1_0_ends_with_its_length_or_its_connection() {
    let load = assert_answers("200", bytes(b"HTTP/1.0 200 OK\r\n\r\nhello", Then::Close));
    assert_eq!(load.count("traffic.body_bytes"), FAULTS * 5 + 50 * 2);
    assert_answers("200", bytes(b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", Then::Hold));
    assert_answers("200", bytes(b"HTTP/1.1 200 OK\r\n\r\nhello", Then::Close));
}

#[test]
fn a_connection_in_http_1_0_is_kept_only_if_the_server_says_so() {
    for (header, connections) in [("", 20), ("Connection: keep-alive\r\n", 1)] {
        let server = Scripted::start(move |visit| {
            visit.write(format!("HTTP/1.0 200 OK\r\n{header}Content-Length: 2\r\n\r\nok").as_bytes());
            Then::Keep
        });
        let load = load(&["-n", "20", "-c", "1", &server.url("/")]);
        assert_eq!((load.outcome("200"), server.connections()), (20, connections), "{header:?}");
    }
}

#[test]
fn a_connection_that_the_server_means_to_close_is_not_used_again() {
    for then in [Then::Close, Then::Hold] {
        let server = Scripted::start(move |visit| {
            visit.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok");
            then
        });
        let load = load(&["-n", "20", "-c", "2", &server.url("/")]);
        assert_eq!((load.outcome("200"), server.connections()), (20, 20), "{then:?}");
    }
}

#[test]
fn a_header_of_a_megabyte_is_read() {
    assert_answers("200", |visit| {
        visit.write(
            format!("HTTP/1.1 200 OK\r\nX-Long: {}\r\nContent-Length: 2\r\n\r\nok", "x".repeat(1 << 20))
                .as_bytes(),
        );
        Then::Keep
    });
}

#[test]
fn an_answer_before_the_request_was_read_is_an_answer() {
    let server = Scripted::greeting(|stream| {
        let _ = stream.write_all(OK);
        Then::HalfClose
    });
    // A connection that is kept may have been closed by the time of the next request, or a moment after.
    let load = load(&["-n", "10", "-c", "2", "--disable-keepalive", &server.url("/")]);
    assert_eq!(load.outcomes(), [("200", 10)]);
}

#[test]
fn an_answer_may_come_byte_by_byte() {
    let answers: [&[u8]; 2] =
        [OK, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;a=b\r\nok\r\n0\r\nx-a: b\r\n\r\n"];
    for answer in answers {
        assert_answers("200", move |visit| {
            for byte in answer {
                visit.write(&[*byte]);
                thread::yield_now();
            }
            Then::Keep
        });
    }
}

#[test]
fn bytes_after_an_answer_belong_to_no_other() {
    let server = Scripted::start(|visit| {
        visit.write(&[OK, b"HTTP/1.1 500 Surplus\r\nContent-Length: 0\r\n\r\n"].concat());
        Then::Keep
    });
    let load = load(&["-n", "20", "-c", "2", &server.url("/")]);
    assert_eq!(load.outcomes(), [("200", 20)]);
}

#[test]
fn an_answer_without_a_body_by_its_status_has_none() {
    for status in ["204", "304"] {
        assert_answers(status, move |visit| {
            visit.write(format!("HTTP/1.1 {status} Nothing\r\nContent-Length: 2\r\n\r\n").as_bytes());
            Then::Keep
        });
    }
}

/// As a server does that has heard enough: the answer counts, not that the rest could not be sent.
#[test]
fn an_answer_before_the_end_of_the_body_is_an_answer() {
    let server = Scripted::greeting(|stream| {
        let _ = stream.read(&mut [0; 1000]);
        let _ =
            stream.write_all(b"HTTP/1.1 413 Too Large\r\nConnection: close\r\nContent-Length: 2\r\n\r\nno");
        Then::HalfClose
    });
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("body");
    std::fs::write(&file, vec![b'x'; 16 << 20]).expect("a file");
    let file = file.to_str().expect("a path");
    let load =
        load_of_any_end(&["-n", "4", "-c", "2", "-t", "5s", "-m", "POST", "-D", file, &server.url("/")]);
    assert_eq!(load.outcomes(), [("413", 4)]);
}
