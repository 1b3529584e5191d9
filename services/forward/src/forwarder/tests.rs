//! The forwarder over real sockets.

use super::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpSocket;

const DEADLINE: Duration = Duration::from_secs(10);

/// A replica that reads to the end of the request, then answers with its name and what it has read.
async fn echo(name: &'static str) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            tokio::spawn(async move {
                let mut request = Vec::new();
                stream.read_to_end(&mut request).await.unwrap();
                stream.write_all(name.as_bytes()).await.unwrap();
                stream.write_all(&request).await.unwrap();
            });
        }
    });
    address
}

async fn forwarder(backends: &Backends) -> Forwarder {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    Forwarder::start(listener, backends.clone()).unwrap()
}

async fn finish(mut stream: TcpStream, request: &str) -> String {
    let exchange = async {
        stream.write_all(request.as_bytes()).await.unwrap();
        stream.shutdown().await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    };
    timeout(DEADLINE, exchange).await.unwrap()
}

async fn ask(address: SocketAddr, request: &str) -> String {
    finish(TcpStream::connect(address).await.unwrap(), request).await
}

async fn connections(backends: &Backends, wanted: u64) {
    let reached = async {
        while backends.counts().iter().map(|count| count.connections).sum::<u64>() < wanted {
            tokio::task::yield_now().await;
        }
    };
    timeout(DEADLINE, reached).await.unwrap();
}

#[tokio::test]
async fn connections_take_the_replicas_in_turn() {
    let backends = Backends::new();
    backends.set(&[echo("a").await, echo("b").await, echo("c").await]);
    let forwarder = forwarder(&backends).await;
    let mut answers = Vec::new();
    for _ in 0..6 {
        answers.push(ask(forwarder.address(), "").await);
    }
    assert_eq!(answers, ["a", "b", "c", "a", "b", "c"]);
    assert!(backends.counts().iter().all(|count| count.connections == 2));
}

#[tokio::test]
async fn whoever_has_connected_before_the_end_is_served() {
    let backends = Backends::new();
    backends.add(echo("a").await);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut clients = Vec::new();
    for _ in 0..50 {
        clients.push(TcpStream::connect(listener.local_addr().unwrap()).await.unwrap());
    }
    tokio::spawn(serve(listener, backends, Duration::ZERO, std::future::ready(())));
    for client in clients {
        assert_eq!(finish(client, "").await, "a");
    }
}

#[tokio::test]
async fn a_half_closed_connection_still_carries_the_answer() {
    let backends = Backends::new();
    backends.add(echo("a:").await);
    let large = "x".repeat(300_000);
    assert_eq!(ask(forwarder(&backends).await.address(), &large).await, format!("a:{large}"));
}

#[tokio::test]
async fn a_dead_backend_is_passed_over() {
    let backends = Backends::new();
    let unused = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let dead = unused.local_addr().unwrap();
    drop(unused);
    backends.set(&[dead, echo("b").await]);
    let forwarder = forwarder(&backends).await;
    for _ in 0..3 {
        assert_eq!(ask(forwarder.address(), "").await, "b");
    }
    assert_eq!(backends.unserved(), 0);
}

/// A listener whose queue is full, so that a connection to it neither stands nor fails.
async fn deaf() -> (TcpListener, Vec<TcpStream>) {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(1).unwrap();
    let mut queued = Vec::new();
    let address = listener.local_addr().unwrap();
    while let Ok(stream) = timeout(Duration::from_millis(100), TcpStream::connect(address)).await {
        queued.push(stream.unwrap());
    }
    (listener, queued)
}

#[tokio::test]
async fn a_dial_to_a_replica_that_is_removed_meanwhile_is_given_up_at_once() {
    let (listener, _queued) = deaf().await;
    let deaf = listener.local_addr().unwrap();
    let backends = Backends::new();
    backends.set(&[deaf, echo("b").await]);
    let forwarder = forwarder(&backends).await;
    let began = std::time::Instant::now();
    let removal = async {
        while timeout(Duration::from_millis(10), backends.idle(deaf)).await.is_ok() {
            tokio::task::yield_now().await;
        }
        backends.remove(deaf);
    };
    let (answer, ()) = tokio::join!(ask(forwarder.address(), ""), removal);
    assert!(answer == "b" && began.elapsed() < DIAL_TIMEOUT, "{answer} after {:?}", began.elapsed());
}

#[tokio::test]
async fn without_a_backend_the_client_is_closed_and_counted() {
    let backends = Backends::new();
    let forwarder = forwarder(&backends).await;
    assert_eq!(ask(forwarder.address(), "").await, "");
    assert_eq!(backends.unserved(), 1);
}

#[tokio::test]
async fn a_removed_replica_finishes_what_it_has_and_gets_nothing_new() {
    let backends = Backends::new();
    let removed = echo("a").await;
    backends.set(&[removed, echo("b").await]);
    let forwarder = forwarder(&backends).await;
    let open = TcpStream::connect(forwarder.address()).await.unwrap();
    connections(&backends, 1).await;
    backends.remove(removed);
    backends.idle(removed).await;
    for _ in 0..4 {
        assert_eq!(ask(forwarder.address(), "").await, "b");
    }
    assert_eq!(finish(open, "late").await, "alate");
}
