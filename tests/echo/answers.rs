//! What echo answers: the request itself, or what the path asks for.

use std::net::SocketAddr;

use serde_json::json;

use super::echo;
use crate::harness::http::{Answer, Call, get};
use crate::harness::metrics::Metrics;
use crate::harness::service::Service;

fn accepting(from: SocketAddr, path: &str, accept: &str) -> Answer {
    Call::open(from, "GET", path, &[("Accept", accept)]).answer()
}

fn is_json(answer: &Answer) -> bool {
    answer.header("content-type") == Some("application/json")
}

#[test]
fn an_echo_is_the_request_much_as_it_was_on_the_wire() {
    let echo = echo(&[]);
    let headers = [("X-Twice", "one"), ("X-Other", "Grüße"), ("X-Twice", "two"), ("Content-Length", "5")];
    let mut call = Call::open(echo.address(), "PATCH", "/some/path?a=1&b=%20", &headers);
    call.write(b"hello");
    let answer = call.answer();
    assert_eq!((answer.status, answer.header("x-served-by")), (200, Some("echo-1")));
    assert_eq!(answer.header("content-type"), Some("text/plain; charset=utf-8"));
    let (first, rest) = answer.text().split_once('\n').expect("lines");
    assert!(first.starts_with("echo-1 received from 127.0.0.1:"), "{first}");
    let expected = format!(
        "\nPATCH /some/path?a=1&b=%20 HTTP/1.1\nhost: {}\nconnection: close\nx-twice: one\nx-twice: two\nx-other: Grüße\n\
         content-length: 5\n\nbody of 5 bytes:\nhello\n",
        echo.address()
    );
    assert_eq!(rest, expected);
}

#[test]
fn an_echo_in_json_has_a_key_for_each_part() {
    let echo = echo(&[]);
    let mut call = Call::open(
        echo.address(),
        "POST",
        "/a?format=json",
        &[("X-A", "1"), ("Transfer-Encoding", "chunked")],
    );
    call.write(b"1\r\n\xff\r\n1\r\n\x00\r\n0\r\n\r\n");
    let answer = call.answer();
    assert!(is_json(&answer), "{answer:?}");
    let mut read = answer.json();
    let client = read["client"].take();
    assert!(client.as_str().expect("an address").starts_with("127.0.0.1:"), "{client}");
    let header = |name: &str, value: &str| json!({ "name": name, "value": value });
    let headers = [
        header("host", &echo.address().to_string()),
        header("connection", "close"),
        header("x-a", "1"),
        header("transfer-encoding", "chunked"),
    ];
    let expected = json!({
        "hostname": "echo-1", "client": null, "method": "POST", "path": "/a?format=json", "http": "1.1",
        "authority": null, "headers": headers, "body": { "bytes": 2, "text": null, "base64": "/wA=" },
    });
    assert_eq!(read, expected);
}

#[test]
fn json_is_asked_for_by_url_header_or_setting() {
    let [text, json] = [echo(&[]), echo(&["--format", "json"])];
    let (text, json) = (text.address(), json.address());
    assert!(!is_json(&get(text, "/")) && is_json(&get(json, "/")));
    assert!(is_json(&accepting(text, "/", "application/json")));
    assert!(is_json(&get(text, "/any?format=json")));
    assert!(!is_json(&accepting(json, "/", "text/plain")));
    assert!(!is_json(&accepting(json, "/?format=text", "application/json")));
}

#[test]
fn head_is_answered_like_get_without_a_body() {
    let echo = echo(&[]);
    for path in ["/", "/bytes/1000", "/status/503", "/?format=json"] {
        let mut call = Call::open(echo.address(), "HEAD", path, &[]);
        let answer = call.next_answer();
        let length: usize = answer.header("content-length").expect("a length").parse().expect("a number");
        let status = if path == "/status/503" { 503 } else { 200 };
        assert!(answer.status == status && length > 20, "{path}: {answer:?}");
        assert!(call.is_closed(), "{path}: a body after HEAD");
    }
}

#[test]
fn an_answer_has_as_many_bytes_as_asked_for_and_in_chunks_if_asked_for() {
    let echo = echo(&[]);
    for length in [0, 1, 32, 70_000, 3_000_000] {
        let answer = get(echo.address(), &format!("/bytes/{length}"));
        assert_eq!((answer.status, answer.body.len()), (200, length));
        assert_eq!(answer.header("content-length"), Some(length.to_string().as_str()));
        let answer = get(echo.address(), &format!("/chunked/{length}"));
        assert_eq!((answer.status, answer.body.len()), (200, length));
        assert_eq!(answer.header("transfer-encoding"), Some("chunked"), "{length}");
    }
    let sized = Service::start("echo", &["--body-size", "4KiB"]);
    assert_eq!(get(sized.address(), "/any/path").body.len(), 4096);
}

#[test]
fn an_answer_has_the_status_asked_for_and_takes_its_service_time() {
    let echo = echo(&["--service-time", "3ms"]);
    for status in [200, 204, 304, 404, 418, 503, 599] {
        let answer = get(echo.address(), &format!("/status/{status}"));
        assert_eq!(answer.status, status);
        assert!(answer.server_timing().service_ms >= 3.0, "{answer:?}");
    }
    let redirect = get(echo.address(), "/status/302");
    assert_eq!((redirect.status, redirect.header("location")), (302, Some("/")));
}

#[test]
fn requests_are_counted_by_what_they_ask_for() {
    let echo = echo(&[]);
    for path in ["/", "/a/b", "/bytes/1", "/chunked/1", "/status/404", "/delay/1ms", "/delay/odd"] {
        get(echo.address(), path);
    }
    let metrics = Metrics::of(echo.admin);
    let count =
        |route, code| metrics.count("dockercoins_requests_total", &[("route", route), ("code", code)]);
    assert_eq!([count("/", "200"), count("/bytes/N", "200"), count("/chunked/N", "200")], [2, 1, 1]);
    assert_eq!(
        [count("/status/CODE", "404"), count("/delay/TIME", "200"), count("/delay/TIME", "400")],
        [1; 3]
    );
}
