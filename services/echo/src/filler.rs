//! A body of as many bytes as asked for, all cut from one block: it takes no memory, whatever its length.

use std::sync::LazyLock;

use ::bytes::Bytes;
use dockercoins_kit::octets::{Octets, PIECE};

const LINE: &[u8; 64] = b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.\n";

static LINES: LazyLock<Bytes> = LazyLock::new(|| LINE.repeat(PIECE / LINE.len()).into());

/// `length` bytes.
pub(crate) fn filler(length: u64) -> Octets<fn(usize) -> Bytes> {
    Octets::new(length, |length| LINES.slice(..length))
}
