//! `/delay/TIME`: the echo, so much later.

use std::time::Duration;

use dockercoins_kit::settings::duration;

/// How much later `/delay/{text}` is to be answered; the error is one line.
pub(crate) fn time(text: &str) -> Result<Duration, String> {
    duration(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delay_has_a_unit() {
        assert_eq!([time("100ms"), time("0")], [Ok(Duration::from_millis(100)), Ok(Duration::ZERO)]);
        assert!(time("3").unwrap_err().contains("100ms"));
    }
}
