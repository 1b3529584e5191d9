//! A body of as many bytes as asked for, made piece by piece as it is sent: its memory is one piece, whatever its length.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::Response;
use hyper::body::{Body, Frame, SizeHint};
use hyper::header::{CONTENT_TYPE, HeaderValue};

use crate::serve;

/// The bytes that a piece has at most: enough to keep system calls rare, and few enough to keep a replica small.
pub const PIECE: usize = 64 * 1024;

/// The bytes still to be sent, and what makes so many of them at a time.
#[derive(Debug)]
pub struct Octets<M> {
    left: u64,
    piece: usize,
    tells_length: bool,
    make: M,
}

impl<M: FnMut(usize) -> Bytes + Send + Unpin + 'static> Octets<M> {
    /// `length` bytes, which the answer's header tells.
    pub fn new(length: u64, make: M) -> Self {
        Self { left: length, piece: PIECE, tells_length: true, make }
    }

    /// In chunks of at most `chunk` bytes, each of which has its own length, without telling that of all.
    #[must_use]
    pub fn in_chunks(self, chunk: usize) -> Self {
        Self { piece: chunk.clamp(1, PIECE), tells_length: false, ..self }
    }

    /// The answer with this body.
    pub fn answer(self) -> Response<serve::Body> {
        let mut response = Response::new(self.boxed_unsync());
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
        response
    }
}

impl<M: FnMut(usize) -> Bytes + Unpin> Body for Octets<M> {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if self.left == 0 {
            return Poll::Ready(None);
        }
        let length = usize::try_from(self.left).unwrap_or(PIECE).min(self.piece);
        self.left -= length as u64;
        Poll::Ready(Some(Ok(Frame::data((self.make)(length)))))
    }

    fn is_end_stream(&self) -> bool {
        // Otherwise hyper would tell the length of a body that ends before it begins.
        self.tells_length && self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        if self.tells_length { SizeHint::with_exact(self.left) } else { SizeHint::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zeros(length: usize) -> Bytes {
        vec![0; length].into()
    }

    #[tokio::test]
    async fn the_body_has_the_length_asked_for() {
        for length in [0, 1, 64, PIECE as u64, 3 * PIECE as u64 + 7] {
            for octets in [Octets::new(length, zeros), Octets::new(length, zeros).in_chunks(1000)] {
                assert_eq!(octets.collect().await.unwrap().to_bytes().len() as u64, length);
            }
        }
    }

    #[tokio::test]
    async fn chunks_have_the_length_asked_for_and_the_last_has_the_rest() {
        let mut octets = Octets::new(2500, zeros).in_chunks(1000);
        let mut lengths = Vec::new();
        while let Some(Ok(frame)) = octets.frame().await {
            lengths.push(frame.into_data().unwrap().len());
        }
        assert_eq!(lengths, [1000, 1000, 500]);
    }
}
