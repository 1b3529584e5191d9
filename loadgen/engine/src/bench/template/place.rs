//! Where in a request a text stands. Owns what may stand there, so that no value breaks a request apart.

use std::fmt::Write;

/// Where in a request a text stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(in crate::bench) enum Place {
    /// Path and query.
    Path,
    /// A header's value.
    Header,
    /// The body.
    Body,
}

impl Place {
    /// `value` as it is sent there; `None` if it cannot be.
    ///
    /// In a path, what cannot stand there at all becomes `%XX`; what has a meaning there, such as `/`, `&` and `%`, keeps it.
    pub(in crate::bench) fn admit(self, value: &[u8]) -> Option<Vec<u8>> {
        match self {
            Self::Path => Some(encoded(value)),
            Self::Header => http::HeaderValue::from_bytes(value).ok().map(|_| value.to_vec()),
            Self::Body => Some(value.to_vec()),
        }
    }
}

/// RFC 3986, 3.3 and 3.4: what is neither unreserved nor reserved is written in hexadecimal; a fragment is never sent.
fn encoded(value: &[u8]) -> Vec<u8> {
    let mut text = String::new();
    for byte in value {
        if byte.is_ascii_alphanumeric() || b"-._~:/?[]@!$&'()*+,;=%".contains(byte) {
            text.push(char::from(*byte));
        } else {
            // Writing to a string does not fail.
            let _ = write!(text, "%{byte:02X}");
        }
    }
    text.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_place_admits_what_does_not_break_the_request() {
        let admit =
            |place: Place, text: &str| place.admit(text.as_bytes()).map(|v| String::from_utf8(v).unwrap());
        assert_eq!(admit(Place::Path, "a b/ü?q=%20&#").unwrap(), "a%20b/%C3%BC?q=%20&%23");
        assert_eq!(admit(Place::Path, "x\r\ny: z").unwrap(), "x%0D%0Ay:%20z");
        assert_eq!(admit(Place::Header, "text/plain ü").unwrap(), "text/plain ü");
        assert_eq!(admit(Place::Header, "x\r\ny: z"), None);
        assert_eq!(admit(Place::Body, "x\r\ny: z").unwrap(), "x\r\ny: z");
    }
}
