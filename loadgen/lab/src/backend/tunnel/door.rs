//! A local address that stands for one over there: each connection to it becomes a connection from the other end.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use hyper_util::rt::TokioIo;
use tokio::io::copy_bidirectional_with_sizes;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::sleep;

use super::link::Link;

/// The applications' messages fit in one buffer.
const BUFFER: usize = 8 * 1024;
/// Out of descriptors: they come back as connections end.
const PAUSE: Duration = Duration::from_millis(50);

/// A local address. Dropping it closes it, and every connection that came in by it.
#[derive(Debug)]
pub(super) struct Door {
    address: SocketAddr,
    task: JoinHandle<()>,
}

impl Door {
    /// Opens one to `target`, on a port that the system picks.
    pub(super) fn open(link: Link, target: SocketAddr) -> io::Result<Self> {
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let listener = TcpListener::from_std(listener)?;
        let address = listener.local_addr()?;
        Ok(Self { address, task: tokio::spawn(serve(listener, link, target)) })
    }

    /// Where clients connect.
    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(listener: TcpListener, link: Link, target: SocketAddr) {
    // Ends its tasks when it is dropped.
    let mut relays = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((client, _)) => {
                    relays.spawn(relay(client, link.clone(), target));
                }
                Err(error) => {
                    tracing::debug!(%error, "cannot accept a connection; trying again");
                    sleep(PAUSE).await;
                }
            },
            Some(_) = relays.join_next() => {}
        }
    }
}

async fn relay(mut client: TcpStream, link: Link, target: SocketAddr) {
    // Without it small messages would wait for acknowledgements; failing to set it loses nothing.
    let _ = client.set_nodelay(true);
    let whole = match link.connect(target).await {
        Ok(there) => {
            let mut there = TokioIo::new(there);
            copy_bidirectional_with_sizes(&mut client, &mut there, BUFFER, BUFFER).await.is_ok()
        }
        Err(error) => {
            tracing::debug!(%target, %error, "no connection through the tunnel");
            false
        }
    };
    if !whole {
        // An orderly end would pass what came so far for all that there was.
        let _ = client.set_zero_linger();
    }
}
