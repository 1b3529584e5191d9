//! A body of as many bytes as asked for, all cut from one block: it takes no memory, whatever its length.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::LazyLock;
use std::task::{Context, Poll};

use ::bytes::Bytes;
use dockercoins_kit::serve;
use http_body::{Body, Frame, SizeHint};
use http_body_util::BodyExt;
use hyper::Response;
use hyper::header::{CONTENT_TYPE, HeaderValue};

const LINE: &[u8; 64] = b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.\n";

/// Large enough to keep system calls rare.
const BLOCK: usize = 64 * 1024;

static BLOCK_OF_LINES: LazyLock<Bytes> = LazyLock::new(|| LINE.repeat(BLOCK / LINE.len()).into());

/// The bytes still to be sent.
#[derive(Debug)]
pub(crate) struct Filler {
    left: u64,
    chunk: usize,
    tells_length: bool,
}

impl Filler {
    /// `length` bytes, which the answer's header tells.
    pub(crate) fn new(length: u64) -> Self {
        Self { left: length, chunk: BLOCK, tells_length: true }
    }

    /// `length` bytes in chunks of at most `chunk`, each of which has its own length.
    pub(crate) fn in_chunks(length: u64, chunk: usize) -> Self {
        Self { left: length, chunk: chunk.clamp(1, BLOCK), tells_length: false }
    }

    /// The answer with this body.
    pub(crate) fn answer(self) -> Response<serve::Body> {
        let mut response = Response::new(self.boxed_unsync());
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
        response
    }
}

impl Body for Filler {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if self.left == 0 {
            return Poll::Ready(None);
        }
        let length = usize::try_from(self.left).unwrap_or(BLOCK).min(self.chunk);
        self.left -= length as u64;
        Poll::Ready(Some(Ok(Frame::data(BLOCK_OF_LINES.slice(..length)))))
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

    #[tokio::test]
    async fn the_body_has_the_length_asked_for() {
        for length in [0, 1, 64, 65_536, 200_000] {
            for filler in [Filler::new(length), Filler::in_chunks(length, 1000)] {
                assert_eq!(filler.collect().await.unwrap().to_bytes().len() as u64, length);
            }
        }
    }

    #[tokio::test]
    async fn chunks_have_the_length_asked_for_and_the_last_has_the_rest() {
        let mut filler = Filler::in_chunks(2500, 1000);
        let mut lengths = Vec::new();
        while let Some(Ok(frame)) = filler.frame().await {
            lengths.push(frame.into_data().unwrap().len());
        }
        assert_eq!(lengths, [1000, 1000, 500]);
    }
}
