//! Pinging over TLS.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::*;
use crate::tls::testing::{Authority, Issued};

/// Answers `EMPTY` to every request, over TLS.
async fn serve_tls(issued: &Issued) -> (u16, JoinHandle<()>) {
    let acceptor = issued.acceptor(&[b"http/1.1"]);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let serving = tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let Ok(mut stream) = acceptor.accept(stream).await else { continue };
            let mut request = Vec::new();
            while !request.ends_with(b"\r\n\r\n") && matches!(stream.read_buf(&mut request).await, Ok(1..)) {}
            let _ = stream.write_all(EMPTY.as_bytes()).await;
            let _ = stream.shutdown().await;
        }
    });
    (port, serving)
}

#[tokio::test]
async fn a_handshake_is_a_step_of_its_own_and_certificates_are_checked() {
    let authority = Authority::new();
    let (port, _serving) = serve_tls(&authority.issue("localhost")).await;
    let mut flags = args(&format!("-S -c 1 https://localhost:{port}/1"));
    flags.asking.tls = authority.trusted();
    let mut out = Vec::new();
    let status = ping(flags, &mut out, Screen::default(), pending()).await.unwrap();
    let text = String::from_utf8(out).unwrap();
    assert_eq!(status, PingStatus::Succeeded, "{text}");
    let times = text.split_once("time=").unwrap().1.split_once(" ms").unwrap().0;
    assert_eq!(times.matches('+').count(), 6, "resolve, connect, TLS, send, wait, receive, close: {text}");
    assert!(text.contains(&format!("--- https://localhost:{port}/1 ping statistics ---")), "{text}");

    let (status, text) = ping_until_done(&format!("-c 1 -l localhost:{port}"), &[port]).await;
    assert_eq!(status, PingStatus::Failed);
    assert!(text.contains("certificate of localhost is signed by nobody we know"), "{text}");
    let (status, _) = ping_until_done(&format!("-c 1 -l -k localhost:{port}"), &[port]).await;
    assert_eq!(status, PingStatus::Succeeded);
}

#[tokio::test]
async fn the_timeout_holds_in_the_handshake() {
    let silent = serve(Behaviour::Hang).await;
    let (status, text) = ping_until_done(&format!("-c 1 -t 30ms -l 127.0.0.1:{}", port(&silent)), &[]).await;
    assert_eq!(status, PingStatus::Failed);
    assert!(text.contains("no answer within 30ms, seq=0 time>_ ms"), "{text}");
}

#[tokio::test]
async fn files_that_cannot_be_used_are_wrong_usage() {
    let flags = args("-l --cacert /nowhere.pem localhost");
    let error = ping(flags, &mut Vec::new(), Screen::default(), pending()).await.unwrap_err();
    assert_eq!(
        (error.exit_code(), error.to_string().contains("--cacert /nowhere.pem")),
        (2, true),
        "{error}"
    );
}
