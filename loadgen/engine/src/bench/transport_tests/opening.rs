//! How connections come about, and how long they last.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;

use crate::outcome::Failure;
use crate::testing::{EMPTY, Refusing, read_request};

use super::server::{Manners, Server};
use super::{counted, outcomes, plan};

#[tokio::test]
async fn a_unix_socket_takes_the_place_of_the_host() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("socket");
    let line = format!("http://nowhere.invalid/x -n 10 -c 2 --unix-socket {}", path.display());
    let complaint = plan(&line).unwrap_err();
    assert!(complaint.contains("--unix-socket") && complaint.contains("No such file"), "{complaint}");
    let server = Server::at(&path, Manners::default());
    let (outcomes, run) = outcomes(&line).await;
    assert_eq!((outcomes, server.requests()), (counted([("200", 10)]), 10));
    assert_eq!((run.tally.steps.connect.count(), run.tally.steps.resolve.count()), (2, 0));
}

#[tokio::test]
async fn a_connection_that_does_not_come_about_in_time_is_a_failure_of_its_own() {
    // The kernel accepts; nobody ever shakes hands.
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{} -n 2 -c 2 -k", silent.local_addr().unwrap());
    let (counts, run) = outcomes(&format!("{url} --connect-timeout 30ms")).await;
    assert_eq!(counts, counted([("connect timed out", 2)]));
    assert!(run.tally.reasons[&Failure::ConnectTimedOut].contains("within 30ms"), "{:?}", run.tally.reasons);
    assert_eq!(outcomes(&format!("{url} -t 30ms")).await.0, counted([("timed out", 2)]));
}

#[tokio::test]
async fn a_refused_connection_says_whose_it_was() {
    let refusing = Refusing::new();
    let (outcomes, run) = outcomes(&format!("{} -n 2 -c 1", refusing.address())).await;
    assert_eq!(outcomes, counted([("refused", 2)]));
    assert!(run.tally.reasons[&Failure::Refused].contains(&refusing.address().to_string()));
}

#[tokio::test]
async fn each_request_has_a_connection_of_its_own_if_none_is_kept() {
    let server = Server::start(Manners::default()).await;
    let url = format!(":{} -4 -n 20 -c 4", server.port());
    assert_eq!(outcomes(&format!("{url} --disable-keepalive")).await.0, counted([("200", 20)]));
    assert_eq!(server.connections(), 20);
    assert_eq!(outcomes(&format!("{url} --connections-max-requests 5")).await.0, counted([("200", 20)]));
    assert!((24..=27).contains(&server.connections()), "{}", server.connections());
}

#[tokio::test]
async fn a_request_whose_answer_has_begun_is_not_sent_again() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let line = format!("{} -n 2 -c 1", listener.local_addr().unwrap());
    let serving = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        for answer in [EMPTY, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"] {
            assert!(read_request(&mut stream).await);
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
        stream.set_zero_linger().unwrap();
    });
    let (outcomes, run) = outcomes(&line).await;
    assert_eq!(outcomes, counted([("200", 1), ("reset", 1)]));
    assert_eq!(run.tally.traffic.resent, 0);
    serving.await.unwrap();
}

/// Answers one request on each connection and closes it, without having said that it would; how many it has answered.
async fn one_each(listener: TcpListener, answered: Arc<AtomicUsize>) {
    while let Ok((mut stream, _)) = listener.accept().await {
        assert!(read_request(&mut stream).await);
        answered.fetch_add(1, Ordering::SeqCst);
        stream.write_all(EMPTY.as_bytes()).await.unwrap();
    }
}

/// A server may close an idle connection whenever it likes (RFC 9112, 9.5).
#[tokio::test]
async fn a_connection_that_was_closed_while_it_lay_idle_costs_no_request_of_any_method() {
    for method in ["GET", "POST"] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let line = format!("{} -n 4 -c 1 --think-time 300ms -m {method}", listener.local_addr().unwrap());
        let answered = Arc::<AtomicUsize>::default();
        let serving = tokio::spawn(one_each(listener, answered.clone()));
        let (outcomes, run) = outcomes(&line).await;
        assert_eq!(outcomes, counted([("200", 4)]), "{method}");
        assert_eq!((run.tally.traffic.resent, run.tally.traffic.connections), (3, 4), "{method}");
        assert_eq!(answered.load(Ordering::SeqCst), 4, "{method}");
        serving.abort();
    }
}

#[tokio::test]
async fn a_request_that_the_server_has_seen_is_not_sent_again() {
    for (method, reset) in [("GET", false), ("GET", true), ("POST", true)] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let line = format!("{} -n 2 -c 1 -m {method}", listener.local_addr().unwrap());
        let serving = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            assert!(read_request(&mut stream).await);
            stream.write_all(EMPTY.as_bytes()).await.unwrap();
            assert!(read_request(&mut stream).await);
            if reset {
                stream.set_zero_linger().unwrap();
            }
        });
        let (outcomes, run) = outcomes(&line).await;
        let ended = if reset { "reset" } else { "closed early" };
        assert_eq!(outcomes, counted([("200", 1), (ended, 1)]), "{method}");
        assert_eq!(run.tally.traffic.resent, 0, "{method}");
        serving.await.unwrap();
    }
}

/// Timeouts are looked for less often than every millisecond.
#[tokio::test]
async fn an_answer_after_the_timeout_is_none_however_late_that_is_noticed() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let line = format!("{} -n 12 -c 1 -t 3ms", listener.local_addr().unwrap());
    let serving = tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                while read_request(&mut stream).await {
                    tokio::time::sleep(Duration::from_millis(5)).await;
                    if stream.write_all(EMPTY.as_bytes()).await.is_err() {
                        return;
                    }
                }
            });
        }
    });
    let (outcomes, run) = outcomes(&line).await;
    assert_eq!(outcomes, counted([("timed out", 12)]));
    let waited = run.collected.slices.total_from(Duration::ZERO);
    assert_eq!(waited.censored().max(), Some(Duration::from_millis(3)));
    serving.abort();
}

#[test]
fn mistakes_about_connections_are_named_with_their_flag() {
    for (line, flag) in [
        ("h --streams 2", "--http2"),
        ("h --http2 --streams 0", "--streams"),
        ("h --http2 --streams 2 --disable-keepalive", "--disable-keepalive"),
        ("h --unix-socket /x -4", "--ipv4"),
        ("h --connect-timeout 0s", "--connect-timeout"),
        ("h --cacert /no/such", "--cacert /no/such"),
        ("h --cert /x", "--key"),
    ] {
        let complaint = plan(line).unwrap_err();
        assert!(complaint.contains(flag), "{line}: {complaint}");
    }
}

#[test]
fn more_connections_than_file_descriptors_are_refused_and_any_number_is_no_more_than_there_can_be() {
    let most = super::super::descriptors::most_connections(1);
    if most < 100_000 {
        let complaint = plan("h -c 100000").unwrap_err();
        assert!(complaint.contains("ulimit -Hn") && complaint.contains(&most.to_string()), "{complaint}");
    }
    assert!(plan("h -q 10").unwrap().connections <= most);
}
