//! One client's connection.

use std::io::{self, Read, Write};
use std::net::TcpStream;

use super::behaviour::ANSWER;
use super::heads::Heads;

/// A connection, which never blocks.
#[derive(Debug)]
pub(super) struct Connection {
    pub(super) stream: TcpStream,
    heads: Heads,
    /// Tells it from others that had its number before.
    pub(super) generation: u64,
}

impl Connection {
    pub(super) fn new(stream: TcpStream, generation: u64) -> io::Result<Self> {
        stream.set_nonblocking(true)?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, heads: Heads::default(), generation })
    }

    /// Requests that have come since; `None` if the connection is over.
    pub(super) fn requests(&mut self, buffer: &mut [u8]) -> Option<u64> {
        match self.stream.read(buffer) {
            Ok(0) => None,
            Ok(length) => Some(self.heads.ends_in(&buffer[..length])),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Some(0),
            Err(_) => None,
        }
    }

    /// Sends so many answers; whether they all fitted. A client that does not read its answers is not waited for.
    pub(super) fn answer(&mut self, times: u64) -> bool {
        (0..times).all(|_| self.stream.write(ANSWER).is_ok_and(|written| written == ANSWER.len()))
    }
}
