//! A way to addresses that only a container of the network can reach: a program that runs there dials, and its standard input
//! and output carry the bytes. Owns the program and the local addresses that stand for those over there.
//!
//! - `link`: the HTTP/2 connection to the program; each `CONNECT` is a TCP connection over there;
//! - `door`: a local address, and what comes in by it;
//! - `last_words`: what the program said on standard error.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::net::SocketAddr;
use std::process::Stdio;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncRead, AsyncWrite, BufReader};
use tokio::process::{Child, Command};
use tokio::task::JoinHandle;
use tokio::time::timeout;

mod door;
mod error;
mod last_words;
mod link;
#[cfg(test)]
pub(in crate::backend) mod tests;

use door::Door;
pub use error::TunnelError;
use last_words::LastWords;
use link::Link;

/// What the program gets to start and to answer once.
const TO_ANSWER: Duration = Duration::from_secs(10);
/// What the program's standard error gets to end after its output has.
const TO_THE_LAST_WORD: Duration = Duration::from_secs(1);

/// A running tunnel. Dropping it kills the program, and closes the local addresses and all of their connections.
#[derive(Debug)]
pub struct Tunnel {
    /// The program, as it would be typed.
    command: String,
    link: Link,
    doors: Mutex<HashMap<SocketAddr, Door>>,
    last_words: LastWords,
    /// Ends with the connection, or with the program's last words if it is that which ended.
    driver: JoinHandle<()>,
    /// Killed when dropped.
    _program: Option<Child>,
}

impl Tunnel {
    /// Starts `command`, which must speak HTTP/2 over its standard input and output as `dockercoins tunnel` does; returns once
    /// it has answered.
    pub async fn open(mut command: Command) -> Result<Self, TunnelError> {
        let typed = typed(&command);
        // A group of its own: ^C at the terminal is for whoever uses the tunnel, who may still need it to tidy up.
        command.process_group(0).kill_on_drop(true);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let no_program = |source| TunnelError::Spawn { command: typed.clone(), source };
        let mut program = command.spawn().map_err(no_program)?;
        let pipes = (program.stdout.take(), program.stdin.take(), program.stderr.take());
        let (Some(stdout), Some(stdin), Some(stderr)) = pipes else {
            return Err(no_program(std::io::ErrorKind::BrokenPipe.into()));
        };
        Self::over(typed, stdout, stdin, stderr, Some(program)).await
    }

    /// A tunnel to whoever is at the other end of `reader` and `writer`, and says on `stderr` what goes wrong.
    async fn over(
        command: String,
        reader: impl AsyncRead + Unpin + Send + 'static,
        writer: impl AsyncWrite + Unpin + Send + 'static,
        stderr: impl AsyncRead + Unpin + Send + 'static,
        program: Option<Child>,
    ) -> Result<Self, TunnelError> {
        let last_words = LastWords::default();
        match timeout(TO_ANSWER, connected(reader, writer, stderr, &last_words)).await {
            Ok(Some((link, driver))) => {
                Ok(Self { command, link, doors: Mutex::default(), last_words, driver, _program: program })
            }
            Ok(None) => Err(TunnelError::Ended { command, last_words: last_words.get() }),
            Err(_) => Err(TunnelError::Silent { command, within: TO_ANSWER, last_words: last_words.get() }),
        }
    }

    /// Whether the program has ended, or broken off.
    pub fn has_ended(&self) -> bool {
        self.driver.is_finished()
    }

    /// A loopback address, each connection to which becomes one from the other end to `target`; always the same for the same
    /// target. Where there is no connection to be had over there, the one here is reset.
    ///
    /// Must be called within a runtime.
    pub fn local(&self, target: SocketAddr) -> Result<SocketAddr, TunnelError> {
        if self.has_ended() {
            let (command, last_words) = (self.command.clone(), self.last_words.get());
            return Err(TunnelError::Ended { command, last_words });
        }
        let mut doors = self.doors.lock().unwrap_or_else(PoisonError::into_inner);
        match doors.entry(target) {
            Entry::Occupied(door) => Ok(door.get().address()),
            Entry::Vacant(vacant) => {
                let door = Door::open(self.link.clone(), target).map_err(TunnelError::Listen)?;
                Ok(vacant.insert(door).address())
            }
        }
    }
}

impl Drop for Tunnel {
    fn drop(&mut self) {
        self.driver.abort();
    }
}

/// The connection once the other end has answered, and what drives it; none if it does not speak HTTP/2, and then the last
/// words are complete.
async fn connected(
    reader: impl AsyncRead + Unpin + Send + 'static,
    writer: impl AsyncWrite + Unpin + Send + 'static,
    stderr: impl AsyncRead + Unpin + Send + 'static,
    last_words: &LastWords,
) -> Option<(Link, JoinHandle<()>)> {
    let hearing = tokio::spawn(last_words.clone().hear(stderr));
    let last_word = async move {
        // Somebody else may hold standard error open; then what was said so far has to do.
        let _ = timeout(TO_THE_LAST_WORD, hearing).await;
    };
    let mut reader = BufReader::new(reader);
    if !speaks_http2(&mut reader).await {
        last_word.await;
        // docker tells on standard output why it cannot run a program.
        let _ = timeout(TO_THE_LAST_WORD, last_words.clone().hear(reader)).await;
        return None;
    }
    let Ok((link, connection)) = Link::over(reader, writer).await else {
        last_word.await;
        return None;
    };
    let driver = tokio::spawn(async move {
        connection.await;
        last_word.await;
    });
    if link.greet().await.is_err() {
        // Nothing can go wrong with it any more.
        let _ = driver.await;
        return None;
    }
    Some((link, driver))
}

/// A server's first frame is shorter than 64 KiB, so its first byte is 0, which no text begins with.
async fn speaks_http2(reader: &mut (impl AsyncBufRead + Unpin)) -> bool {
    reader.fill_buf().await.is_ok_and(|bytes| bytes.starts_with(&[0]))
}

fn typed(command: &Command) -> String {
    let command = command.as_std();
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}
