//! Hashing a body as it streams in: constant memory, whatever its length.

use std::fmt::Write;
use std::time::Duration;

use http_body_util::BodyExt;
use hyper::body::{Body, Incoming};
use sha2::{Digest, Sha256};

/// How long the rest of a refused body is read, so that its sender gets to see the answer instead of a reset.
const LINGER: Duration = Duration::from_secs(2);

/// Why a body has no digest.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// It is longer than the limit.
    TooLong,
    /// It ended before it was complete.
    BrokenOff,
}

/// The SHA-256 of `body` in lower-case hex, unless it is longer than `limit` bytes.
pub(crate) async fn digest(mut body: Incoming, limit: u64) -> Result<String, Refused> {
    if body.size_hint().lower() > limit {
        linger(body);
        return Err(Refused::TooLong);
    }
    let mut hash = Sha256::new();
    let mut length = 0;
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|_| Refused::BrokenOff)?.into_data() else { continue };
        length += data.len() as u64;
        if length > limit {
            linger(body);
            return Err(Refused::TooLong);
        }
        hash.update(&data);
    }
    Ok(hex(&hash.finalize()))
}

fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        // Writing to a string does not fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

fn linger(mut body: Incoming) {
    tokio::spawn(tokio::time::timeout(LINGER, async move { while let Some(Ok(_)) = body.frame().await {} }));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_is_lower_case_hex() {
        let digest = hex(&Sha256::digest(b"abc"));
        assert_eq!(digest, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
}
