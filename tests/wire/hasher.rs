//! hasher: a greeting, and SHA-256.

use crate::harness::http::{Call, get, post};
use crate::harness::machine;
use crate::harness::service::Service;

const MIB: u64 = 1 << 20;

/// FIPS 180-4's examples, and sixteen mebibytes of zeros by `sha256sum`.
const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
const MILLION_A: &str = "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0";
const ZEROS_16_MIB: &str = "080acf35a507ac9849cfcba47dc2ad83e01b75663a516279c8b9d243b719643e";

fn hasher() -> Service {
    Service::start("hasher", &["--service-time", "0ms", "--hostname", "hasher-1"])
}

#[test]
fn hasher_greets_with_its_host_name() {
    let hasher = hasher();
    let answer = get(hasher.address(), "/");
    assert_eq!((answer.status, answer.text()), (200, "HASHER running on hasher-1\n"));
    assert!(answer.header("content-type").expect("a type").starts_with("text/"));
}

#[test]
fn hasher_answers_the_hash_in_lower_case_and_nothing_else() {
    let hasher = hasher();
    for (body, hash) in [(b"".to_vec(), EMPTY), (b"abc".to_vec(), ABC), (vec![b'a'; 1_000_000], MILLION_A)] {
        let answer = post(hasher.address(), &body);
        assert_eq!((answer.status, answer.text()), (200, hash));
        assert!(answer.header("content-type").expect("a type").starts_with("text/plain"));
    }
}

#[test]
fn hasher_takes_a_body_in_chunks() {
    let hasher = hasher();
    let mut call = Call::open(hasher.address(), "POST", "/", &[("Transfer-Encoding", "chunked")]);
    call.write(b"1\r\na\r\n");
    call.write(b"2\r\nbc\r\n");
    call.write(b"0\r\n\r\n");
    assert_eq!(call.answer().text(), ABC);
}

#[test]
fn hasher_hashes_bytes_and_not_a_form() {
    let hasher = hasher();
    let headers = [("Content-Type", "application/x-www-form-urlencoded"), ("Content-Length", "3")];
    let mut call = Call::open(hasher.address(), "POST", "/", &headers);
    call.write(b"abc");
    assert_eq!(call.answer().text(), ABC);
}

#[test]
fn hasher_goes_ahead_for_who_expects_to_be_told() {
    let hasher = hasher();
    let headers = [("Expect", "100-continue"), ("Content-Length", "3")];
    let mut call = Call::open(hasher.address(), "POST", "/", &headers);
    assert_eq!(call.next_answer().status, 100);
    call.write(b"abc");
    assert_eq!(call.answer().text(), ABC);
}

#[test]
fn hasher_hashes_a_large_body_in_constant_memory() {
    let _turn = machine::busy();
    let hasher = hasher();
    let before = hasher.program.process().peak_resident_bytes();
    let mut call = Call::open(hasher.address(), "POST", "/", &[("Content-Length", "16777216")]);
    for _ in 0..1024 {
        call.write(&[0; 1 << 14]);
    }
    assert_eq!(call.answer().text(), ZEROS_16_MIB);
    let grown = hasher.program.process().peak_resident_bytes() - before;
    assert!(grown < 6 * MIB, "{grown} bytes more at the peak");
}

#[test]
fn hasher_answers_head_without_a_body() {
    let hasher = hasher();
    let mut call = Call::open(hasher.address(), "HEAD", "/", &[]);
    assert_eq!(call.next_answer().status, 200);
    assert!(call.is_closed());
}
