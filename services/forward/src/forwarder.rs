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
        let task = tokio::spawn(serve(listener, backends, Duration::ZERO, std::future::pending()));
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

/// Forwards until `stop` resolves, then lets the open connections finish, for 5 s at most. While there is no backend at all,
/// a client waits for the first one, no longer than `patience`.
pub(crate) async fn serve(
    listener: TcpListener,
    backends: Backends,
    patience: Duration,
    stop: impl Future<Output = ()>,
) {
    let mut relays = JoinSet::new();
    tokio::pin!(stop);
    loop {
        tokio::select! {
            () = &mut stop => break,
            client = accept(&listener) => {
                relays.spawn(relay(client, backends.clone(), patience));
            }
            Some(_) = relays.join_next() => {}
        }
    }
    accept_rest(listener, |client| {
        relays.spawn(relay(client, backends.clone(), patience));
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

async fn relay(mut client: TcpStream, backends: Backends, patience: Duration) {
    // If there still is none, dialling says so.
    let _ = timeout(patience, backends.filled()).await;
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
        let address = dial.address;
        tokio::select! {
            // A connection that stands is taken, whatever has become of the replica.
            biased;
            connected = timeout(DIAL_TIMEOUT, TcpStream::connect(address)) => match connected {
                Ok(Ok(stream)) => {
                    dial.established();
                    return Some(stream);
                }
                Ok(Err(error)) => tracing::debug!(%address, %error, "passing over a backend"),
                Err(_) => tracing::debug!(%address, "passing over a backend that does not accept"),
            },
            () = backends.removed(address) => tracing::debug!(%address, "passing over a backend that has gone"),
        }
        tried.push(address);
    }
    None
}

#[cfg(test)]
mod tests;
