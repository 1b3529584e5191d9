//! Load over HTTP/2.

use std::sync::Arc;
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

use crate::outcome::Failure;

use super::server::{Manners, Server};
use super::{counted, outcomes};

async fn server(manners: Manners) -> Server {
    Server::start(Manners { http2: true, ..manners }).await
}

#[tokio::test]
async fn streams_share_connections_and_answers_say_what_they_say_in_http1() {
    let server = server(Manners::default()).await;
    let (outcomes, run) =
        outcomes(&format!(":{}/hello -4 -n 60 -c 2 --http2 --streams 3 --threads 1", server.port())).await;
    assert_eq!(outcomes, counted([("200", 60)]));
    assert_eq!((server.connections(), run.tally.traffic.connections), (2, 2));
    assert!((2..=6).contains(&server.most_at_a_time()), "{} at a time", server.most_at_a_time());
    assert_eq!(run.tally.traffic.body_bytes, 60 * 6);
    assert!(run.tally.traffic.received_bytes > 60 * 6);
    assert_eq!(run.tally.server.queue.max(), Some(Duration::from_millis(7)));
    assert_eq!(run.tally.replicas["one"].requests(), 60);
}

#[tokio::test]
async fn a_method_a_body_and_an_error_page_arrive() {
    let server = server(Manners::default()).await;
    let line = format!(":{}/missing -4 -n 3 -c 1 --http2 -m POST -d hello --host other", server.port());
    assert_eq!(outcomes(&line).await.0, counted([("404", 3)]));
}

#[tokio::test]
async fn a_connection_that_says_goodbye_is_replaced_and_no_request_is_lost() {
    let server = server(Manners { goodbye_at: Some(10), ..Manners::default() }).await;
    let (outcomes, run) = outcomes(&format!(":{} -4 -n 100 -c 1 --http2 --streams 4", server.port())).await;
    assert_eq!(outcomes, counted([("200", 100)]));
    assert!(run.tally.traffic.connections >= 5, "{:?}", run.tally.traffic);
}

#[tokio::test]
async fn an_open_loop_opens_a_connection_when_all_streams_are_taken() {
    let gate = Arc::new(Semaphore::new(0));
    let server = server(Manners { gate: Some(gate.clone()), ..Manners::default() }).await;
    let line = format!(":{} -4 -n 6 -q 1000 --http2 --streams 2 --threads 1", server.port());
    let (counts, opening) = (server.counts.clone(), async {
        let all_there = async {
            while server.requests() < 6 {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), all_there).await.unwrap();
        gate.add_permits(6);
    });
    let ((outcomes, _), ()) = tokio::join!(outcomes(&line), opening);
    assert_eq!(outcomes, counted([("200", 6)]));
    assert_eq!(
        (counts.connections.load(std::sync::atomic::Ordering::SeqCst), server.most_at_a_time()),
        (3, 6)
    );
}

#[tokio::test]
async fn a_stream_that_takes_too_long_is_censored() {
    let server = server(Manners { gate: Some(Arc::new(Semaphore::new(0))), ..Manners::default() }).await;
    let line = format!(":{} -4 -n 2 -c 1 --http2 --streams 2 -t 50ms", server.port());
    assert_eq!(outcomes(&line).await.0, counted([("timed out", 2)]));
}

#[tokio::test]
async fn a_server_of_http1_is_told_with_the_remedy() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let answering = listener.local_addr().unwrap();
    let serving = tokio::spawn(async move {
        let mut answered = Vec::new();
        while let Ok((mut stream, _)) = listener.accept().await {
            stream.write_all(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n").await.unwrap();
            answered.push(stream);
        }
    });
    let closing = Server::start(Manners::default()).await;
    for address in [answering, closing.address.unwrap()] {
        let (outcomes, run) = outcomes(&format!("{address} -n 2 -c 1 --http2")).await;
        let allowed = [Failure::Malformed, Failure::Closed].map(|failure| failure.to_string());
        assert!(outcomes.keys().all(|outcome| allowed.contains(outcome)), "{outcomes:?}");
        let reasons = run.tally.reasons;
        assert!(!reasons.is_empty() && reasons.values().all(|said| said.contains("--http2")), "{reasons:?}");
    }
    serving.abort();
}
