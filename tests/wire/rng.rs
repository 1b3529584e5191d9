//! rng: a greeting, and random bytes.

use crate::harness::http::{Call, get};
use crate::harness::service::Service;
use crate::harness::wait::eventually;
use std::time::Duration;

const MIB: u64 = 1 << 20;

fn rng() -> Service {
    Service::start("rng", &["--service-time", "0ms", "--hostname", "rng-1"])
}

#[test]
fn rng_greets_with_its_host_name() {
    let rng = rng();
    let answer = get(rng.address(), "/");
    assert_eq!((answer.status, answer.text()), (200, "RNG running on rng-1\n"));
    assert!(answer.header("content-type").expect("a type").starts_with("text/"));
}

#[test]
fn rng_answers_as_many_bytes_as_asked_for() {
    let rng = rng();
    for length in [0, 1, 32, 1_000, 70_000] {
        let answer = get(rng.address(), &format!("/{length}"));
        assert_eq!((answer.status, answer.body.len()), (200, length));
        assert_eq!(answer.header("content-type"), Some("application/octet-stream"));
    }
}

#[test]
fn rng_never_answers_the_same_bytes_twice() {
    for source in ["fast", "system"] {
        let rng = Service::start("rng", &["--service-time", "0ms", "--source", source]);
        let [one, other] = [(); 2].map(|()| get(rng.address(), "/32").body);
        assert_ne!(one, other, "{source}");
    }
}

/// Of 256,000 bytes each value is expected a thousand times, with a standard deviation of 32.
#[test]
fn the_bytes_of_rng_look_random() {
    let mut counts = [0_u32; 256];
    for byte in get(rng().address(), "/256000").body {
        counts[usize::from(byte)] += 1;
    }
    assert!(counts.iter().all(|count| (800..1200).contains(count)), "{counts:?}");
}

#[test]
fn rng_answers_head_without_a_body() {
    let rng = rng();
    for (path, length, kind) in [("/", "21", "text/"), ("/32", "32", "application/octet-stream")] {
        let mut call = Call::open(rng.address(), "HEAD", path, &[]);
        let answer = call.next_answer();
        assert_eq!(answer.status, 200, "{path}");
        assert!(answer.header("content-type").expect("a type").starts_with(kind));
        assert_eq!(answer.header("content-length"), Some(length), "{path}");
        assert!(call.is_closed(), "{path}: a body after HEAD");
    }
}

#[test]
fn rng_streams_sixteen_mebibytes_without_holding_them() {
    let rng = rng();
    let before = rng.program.process().peak_resident_bytes();
    let mut unread = Call::open(rng.address(), "GET", "/16777216", &[]);
    let answer = get(rng.address(), "/16777216");
    assert_eq!((answer.status, answer.body.len() as u64), (200, 16 * MIB));
    assert_eq!(unread.next_answer().body.len() as u64, 16 * MIB);
    let grown = rng.program.process().peak_resident_bytes() - before;
    assert!(grown < 6 * MIB, "{grown} bytes more at the peak");
}

#[test]
fn rng_keeps_a_connection_for_who_wants_it_and_closes_it_for_who_does_not() {
    let rng = rng();
    let ask = b"GET / HTTP/1.1\r\nHost: rng\r\n\r\n";
    let mut call = Call::raw(rng.address(), "GET", ask);
    assert_eq!(call.next_answer().status, 200);
    assert_eq!(call.again(ask).status, 200);
    let last = call.again(b"GET /32 HTTP/1.1\r\nHost: rng\r\nConnection: close\r\n\r\n");
    assert_eq!(last.body.len(), 32);
    assert!(call.is_closed());
}

#[test]
fn rng_answers_a_client_of_http_one_point_zero() {
    let rng = rng();
    let mut call = Call::raw(rng.address(), "GET", b"GET /32 HTTP/1.0\r\n\r\n");
    let answer = call.next_answer();
    assert_eq!((answer.status, answer.body.len()), (200, 32));
    assert!(call.is_closed());
}

#[test]
fn rng_listens_on_both_families_by_one_listener() {
    let rng = Service::on("[::]:0", "rng", &["--service-time", "0ms"]);
    let port = rng.address().port();
    for host in ["127.0.0.1", "[::1]"] {
        let to = format!("{host}:{port}").parse().expect("an address");
        assert_eq!(get(to, "/").status, 200, "{host}");
    }
}

#[test]
fn a_started_rng_answers_at_once() {
    let rng = rng();
    let ready = || (get(rng.admin, "/readyz").status == 200).then_some(());
    eventually("readiness", Duration::from_secs(10), ready);
    assert_eq!(get(rng.address(), "/").status, 200);
}
