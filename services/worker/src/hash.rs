//! What hasher answers: a SHA-256, checked before anything is made of it.

use bytes::Bytes;

use crate::failure::Failure;

/// 64 lower-case hexadecimal digits.
#[derive(Clone, Debug)]
pub(crate) struct Hash([u8; 64]);

impl Hash {
    /// Reads an answer's body; white space around it is of no account.
    pub(crate) fn read(body: &Bytes) -> Result<Self, Failure> {
        let digits: [u8; 64] = body.trim_ascii().try_into().map_err(|_| Failure::NoHash)?;
        let hexadecimal = digits.iter().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'));
        if hexadecimal { Ok(Self(digits)) } else { Err(Failure::NoHash) }
    }

    /// One hash in sixteen is a coin.
    pub(crate) fn is_coin(&self) -> bool {
        self.0[0] == b'0'
    }

    /// The digits.
    pub(crate) fn as_str(&self) -> &str {
        // The digits are ASCII, so there always is a text.
        str::from_utf8(&self.0).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_64_lower_case_digits_and_a_coin_starts_with_zero() {
        let digits = "0123456789abcdef".repeat(4);
        let hash = Hash::read(&Bytes::from(format!(" {digits}\r\n"))).unwrap();
        assert_eq!(hash.as_str(), digits);
        assert!(hash.is_coin());
        assert!(!Hash::read(&"1".repeat(64).into()).unwrap().is_coin());
    }

    #[test]
    fn anything_else_is_no_hash() {
        for body in ["", "abc", &"A".repeat(64), &"g".repeat(64), &"1".repeat(65)] {
            assert!(Hash::read(&Bytes::from(body.to_owned())).is_err(), "{body}");
        }
    }
}
