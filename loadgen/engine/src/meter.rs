//! What passes over a connection, seen below HTTP. Owns the count of header bytes and the instant of the first one, which
//! an HTTP library does not tell.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Instant;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// What has come in of one answer.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Reading {
    /// When the first byte came.
    pub(crate) first_byte_at: Option<Instant>,
    /// Bytes up to and including the empty line that ends the head.
    pub(crate) header_bytes: u64,
    at_line_start: bool,
    head_is_whole: bool,
}

impl Reading {
    fn take_in(&mut self, bytes: &[u8]) {
        if !bytes.is_empty() {
            self.first_byte_at.get_or_insert_with(Instant::now);
        }
        for byte in bytes {
            if self.head_is_whole {
                break;
            }
            self.header_bytes += 1;
            match byte {
                b'\n' => self.head_is_whole = std::mem::replace(&mut self.at_line_start, true),
                b'\r' => {}
                _ => self.at_line_start = false,
            }
        }
    }
}

/// The side that reads the meter.
#[derive(Clone, Debug, Default)]
pub(crate) struct Meter(Arc<Mutex<Reading>>);

impl Meter {
    /// The stream, metered from here on.
    pub(crate) fn attach(&self, stream: TcpStream) -> Metered {
        Metered { stream, meter: self.clone() }
    }

    /// Forgets the answer before.
    pub(crate) fn reset(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Reading::default();
    }

    /// What has come in since the last reset.
    pub(crate) fn read(&self) -> Reading {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take_in(&self, bytes: &[u8]) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take_in(bytes);
    }
}

/// A stream whose incoming bytes are metered.
#[derive(Debug)]
pub(crate) struct Metered {
    stream: TcpStream,
    meter: Meter,
}

impl AsyncRead for Metered {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(cx, buf);
        self.meter.take_in(&buf.filled()[before..]);
        polled
    }
}

impl AsyncWrite for Metered {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_head_ends_at_the_first_empty_line_however_it_is_cut() {
        let answer = b"HTTP/1.1 200 OK\r\nA: b\r\n\r\nbody\r\n\r\nmore";
        for cut in 0..answer.len() {
            let mut reading = Reading::default();
            reading.take_in(&answer[..cut]);
            reading.take_in(&answer[cut..]);
            assert_eq!(reading.header_bytes, 25, "cut at {cut}");
            assert!(reading.first_byte_at.is_some());
        }
    }
}
