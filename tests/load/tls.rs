//! Loads over TLS, with a certificate authority of the story's own, and over HTTP/2.

use std::io::{Read, Write};

use crate::harness::bench::{load, load_of_any_end, run};
use crate::harness::scripted::{Scripted, Then};
use crate::harness::service::Service;
use crate::harness::tls::{Authority, Clients, Handshake};

fn echo() -> Service {
    Service::start("echo", &[])
}

fn localhost(port: u16) -> String {
    format!("https://localhost:{port}/")
}

/// A try before the load tells what is wrong with TLS in one line, and what would mend it.
#[track_caller]
fn assert_told_beforehand(arguments: &[&str], names: &[&str]) {
    let said = run(&[&["-n", "4", "-c", "2", "-t", "5s"], arguments].concat());
    assert_eq!((said.status.code(), said.stdout.as_str()), (Some(4), ""), "{said:?}");
    assert_eq!(said.stderr.lines().count(), 1, "{said:?}");
    assert!(names.iter().all(|name| said.stderr.contains(name)), "{names:?} in {said:?}");
}

#[test]
fn https_trusts_an_authority_that_it_is_told_and_no_other() {
    let (echo, authority, other) = (echo(), Authority::new(), Authority::new());
    let front = authority.front(echo.address(), &["localhost"], &["h2", "http/1.1"], Clients::Anybody);
    let url = localhost(front.address.port());
    let trusted = load(&["-n", "10", "-c", "2", "--cacert", &authority.file(), &url]);
    assert_eq!((trusted.outcome("200"), trusted.count("steps.tls.count")), (10, 2), "{}", trusted.report);
    let asked =
        Handshake { sni: Some("localhost".into()), alpn: Some("http/1.1".into()), client_certificate: false };
    assert!(front.handshakes().iter().all(|seen| *seen == asked), "{:?}", front.handshakes());
    assert_told_beforehand(&[&url], &["--cacert", "--insecure"]);
    assert_told_beforehand(&["--cacert", &other.file(), &url], &["--cacert", "--insecure"]);
    assert_eq!(load(&["-n", "4", "-c", "2", "-k", &url]).outcome("200"), 4);
}

#[test]
fn a_certificate_for_another_name_is_refused_unless_that_name_is_meant() {
    let (echo, authority) = (echo(), Authority::new());
    let front = authority.front(echo.address(), &["inside.example"], &[], Clients::Anybody);
    let (url, file) = (localhost(front.address.port()), authority.file());
    assert_told_beforehand(&["--cacert", &file, &url], &["inside.example", "--sni"]);
    let meant = ["-n", "4", "-c", "2", "--cacert", &file, "--sni", "inside.example", &url];
    assert_eq!(load(&meant).outcome("200"), 4);
    assert!(front.handshakes().iter().all(|seen| seen.sni.as_deref() == Some("inside.example")));
}

#[test]
fn a_server_that_asks_for_a_certificate_gets_it() {
    let (echo, authority) = (echo(), Authority::new());
    let front = authority.front(echo.address(), &["localhost"], &[], Clients::WithCertificate);
    let (url, file) = (localhost(front.address.port()), authority.file());
    let (certificate, key) = authority.client();
    let shown = load(&["-n", "4", "-c", "2", "--cacert", &file, "--cert", &certificate, "--key", &key, &url]);
    assert_eq!(shown.outcome("200"), 4);
    assert!(front.handshakes().iter().all(|seen| seen.client_certificate));
    // In TLS 1.3 the server says no only after the handshake.
    let refused = load_of_any_end(&["-n", "4", "-c", "2", "--cacert", &file, &url]);
    assert_eq!((refused.outcome("TLS handshake failed"), refused.said.status.code()), (4, Some(4)));
    assert!(
        refused.report["reasons"].to_string().contains("CertificateRequired"),
        "{}",
        refused.report["reasons"]
    );
}

#[test]
fn tls_to_a_server_without_it_is_told() {
    let server = Scripted::greeting(|stream| {
        let _ = stream.read(&mut [0; 1024]);
        let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
        Then::Close
    });
    assert_told_beforehand(&[&format!("https://{}/", server.address)], &["http://"]);
}

#[test]
fn http2_is_spoken_from_the_start_or_as_agreed() {
    let (echo, authority) = (echo(), Authority::new());
    let url = format!("http://{}/", echo.address());
    let plain = load(&["-n", "40", "-c", "2", "-p", "5", "--http2", &url]);
    assert_eq!((plain.outcome("200"), plain.count("traffic.connections")), (40, 2));
    assert_eq!((plain.at("plan.http").as_str(), plain.count("plan.streams")), (Some("2"), 5));
    let front = authority.front(echo.address(), &["localhost"], &["h2", "http/1.1"], Clients::Anybody);
    let url = localhost(front.address.port());
    assert_eq!(load(&["-n", "40", "-c", "2", "--http2", "-k", &url]).outcome("200"), 40);
    assert!(front.handshakes().iter().all(|seen| seen.alpn.as_deref() == Some("h2")));
}

#[test]
fn http2_that_the_server_does_not_speak_is_told() {
    let (echo, authority) = (echo(), Authority::new());
    let front = authority.front(echo.address(), &["localhost"], &["http/1.1"], Clients::Anybody);
    assert_told_beforehand(&["--http2", "-k", &localhost(front.address.port())], &["--http2"]);
    let server = Scripted::start(|visit| visit.answer("200 OK", "ok"));
    let load = load_of_any_end(&["-n", "4", "-c", "2", "-t", "2s", "--http2", &server.url("/")]);
    assert_eq!((load.count("requests.failed"), load.said.status.code()), (4, Some(4)), "{:?}", load.said);
}

/// Each client of a closed loop waits for its own answer: as many at once as connections times streams.
#[test]
fn streams_multiply_the_clients_of_a_closed_loop() {
    let echo = echo();
    let url = format!("http://{}/delay/300ms", echo.address());
    let load = load(&["-n", "60", "-c", "2", "-p", "30", "--http2", &url]);
    assert_eq!(load.outcome("200"), 60);
    assert!(load.number("took_s") < 3.0, "all at once, or it takes 9 s: {}", load.report);
}
