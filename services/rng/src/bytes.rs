//! A body of random bytes that is made as it is sent: its memory is one chunk, whatever its length.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use rand::rngs::{SmallRng, SysRng};
use rand::{Rng, SeedableRng, TryRng};

use crate::Source;

/// Large enough to keep system calls rare, small enough to keep a replica small.
const CHUNK: usize = 64 * 1024;

/// The bytes still to be sent, and where they come from.
#[derive(Debug)]
pub(crate) struct RandomBytes {
    left: u64,
    generator: Generator,
}

#[derive(Debug)]
enum Generator {
    Fast(SmallRng),
    System,
}

impl RandomBytes {
    /// `length` bytes from `source`.
    pub(crate) fn new(length: u64, source: Source) -> Self {
        let generator = match source {
            Source::Fast => Generator::Fast(SmallRng::from_rng(&mut rand::rng())),
            Source::System => Generator::System,
        };
        Self { left: length, generator }
    }

    fn chunk(&mut self, length: usize) -> Bytes {
        let mut chunk = vec![0; length];
        match &mut self.generator {
            Generator::Fast(generator) => generator.fill_bytes(&mut chunk),
            Generator::System => {
                // Linux fails here only before its pool is filled at boot; then a seeded generator serves as well.
                if SysRng.try_fill_bytes(&mut chunk).is_err() {
                    rand::rng().fill_bytes(&mut chunk);
                }
            }
        }
        chunk.into()
    }
}

impl Body for RandomBytes {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if self.left == 0 {
            return Poll::Ready(None);
        }
        let length = usize::try_from(self.left).unwrap_or(CHUNK).min(CHUNK);
        self.left -= length as u64;
        let chunk = self.chunk(length);
        Poll::Ready(Some(Ok(Frame::data(chunk))))
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http_body_util::BodyExt;

    #[tokio::test]
    async fn the_body_has_the_length_asked_for_and_never_repeats() {
        for source in [Source::Fast, Source::System] {
            for length in [0, 1, 32, CHUNK as u64, 3 * CHUNK as u64 + 7] {
                let [one, other] = [RandomBytes::new(length, source), RandomBytes::new(length, source)];
                let [one, other] =
                    [one.collect().await.unwrap().to_bytes(), other.collect().await.unwrap().to_bytes()];
                assert_eq!(one.len() as u64, length);
                assert!(length < 32 || one != other, "{source:?} repeats itself");
            }
        }
    }
}
