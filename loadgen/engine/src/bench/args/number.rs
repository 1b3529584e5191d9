//! Numbers as fingers type them: `10k` and `2M`, as oha and wrk have it.

/// The number in `text` and what it is to be multiplied with; a thousand for `k`, a million for `m`, in either case.
fn scaled(text: &str) -> (&str, u32) {
    [('k', 1_000), ('K', 1_000), ('m', 1_000_000), ('M', 1_000_000)]
        .into_iter()
        .find_map(|(letter, factor)| Some((text.strip_suffix(letter)?, factor)))
        .unwrap_or((text, 1))
}

/// A whole number, such as `200` or `10k`.
pub(super) fn whole(text: &str) -> Option<u64> {
    let (number, factor) = scaled(text);
    number.parse::<u64>().ok()?.checked_mul(factor.into())
}

/// A number, such as `0.5` or `1.5k`.
pub(super) fn real(text: &str) -> Option<f64> {
    let (number, factor) = scaled(text);
    Some(number.parse::<f64>().ok()? * f64::from(factor))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_and_millions_may_be_letters() {
        let read = ["7", "10k", "10K", "2m", "2M"].map(|text| whole(text).unwrap());
        assert_eq!(read, [7, 10_000, 10_000, 2_000_000, 2_000_000]);
        assert_eq!(["0.5", "1.5k"].map(real), [Some(0.5), Some(1500.0)]);
    }

    #[test]
    fn anything_else_is_no_number() {
        for text in
            ["", "k", "-1", "1.5", "10kk", "10 k", "ten", "99999999999999999999", "18446744073709551615k"]
        {
            assert_eq!(whole(text), None, "{text}");
        }
    }
}
