use super::*;
use crate::shutdown::shutdown;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

const DEADLINE: Duration = Duration::from_secs(20);

const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nHost: test\r\n\r\n";

async fn ok(_: Request<Incoming>) -> Response<Body> {
    text(StatusCode::OK, "ok")
}

async fn answer(mut client: TcpStream) -> String {
    let mut answer = String::new();
    let read = tokio::time::timeout(DEADLINE, client.read_to_string(&mut answer));
    read.await.expect("the connection ends in time").unwrap();
    answer
}

/// A hundred still fit into the kernel's backlog of 128.
#[tokio::test]
async fn whoever_has_connected_before_the_end_is_answered() {
    for clients in [1, 100] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut connected = Vec::new();
        for _ in 0..clients {
            let mut client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
            client.write_all(REQUEST).await.unwrap();
            connected.push(client);
        }
        let (trigger, shutdown) = shutdown();
        trigger.close();
        // A machine so busy that the last call is over before anything of it is seen.
        tokio::spawn(async { std::thread::sleep(2 * LAST_CALL) });
        tokio::time::timeout(DEADLINE, serve(listener, shutdown, ok)).await.unwrap();
        for client in connected {
            assert!(answer(client).await.starts_with("HTTP/1.1 200"), "of {clients}");
        }
    }
}

#[tokio::test]
async fn a_request_that_a_kept_connection_sends_at_the_end_is_answered_and_is_its_last() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    let (trigger, shutdown) = shutdown();
    let serving = tokio::spawn(serve(listener, shutdown, ok));
    client.write_all(REQUEST).await.unwrap();
    let mut first = [0; 512];
    assert!(client.read(&mut first).await.unwrap() > 0);
    trigger.close();
    client.write_all(REQUEST).await.unwrap();
    let last = answer(client).await;
    assert!(last.starts_with("HTTP/1.1 200") && last.contains("connection: close"), "{last}");
    serving.await.unwrap();
}

#[tokio::test]
async fn head_is_answered_over_http2_with_the_length_of_the_body_and_without_the_body() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (trigger, shutdown) = shutdown();
    let serving = tokio::spawn(serve_each(listener, shutdown, Protocols::Http1And2, |_| ok));
    let stream = TokioIo::new(TcpStream::connect(address).await.unwrap());
    let (mut requests, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), stream).await.unwrap();
    let connection = tokio::spawn(connection);
    for _ in 0..2 {
        let answer =
            requests.send_request(Request::head("/").body(Full::<Bytes>::default()).unwrap()).await.unwrap();
        assert!(answer.body().is_end_stream());
        assert_eq!(
            (answer.status(), &answer.headers()[CONTENT_LENGTH]),
            (StatusCode::OK, &"2".parse().unwrap())
        );
    }
    drop(requests);
    connection.await.unwrap().unwrap();
    trigger.close();
    tokio::time::timeout(DEADLINE, serving).await.expect("it ends").unwrap();
}

#[tokio::test]
async fn a_connection_speaks_the_http_that_it_begins_with_and_its_last_request_is_answered() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (trigger, shutdown) = shutdown();
    let serving = tokio::spawn(serve_each(listener, shutdown, Protocols::Http1And2, |_| ok));
    let mut one = TcpStream::connect(address).await.unwrap();
    one.write_all(b"GET / HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n").await.unwrap();
    assert!(answer(one).await.starts_with("HTTP/1.1 200"));
    let two = TokioIo::new(TcpStream::connect(address).await.unwrap());
    let (mut requests, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), two).await.unwrap();
    let connection = tokio::spawn(connection);
    for is_last in [false, true] {
        if is_last {
            trigger.close();
        }
        let answer = requests.send_request(Request::new(Full::<Bytes>::default())).await.unwrap();
        assert_eq!((answer.version(), answer.status()), (Version::HTTP_2, StatusCode::OK));
        assert_eq!(answer.into_body().collect().await.unwrap().to_bytes(), "ok");
    }
    drop(requests);
    tokio::time::timeout(DEADLINE, serving).await.expect("it ends").unwrap();
    connection.await.unwrap().unwrap();
}
