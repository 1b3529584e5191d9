//! A body of random bytes that is made as it is sent.

use bytes::Bytes;
use dockercoins_kit::octets::Octets;
use rand::rngs::{SmallRng, SysRng};
use rand::{Rng, SeedableRng, TryRng};

use crate::Source;

/// Where bytes come from.
enum Generator {
    Fast(SmallRng),
    System,
}

/// `length` bytes from `source`.
pub(crate) fn random(
    length: u64,
    source: Source,
) -> Octets<impl FnMut(usize) -> Bytes + Send + Unpin + 'static> {
    let mut generator = Generator::of(source);
    Octets::new(length, move |length| generator.bytes(length))
}

impl Generator {
    fn of(source: Source) -> Self {
        match source {
            Source::Fast => Self::Fast(SmallRng::from_rng(&mut rand::rng())),
            Source::System => Self::System,
        }
    }

    fn bytes(&mut self, length: usize) -> Bytes {
        let mut bytes = vec![0; length];
        match self {
            Self::Fast(generator) => generator.fill_bytes(&mut bytes),
            Self::System => {
                // Linux fails here only before its pool is filled at boot; then a seeded generator serves as well.
                if SysRng.try_fill_bytes(&mut bytes).is_err() {
                    rand::rng().fill_bytes(&mut bytes);
                }
            }
        }
        bytes.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http_body_util::BodyExt;

    #[tokio::test]
    async fn the_body_has_the_length_asked_for_and_never_repeats() {
        for source in [Source::Fast, Source::System] {
            for length in [0, 1, 32, 65_536, 200_000] {
                let [one, other] = [random(length, source), random(length, source)];
                let [one, other] =
                    [one.collect().await.unwrap().to_bytes(), other.collect().await.unwrap().to_bytes()];
                assert_eq!(one.len() as u64, length);
                assert!(length < 32 || one != other, "{source:?} repeats itself");
            }
        }
    }
}
