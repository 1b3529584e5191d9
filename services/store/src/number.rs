//! Integers in Redis' spelling: the one that writing the number back would give, and no other.

/// Reads a decimal `i64`; no plus sign, leading zero, space or `-0`.
pub(crate) fn parse(text: &[u8]) -> Option<i64> {
    let digits = text.strip_prefix(b"-").unwrap_or(text);
    let canonical = match digits {
        [b'0'] => text.len() == 1,
        [b'1'..=b'9', rest @ ..] => rest.iter().all(u8::is_ascii_digit),
        _ => false,
    };
    if canonical { std::str::from_utf8(text).ok()?.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn canonical_integers_are_read_over_the_whole_range() {
        for number in [0, 1, -1, 10, i64::MAX, i64::MIN] {
            assert_eq!(parse(number.to_string().as_bytes()), Some(number));
        }
    }

    #[test]
    fn any_other_spelling_is_no_number() {
        for text in ["", "-", "+1", "01", "-0", " 1", "1 ", "1.0", "1e3", "9223372036854775808", "ten"] {
            assert_eq!(parse(text.as_bytes()), None, "{text:?}");
        }
    }
}
