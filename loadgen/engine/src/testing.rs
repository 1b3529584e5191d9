//! Servers for the tests: each does one thing, well or badly.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex as StdMutex};
use std::time::{Duration, Instant};

use http::Method;
use http::header::HeaderValue;
use http::uri::PathAndQuery;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::{Mutex, Semaphore};
use tokio::task::JoinHandle;

use crate::request::Request;

/// What our services' answers look like.
pub(crate) const OK: &str = "HTTP/1.1 200 OK\r\nX-Served-By: rng-1\r\n\
    Server-Timing: queue;dur=650.0, service;dur=100.0\r\nContent-Length: 6\r\n\r\nhello\n";

/// An answer without anything in it.
pub(crate) const EMPTY: &str = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

const DEADLINE: Duration = Duration::from_secs(20);

/// What a server does with every request.
#[derive(Clone, Debug)]
pub(crate) enum Behaviour {
    /// Sends this and waits for the next request.
    Answer(&'static str),
    /// Sends this and closes.
    AnswerAndClose(&'static str),
    /// Never answers.
    Hang,
    /// Resets the connection.
    Reset,
    /// Answers `EMPTY` once the semaphore gives a permit.
    Gate(Arc<Semaphore>),
    /// Serves one request at a time, in order of arrival, for so long each.
    Serial(Arc<Mutex<()>>, Duration),
}

/// A running server; ends when dropped.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    connections: Arc<AtomicUsize>,
    arrivals: Arc<StdMutex<Vec<Instant>>>,
    accepting: JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl Server {
    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    /// When each request was there.
    pub(crate) fn arrivals(&self) -> Vec<Instant> {
        self.arrivals.lock().unwrap().clone()
    }

    /// Returns once so many requests have been there.
    pub(crate) async fn has_seen(&self, requests: usize) {
        let deadline = Instant::now() + DEADLINE;
        while self.arrivals().len() < requests {
            assert!(Instant::now() < deadline, "only {} of {requests} requests came", self.arrivals().len());
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
}

/// Starts a server on a free port.
pub(crate) async fn serve(behaviour: Behaviour) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let connections = Arc::new(AtomicUsize::new(0));
    let arrivals = Arc::new(StdMutex::new(Vec::new()));
    let (counted, noted) = (connections.clone(), arrivals.clone());
    let accepting = tokio::spawn(async move {
        let mut conversations = tokio::task::JoinSet::new();
        while let Ok((stream, _)) = listener.accept().await {
            counted.fetch_add(1, Ordering::SeqCst);
            conversations.spawn(converse(stream, behaviour.clone(), noted.clone()));
        }
    });
    Server { address, connections, arrivals, accepting }
}

async fn converse(mut stream: TcpStream, behaviour: Behaviour, arrivals: Arc<StdMutex<Vec<Instant>>>) {
    while read_request(&mut stream).await {
        arrivals.lock().unwrap().push(Instant::now());
        match &behaviour {
            Behaviour::Answer(answer) => stream.write_all(answer.as_bytes()).await.unwrap(),
            Behaviour::AnswerAndClose(answer) => return stream.write_all(answer.as_bytes()).await.unwrap(),
            Behaviour::Hang => std::future::pending().await,
            Behaviour::Reset => return stream.set_zero_linger().unwrap(),
            Behaviour::Gate(gate) => {
                gate.acquire().await.unwrap().forget();
                let _ = stream.write_all(EMPTY.as_bytes()).await;
            }
            Behaviour::Serial(slot, service_time) => {
                let _slot = slot.lock().await;
                tokio::time::sleep(*service_time).await;
                let _ = stream.write_all(EMPTY.as_bytes()).await;
            }
        }
    }
}

/// Reads a request without a body; whether one came.
pub(crate) async fn read_request(stream: &mut TcpStream) -> bool {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        if !matches!(stream.read_buf(&mut request).await, Ok(1..)) {
            return false;
        }
    }
    true
}

/// An address at which nobody listens, and which nobody else can get while this lives.
#[derive(Debug)]
pub(crate) struct Refusing(TcpSocket);

impl Refusing {
    pub(crate) fn new() -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
        Self(socket)
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.0.local_addr().unwrap()
    }
}

/// A request for `/`.
pub(crate) fn request(method: Method) -> Request {
    Request::new(method, HeaderValue::from_static("test"), PathAndQuery::from_static("/"))
}
