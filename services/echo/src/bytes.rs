//! `/bytes/N`: an answer of N bytes.

use dockercoins_kit::serve::Body;
use dockercoins_kit::settings::size;
use hyper::Response;

use crate::filler::filler;

/// The answer to `/bytes/{text}`; the error is one line.
pub(crate) fn answer(text: &str, limit: u64) -> Result<Response<Body>, String> {
    Ok(filler(length(text, limit)?).answer())
}

/// The number of bytes that `text` asks for, such as `1000` or `64KiB`.
pub(crate) fn length(text: &str, limit: u64) -> Result<u64, String> {
    let length = size(text)?.as_u64();
    if length > limit {
        return Err(format!(
            "{text} is over the limit of {limit} bytes: ask for less, or raise --max-bytes (MAX_BYTES)"
        ));
    }
    Ok(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_has_a_unit_or_none_and_a_limit() {
        assert_eq!(
            [length("0", 4096), length("1000", 4096), length("4KiB", 4096)],
            [Ok(0), Ok(1000), Ok(4096)]
        );
        assert!(length("5KiB", 4096).unwrap_err().contains("--max-bytes"));
        for text in ["", "many", "-1"] {
            assert!(length(text, 4096).unwrap_err().contains("64KiB"), "{text}");
        }
    }
}
