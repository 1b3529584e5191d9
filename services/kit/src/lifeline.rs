//! The tie between a replica and the supervisor that started it: a Unix socket in place of standard input.
//!
//! The replica tells its addresses over it once, as one line of JSON. From then on the socket is silent; its end means
//! that the supervisor is gone, however it went, and that the replica has to go too.

use std::net::SocketAddr;
use std::os::fd::AsFd;

use serde::Serialize;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;

/// What the supervisor has to know of a replica.
#[derive(Debug, Serialize)]
pub(crate) struct Announcement {
    pub(crate) address: Option<SocketAddr>,
    pub(crate) admin: SocketAddr,
}

#[derive(Debug)]
pub(crate) struct Lifeline(UnixStream);

impl Lifeline {
    /// Takes standard input for the socket that it must be.
    pub(crate) fn from_stdin() -> std::io::Result<Self> {
        let socket = std::os::unix::net::UnixStream::from(std::io::stdin().as_fd().try_clone_to_owned()?);
        socket.set_nonblocking(true)?;
        // A pipe or a file fails here instead of at some later moment.
        socket.peer_addr()?;
        UnixStream::from_std(socket).map(Self)
    }

    pub(crate) async fn announce(&mut self, announcement: &Announcement) -> std::io::Result<()> {
        let mut line = serde_json::to_vec(announcement)?;
        line.push(b'\n');
        self.0.write_all(&line).await
    }

    /// Resolves when the supervisor is gone.
    pub(crate) async fn severed(mut self) {
        let mut ignored = [0; 64];
        while matches!(self.0.read(&mut ignored).await, Ok(1..)) {}
    }
}
