//! Hashing a body as it streams in: constant memory, whatever its length.

use std::fmt::Write;

use dockercoins_kit::upload::{self, Refused};
use hyper::body::Incoming;
use sha2::{Digest, Sha256};

/// The SHA-256 of `body` in lower-case hex, unless it is longer than `limit` bytes.
pub(crate) async fn digest(body: Incoming, limit: u64) -> Result<String, Refused> {
    let mut hash = Sha256::new();
    upload::each(body, limit, |data| hash.update(data)).await?;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_is_lower_case_hex() {
        let digest = hex(&Sha256::digest(b"abc"));
        assert_eq!(digest, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
}
