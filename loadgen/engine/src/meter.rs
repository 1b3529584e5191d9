//! What passes over a connection, seen below HTTP. Owns the count of header bytes, and the instants of
//! the last byte out and the first one in, which an HTTP library does not tell.

use std::io;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Instant;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::task::yield_now;

use crate::stream::Stream;

/// Bytes of a head after which whoever reads pauses: interim answers (1xx) without end would otherwise be read in one go, and
/// nobody would look at the timeout meanwhile, nor at the other pings of the thread.
const HEAD_AT_ONCE: u64 = 64 * 1024;

/// What has passed of one exchange.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Reading {
    /// When the last byte of the request was handed over.
    pub(crate) sent_at: Option<Instant>,
    /// When the first byte came.
    pub(crate) first_byte_at: Option<Instant>,
    /// Bytes up to and including the empty line that ends the head, interim answers (1xx) included.
    pub(crate) header_bytes: u64,
    /// Those of them that had come at the last pause.
    paused_at: u64,
    /// Where in its head the next byte stands.
    place: usize,
    at_line_start: bool,
    is_interim: bool,
    head_is_whole: bool,
}

/// Where the first digit of the status stands in `HTTP/1.1 200 OK`.
const STATUS_CLASS: usize = "HTTP/1.1 ".len();

impl Reading {
    fn take_in(&mut self, bytes: &[u8]) {
        if !bytes.is_empty() {
            self.first_byte_at.get_or_insert_with(Instant::now);
        }
        for byte in bytes {
            if self.head_is_whole {
                break;
            }
            self.take_in_byte(*byte);
        }
    }

    fn take_in_byte(&mut self, byte: u8) {
        self.header_bytes += 1;
        self.is_interim |= self.place == STATUS_CLASS && byte == b'1';
        self.place += 1;
        match byte {
            b'\n' if self.at_line_start => self.end_head(),
            b'\n' => self.at_line_start = true,
            b'\r' => {}
            _ => self.at_line_start = false,
        }
    }

    /// Whether it is time for a pause, which it then has.
    fn pauses(&mut self) -> bool {
        let is_due = !self.head_is_whole && self.header_bytes - self.paused_at >= HEAD_AT_ONCE;
        if is_due {
            self.paused_at = self.header_bytes;
        }
        is_due
    }

    fn end_head(&mut self) {
        self.head_is_whole = !self.is_interim;
        (self.place, self.at_line_start, self.is_interim) = (0, false, false);
    }
}

/// The side that reads the meter.
#[derive(Clone, Debug, Default)]
pub(crate) struct Meter(Arc<Mutex<Reading>>);

impl Meter {
    /// The stream, metered from here on.
    pub(crate) fn attach(&self, stream: Stream) -> Metered {
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

    fn note_sent(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).sent_at = Some(Instant::now());
    }

    fn pauses(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pauses()
    }

    fn take_in(&self, bytes: &[u8]) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take_in(bytes);
    }
}

/// A stream whose incoming bytes are metered.
#[derive(Debug)]
pub(crate) struct Metered {
    stream: Stream,
    meter: Meter,
}

impl AsyncRead for Metered {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.meter.pauses() {
            // Woken when the runtime has looked at its clock, unlike by the waker itself.
            return pin!(yield_now()).poll(cx).map(Ok);
        }
        let before = buf.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(cx, buf);
        self.meter.take_in(&buf.filled()[before..]);
        polled
    }
}

impl AsyncWrite for Metered {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write(cx, buf);
        if let Poll::Ready(Ok(1..)) = polled {
            self.meter.note_sent();
        }
        polled
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

    #[test]
    fn the_head_of_an_interim_answer_is_only_a_part() {
        let answers = b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\n\r\nbody";
        let mut reading = Reading::default();
        answers.chunks(3).for_each(|bytes| reading.take_in(bytes));
        assert_eq!(reading.header_bytes, answers.len() as u64 - 4);
    }

    #[test]
    fn interim_answers_without_an_end_are_read_with_pauses_and_a_body_is_not() {
        let interim = b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n";
        let mut reading = Reading::default();
        let mut pauses = 0;
        // A pause comes with the answer that is due to end beyond it.
        for _ in 0..3 * HEAD_AT_ONCE.div_ceil(interim.len() as u64) {
            reading.take_in(interim);
            pauses += u32::from(reading.pauses());
        }
        assert_eq!(pauses, 3);
        reading.take_in(b"HTTP/1.1 200 OK\r\n\r\n");
        reading.take_in(&vec![0; usize::try_from(HEAD_AT_ONCE).unwrap()]);
        assert!(!reading.pauses());
    }
}
