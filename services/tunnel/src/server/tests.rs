//! The server, spoken to by a plain HTTP/2 client over an in-memory pipe.

use super::*;
use http_body_util::{BodyExt, Empty};
use hyper::Uri;
use hyper::client::conn::http2::{SendRequest, handshake};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex, split};
use tokio::net::{TcpListener, TcpSocket};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::timeout;

const DEADLINE: Duration = Duration::from_secs(20);

type Client = SendRequest<Empty<Bytes>>;
type Server = JoinHandle<Result<(), TunnelError>>;

fn serve(end: DuplexStream) -> Server {
    let (reader, writer) = split(end);
    tokio::spawn(run(reader, writer))
}

/// A client, the wire between it and the server, and the server; aborting the wire cuts it.
async fn client() -> (Client, JoinHandle<()>, Server) {
    let (here, mut one_end) = duplex(64 * 1024);
    let (mut other_end, there) = duplex(64 * 1024);
    let wire = tokio::spawn(async move {
        let _ = tokio::io::copy_bidirectional(&mut one_end, &mut other_end).await;
    });
    let (client, connection) = handshake(TokioExecutor::new(), TokioIo::new(here)).await.unwrap();
    tokio::spawn(connection);
    (client, wire, serve(there))
}

async fn send(client: &Client, method: Method, target: &str) -> Response<Incoming> {
    let mut request = Request::new(Empty::new());
    *request.method_mut() = method;
    *request.uri_mut() = target.parse::<Uri>().unwrap();
    timeout(DEADLINE, client.clone().send_request(request)).await.unwrap().unwrap()
}

async fn refused(client: &Client, method: Method, target: &str) -> (StatusCode, String) {
    let response = send(client, method, target).await;
    let status = response.status();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (status, String::from_utf8_lossy(&body).into_owned())
}

/// A server that answers each byte with the next.
async fn successor() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                while let Ok(byte) = stream.read_u8().await {
                    stream.write_u8(byte.wrapping_add(1)).await.unwrap();
                }
            });
        }
    });
    address
}

/// Needs 1,000 descriptors, as many as some systems give a process.
#[tokio::test]
async fn five_hundred_connections_at_a_time_are_carried() {
    let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile);
    let raised = rustix::process::Rlimit { current: limit.maximum, ..limit };
    let _ = rustix::process::setrlimit(rustix::process::Resource::Nofile, raised);
    let (client, _wire, _server) = client().await;
    let target = successor().await;
    let mut opened = Vec::new();
    for _ in 0..500 {
        let response = send(&client, Method::CONNECT, &target).await;
        assert_eq!(response.status(), StatusCode::OK);
        opened.push(TokioIo::new(hyper::upgrade::on(response).await.unwrap()));
    }
    let mut asked = JoinSet::new();
    for (byte, mut stream) in (0..250).cycle().zip(opened) {
        asked.spawn(async move {
            stream.write_u8(byte).await.unwrap();
            assert_eq!(stream.read_u8().await.unwrap(), byte + 1);
        });
    }
    timeout(DEADLINE, asked.join_all()).await.unwrap();
}

#[tokio::test]
async fn a_connection_that_cannot_be_made_is_told_with_the_reason() {
    let (client, _wire, _server) = client().await;
    // Bound, so that nobody else can get it, and not listening.
    let nobody = TcpSocket::new_v4().unwrap();
    nobody.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let free = nobody.local_addr().unwrap().to_string();
    let (status, reason) = refused(&client, Method::CONNECT, &free).await;
    assert_eq!(status, StatusCode::BAD_GATEWAY);
    assert!(reason.contains(&free) && reason.contains("refused"), "{reason}");
    // A label of more than 63 characters fails without any name server being asked.
    let nowhere = format!("{}:80", "x".repeat(64));
    assert_eq!(refused(&client, Method::CONNECT, &nowhere).await.0, StatusCode::BAD_GATEWAY);
    let (status, reason) = refused(&client, Method::CONNECT, "rng").await;
    assert!(status == StatusCode::BAD_REQUEST && reason.contains("HOST:PORT"), "{status} {reason}");
    let (status, reason) = refused(&client, Method::GET, "http://rng/").await;
    assert!(status == StatusCode::METHOD_NOT_ALLOWED && reason.contains("CONNECT"), "{status} {reason}");
}

#[tokio::test]
async fn it_ends_when_its_input_does_and_takes_its_connections_along() {
    let (client, wire, server) = client().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let target = listener.local_addr().unwrap().to_string();
    let (response, accepted) = tokio::join!(send(&client, Method::CONNECT, &target), listener.accept());
    let carried = hyper::upgrade::on(response).await.unwrap();
    wire.abort();
    timeout(DEADLINE, server).await.unwrap().unwrap().unwrap();
    let mut rest = Vec::new();
    // In order or not: it ends.
    let _ = timeout(DEADLINE, accepted.unwrap().0.read_to_end(&mut rest)).await.unwrap();
    drop(carried);
}

#[tokio::test]
async fn a_peer_that_speaks_no_http2_is_told_of() {
    let (mut here, there) = duplex(1024);
    let server = serve(there);
    here.write_all(b"GET / HTTP/1.1\r\nHost: tunnel\r\n\r\n").await.unwrap();
    let told = timeout(DEADLINE, server).await.unwrap().unwrap().unwrap_err().to_string();
    assert!(told.contains("does not speak HTTP/2") && !told.contains('\n'), "{told}");
}
