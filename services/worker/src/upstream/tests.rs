use std::sync::Mutex;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};

use super::*;
use crate::addresses::AddressChoice;
use crate::addresses::fake::Zone;

const SMALL: &str = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nabcd";
/// As the original's rng answers, which closes after each.
const OLD: &str =
    "HTTP/1.0 200 OK\r\nContent-Type: application/octet-stream\r\nServer: Werkzeug/2.0\r\n\r\nabcd";

/// A server that reads a request, sends an answer word by word, and closes after so many of them.
#[derive(Clone)]
struct Server {
    address: SocketAddr,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Server {
    async fn start(answer: &'static str, answers_per_connection: usize) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = Self { address: listener.local_addr().unwrap(), requests: Arc::default() };
        let requests = server.requests.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, requests.clone(), answer, answers_per_connection));
            }
        });
        server
    }

    fn count(&self) -> usize {
        self.requests.lock().unwrap().len()
    }
}

async fn serve(mut stream: TcpStream, requests: Arc<Mutex<Vec<String>>>, answer: &str, answers: usize) {
    for _ in 0..answers {
        let mut request = Vec::new();
        while !request.ends_with(b"\r\n\r\n") && !request.ends_with(b"12345678") {
            match stream.read_u8().await {
                Ok(byte) => request.push(byte),
                Err(_) => return,
            }
        }
        requests.lock().unwrap().push(String::from_utf8(request).unwrap());
        for word in answer.split_inclusive(' ') {
            let _ = stream.write_all(word.as_bytes()).await;
            tokio::task::yield_now().await;
        }
    }
}

/// Where nobody listens, and nobody else can while it lives.
fn nobody() -> TcpSocket {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    socket
}

fn upstream(zone: &Zone, method: Method, keep_alive: bool) -> Arc<Upstream> {
    let origin = Origin::parse("http://zone:8001").unwrap();
    Arc::new(Upstream {
        stage: Stage::Rng,
        addresses: zone.addresses(AddressChoice::RoundRobin),
        form: Form::new(method, &origin, "/32", keep_alive),
        answer_limit: 32,
        keep_alive,
        timeout: Duration::from_secs(10),
        tally: Arc::new(Tally::new(1)),
    })
}

fn connections(upstream: &Upstream) -> u64 {
    upstream.tally.counts().connections[Stage::Rng as usize]
}

async fn fetch(caller: &mut Caller, times: usize) {
    for _ in 0..times {
        assert_eq!(caller.call(Bytes::new()).await.unwrap(), "abcd");
    }
}

#[tokio::test]
async fn fresh_connections_take_the_replicas_in_turn_and_notice_new_ones() {
    let [a, b, c] =
        [Server::start(SMALL, 9).await, Server::start(SMALL, 9).await, Server::start(SMALL, 9).await];
    let zone = Zone::default();
    zone.set(&[a.address, b.address]);
    let mut caller = Caller::new(upstream(&zone, Method::GET, false));
    fetch(&mut caller, 10).await;
    assert_eq!([a.count(), b.count()], [5, 5]);
    zone.set(&[c.address, a.address, b.address]);
    fetch(&mut caller, 9).await;
    assert_eq!([a.count(), b.count(), c.count()], [8, 8, 3]);
    assert_eq!(connections(&caller.upstream), 19);
}

#[tokio::test]
async fn a_kept_connection_sticks_to_its_replica() {
    let [a, b] = [Server::start(SMALL, 99).await, Server::start(SMALL, 99).await];
    let zone = Zone::default();
    zone.set(&[a.address]);
    let mut caller = Caller::new(upstream(&zone, Method::GET, true));
    fetch(&mut caller, 1).await;
    zone.set(&[a.address, b.address]);
    fetch(&mut caller, 9).await;
    assert_eq!([a.count(), b.count()], [10, 0]);
    assert_eq!(connections(&caller.upstream), 1);
}

#[tokio::test]
async fn a_kept_connection_that_was_closed_is_replaced_without_an_error() {
    let server = Server::start(SMALL, 3).await;
    let zone = Zone::default();
    zone.set(&[server.address]);
    let mut caller = Caller::new(upstream(&zone, Method::GET, true));
    fetch(&mut caller, 9).await;
    assert_eq!(server.count(), 9);
    assert_eq!(connections(&caller.upstream), 3);
}

#[tokio::test]
async fn http_1_0_answers_that_end_with_the_connection_are_read_with_and_without_keep_alive() {
    let server = Server::start(OLD, 1).await;
    let zone = Zone::default();
    zone.set(&[server.address]);
    for keep_alive in [false, true] {
        let mut caller = Caller::new(upstream(&zone, Method::GET, keep_alive));
        fetch(&mut caller, 3).await;
        assert_eq!(connections(&caller.upstream), 3, "keep-alive {keep_alive}");
    }
}

#[tokio::test]
async fn an_address_that_refuses_is_passed_over() {
    let server = Server::start(SMALL, 9).await;
    let zone = Zone::default();
    let nobodies = [nobody(), nobody()];
    let [first, last] = nobodies.each_ref().map(|nobody| nobody.local_addr().unwrap());
    zone.set(&[first, server.address, last]);
    let mut caller = Caller::new(upstream(&zone, Method::GET, false));
    fetch(&mut caller, 6).await;
    assert_eq!(server.count(), 6);
}

#[tokio::test]
async fn the_request_says_what_the_original_needs() {
    let server = Server::start(SMALL, 9).await;
    let zone = Zone::default();
    zone.set(&[server.address]);
    let mut caller = Caller::new(upstream(&zone, Method::POST, false));
    caller.call("12345678".into()).await.unwrap();
    let request = server.requests.lock().unwrap()[0].to_lowercase();
    for piece in [
        "post /32 http/1.1\r\n",
        "host: zone:8001\r\n",
        "content-type: application/octet-stream\r\n",
        "content-length: 8\r\n",
        "connection: close\r\n",
    ] {
        assert!(request.contains(piece), "`{piece}` is missing in {request}");
    }
}

#[tokio::test]
async fn what_is_no_answer_is_an_error_that_says_so() {
    for (answer, expected) in [
        ("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n", "503"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabcd", "broke off"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 33\r\n\r\n123456789012345678901234567890123", "too long"),
        ("HTTP/1.1 200 OK\r\nContent-", "no answer"),
        ("220 mail.example ESMTP\r\n", "no answer"),
    ] {
        let zone = Zone::default();
        zone.set(&[Server::start(answer, 1).await.address]);
        let mut caller = Caller::new(upstream(&zone, Method::GET, true));
        let error = caller.call(Bytes::new()).await.unwrap_err().to_string();
        assert!(error.contains(expected), "{answer:?}: {error}");
    }
}

#[tokio::test]
async fn without_an_address_or_without_anybody_there_the_error_names_it() {
    let zone = Zone::default();
    let mut caller = Caller::new(upstream(&zone, Method::GET, false));
    assert_eq!(caller.call(Bytes::new()).await.unwrap_err().to_string(), "zone has no address");
    let nobody = nobody();
    let address = nobody.local_addr().unwrap();
    zone.set(&[address]);
    let error = caller.call(Bytes::new()).await.unwrap_err().to_string();
    assert!(error.contains(&address.to_string()), "{error}");
}

#[tokio::test(start_paused = true)]
async fn an_upstream_that_hangs_is_given_up() {
    // The kernel accepts; nobody ever answers.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let zone = Zone::default();
    zone.set(&[listener.local_addr().unwrap()]);
    let mut caller = Caller::new(upstream(&zone, Method::GET, true));
    let error = caller.call(Bytes::new()).await.unwrap_err().to_string();
    assert!(error.contains("10s") && error.contains("--request-timeout"), "{error}");
}
