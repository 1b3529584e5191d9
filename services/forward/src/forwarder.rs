//! Accepting clients, dialling the replica whose turn it is, copying both ways until both sides are done.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use dockercoins_kit::serve::accept_rest;
use tokio::io::copy_bidirectional_with_sizes;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{sleep, timeout};

use crate::backends::Backends;

/// A replica that takes longer than this to accept is passed over.
const DIAL_TIMEOUT: Duration = Duration::from_secs(5);
/// What connections still open at the end are given to finish.
const DRAIN: Duration = Duration::from_secs(5);
/// The applications' messages fit in one buffer; a hundred connections cost 1.6 MB.
const BUFFER: usize = 8 * 1024;
const SHORTEST_PAUSE: Duration = Duration::from_millis(5);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// A running forwarder. Dropping it closes the listener and every connection.
#[derive(Debug)]
pub struct Forwarder {
    address: SocketAddr,
    task: JoinHandle<()>,
}

impl Forwarder {
    /// Forwards the connections of `listener` to `backends` from now on.
    pub fn start(listener: TcpListener, backends: Backends) -> io::Result<Self> {
        let address = listener.local_addr()?;
        let task = tokio::spawn(serve(listener, backends, std::future::pending()));
        Ok(Self { address, task })
    }

    /// Ends it; once this returns, its port is free again.
    pub async fn close(mut self) {
        self.task.abort();
        // It ends by being aborted, and an error says just that.
        let _ = (&mut self.task).await;
    }

    /// Where clients connect.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Forwarder {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Forwards until `stop` resolves, then lets the open connections finish, for 5 s at most.
pub(crate) async fn serve(listener: TcpListener, backends: Backends, stop: impl Future<Output = ()>) {
    let mut relays = JoinSet::new();
    tokio::pin!(stop);
    loop {
        tokio::select! {
            () = &mut stop => break,
            client = accept(&listener) => {
                relays.spawn(relay(client, backends.clone()));
            }
            Some(_) = relays.join_next() => {}
        }
    }
    accept_rest(listener, |client| {
        relays.spawn(relay(client, backends.clone()));
    });
    let finished = async { while relays.join_next().await.is_some() {} };
    if timeout(DRAIN, finished).await.is_err() {
        tracing::warn!(connections = relays.len(), "closing connections that did not end");
    }
}

/// The next client. Out of descriptors it pauses; the pause is cut short whenever a connection ends, since the caller
/// then asks anew.
async fn accept(listener: &TcpListener) -> TcpStream {
    let mut pause = SHORTEST_PAUSE;
    loop {
        match listener.accept().await {
            Ok((client, _)) => return client,
            Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => {}
            Err(error) => {
                tracing::warn!(%error, "cannot accept a connection; trying again");
                sleep(pause).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
        }
    }
}

async fn relay(mut client: TcpStream, backends: Backends) {
    let Some(mut replica) = dial(&backends).await else {
        backends.record_unserved();
        return;
    };
    // Without Nagle's delay off, small answers would wait for acknowledgements; failing to switch it off loses nothing.
    let _ = client.set_nodelay(true);
    let _ = replica.set_nodelay(true);
    // Either side may break off at any time; the other then sees its connection close, which is all there is to tell.
    let _ = copy_bidirectional_with_sizes(&mut client, &mut replica, BUFFER, BUFFER).await;
}

/// Dials the backends in turn, each at most once.
async fn dial(backends: &Backends) -> Option<TcpStream> {
    let mut tried = Vec::new();
    while let Some(dial) = backends.pick(&tried) {
        match timeout(DIAL_TIMEOUT, TcpStream::connect(dial.address)).await {
            Ok(Ok(stream)) => {
                dial.established();
                return Some(stream);
            }
            Ok(Err(error)) => tracing::debug!(address = %dial.address, %error, "passing over a backend"),
            Err(_) => tracing::debug!(address = %dial.address, "passing over a backend that does not accept"),
        }
        tried.push(dial.address);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

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
        tokio::spawn(serve(listener, backends, std::future::ready(())));
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
}
