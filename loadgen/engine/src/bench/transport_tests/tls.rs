//! Load over TLS.

use crate::tls::testing::Authority;

use super::server::{Manners, Server};
use super::{bench, counted, outcomes};

async fn secure(authority: &Authority, name: &str, protocols: &[&[u8]]) -> Server {
    let http2 = protocols == [b"h2"];
    let tls = Some(authority.issue(name).acceptor(protocols));
    Server::start(Manners { http2, tls, ..Manners::default() }).await
}

#[tokio::test]
async fn a_run_over_tls_times_each_handshake_once() {
    let authority = Authority::new();
    let server = secure(&authority, "localhost", &[b"http/1.1"]).await;
    let (outcomes, run) = outcomes(&format!(
        "https://localhost:{}/x -4 -n 20 -c 2 --cacert {}",
        server.port(),
        authority.path().display()
    ))
    .await;
    assert_eq!(outcomes, counted([("200", 20)]));
    assert_eq!((run.tally.steps.tls.count(), run.tally.traffic.connections), (2, 2));
    assert_eq!((run.tally.traffic.body_bytes, server.requests()), (40, 20));
    assert_eq!(server.connections(), 3, "one was to see whether there can be any");
}

#[tokio::test]
async fn a_certificate_that_cannot_be_trusted_ends_the_run_before_it_begins() {
    let authority = Authority::new();
    let server = secure(&authority, "localhost", &[b"http/1.1"]).await;
    let url = format!("https://localhost:{} -4 -n 20", server.port());
    let complaint = bench(&url).await.unwrap_err().to_string();
    assert!(complaint.contains("signed by nobody") && complaint.contains("--cacert"), "{complaint}");
    let complaint = bench(&format!("{url} --cacert {} --sni other", authority.path().display())).await;
    let complaint = complaint.unwrap_err().to_string();
    assert!(complaint.contains("is for localhost") && complaint.contains("--sni"), "{complaint}");
    assert_eq!((server.requests(), server.connections()), (0, 2));
    assert_eq!(outcomes(&format!("{url} --insecure")).await.0, counted([("200", 20)]));
}

#[tokio::test]
async fn a_server_without_http2_is_told_before_the_run() {
    let authority = Authority::new();
    for protocols in [&[b"http/1.1" as &[u8]][..], &[]] {
        let server = secure(&authority, "localhost", protocols).await;
        let url = format!("https://localhost:{} -4 -k -n 20 --http2", server.port());
        let complaint = bench(&url).await.unwrap_err().to_string();
        assert!(
            complaint.contains("does not offer HTTP/2") && complaint.contains("leave out --http2"),
            "{complaint}"
        );
        assert_eq!(server.requests(), 0);
    }
}

#[tokio::test]
async fn http2_is_agreed_on_in_the_handshake() {
    let authority = Authority::new();
    let server = secure(&authority, "localhost", &[b"h2"]).await;
    let url = format!("https://localhost:{} -4 -k -n 20 -c 1 --http2 -p 4", server.port());
    let (outcomes, run) = outcomes(&url).await;
    assert_eq!(outcomes, counted([("200", 20)]));
    assert_eq!((run.tally.steps.tls.count(), run.tally.traffic.connections), (1, 1));
    // The server would refuse what is HTTP/1.1.
    let complaint = bench(&url.replace("--http2 -p 4", "")).await.unwrap_err().to_string();
    assert!(complaint.contains("try with --http2"), "{complaint}");
}
