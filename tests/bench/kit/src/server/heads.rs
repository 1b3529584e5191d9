//! The ends of request heads in a stream of bytes, however it is cut.

/// Where a search stands.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Heads {
    /// Bytes of the empty line that ends a head that were the last to come.
    matched: u8,
}

impl Heads {
    /// How many heads end in `bytes`, which follow the ones before.
    pub(super) fn ends_in(&mut self, bytes: &[u8]) -> u64 {
        let mut ends = 0;
        for byte in bytes {
            self.matched = match (self.matched, byte) {
                (0 | 2, b'\r') | (1, b'\n') => self.matched + 1,
                (3, b'\n') => {
                    ends += 1;
                    0
                }
                (_, b'\r') => 1,
                _ => 0,
            };
        }
        ends
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_are_found_however_they_are_cut() {
        let bytes = b"GET / HTTP/1.1\r\nA: b\r\r\n\r\nGET / HTTP/1.1\r\n\r\nGET";
        for piece in 1..bytes.len() {
            let mut heads = Heads::default();
            assert_eq!(bytes.chunks(piece).map(|piece| heads.ends_in(piece)).sum::<u64>(), 2, "{piece}");
        }
    }
}
