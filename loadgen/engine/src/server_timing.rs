//! What a server says of its own time. Owns the `Server-Timing` header as our services send it.

use std::time::Duration;

/// The header's name.
pub const SERVER_TIMING: &str = "server-timing";

/// Time at the server, as `Server-Timing: queue;dur=MS, service;dur=MS` tells it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ServerTiming {
    /// Waiting for a slot.
    pub queue: Option<Duration>,
    /// Holding one.
    pub service: Option<Duration>,
}

impl ServerTiming {
    /// Reads the header's values; metrics of other names and malformed ones are passed over.
    pub fn parse<'a>(values: impl IntoIterator<Item = &'a str>) -> Self {
        let mut timing = Self::default();
        values.into_iter().for_each(|value| timing.add(value));
        timing
    }

    /// Reads one more line of the header: several mean the same as one (RFC 9110, 5.3).
    pub fn add(&mut self, value: &str) {
        for metric in unquoted(value, ',') {
            let (name, parameters) = metric.split_once(';').unwrap_or((metric, ""));
            match name.trim() {
                "queue" => self.queue = duration(parameters),
                "service" => self.service = duration(parameters),
                _ => {}
            }
        }
    }
}

fn duration(parameters: &str) -> Option<Duration> {
    let millis = unquoted(parameters, ';').find_map(|parameter| {
        let (key, value) = parameter.split_once('=')?;
        key.trim().eq_ignore_ascii_case("dur").then(|| value.trim().trim_matches('"'))
    })?;
    Duration::try_from_secs_f64(millis.parse::<f64>().ok()? / 1e3).ok()
}

/// The parts between the separators that stand in no quoted string (RFC 9110, 5.6.4).
fn unquoted(value: &str, separator: char) -> impl Iterator<Item = &str> {
    let (mut quoted, mut escaped) = (false, false);
    value.split(move |letter| {
        let is_escaped = std::mem::take(&mut escaped);
        match letter {
            '"' if !is_escaped => quoted = !quoted,
            '\\' if quoted && !is_escaped => escaped = true,
            _ => {}
        }
        letter == separator && !quoted
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOTHING: ServerTiming = ServerTiming { queue: None, service: None };

    #[test]
    fn queue_and_service_are_read_from_one_header_or_two() {
        let expected = ServerTiming {
            queue: Some(Duration::from_micros(650_250)),
            service: Some(Duration::from_millis(100)),
        };
        assert_eq!(ServerTiming::parse(["queue;dur=650.25, service;dur=100"]), expected);
        assert_eq!(ServerTiming::parse(["service;desc=x;dur=\"100\"", "cache, queue;DUR=650.25"]), expected);
    }

    #[test]
    fn what_stands_in_quotes_is_no_metric_and_no_parameter() {
        let queue = |millis| ServerTiming { queue: Some(Duration::from_millis(millis)), service: None };
        assert_eq!(ServerTiming::parse(["queue;desc=\"x;dur=9\";dur=5"]), queue(5));
        assert_eq!(ServerTiming::parse(["a;desc=\"b, queue;dur=9\", queue;dur=5"]), queue(5));
        assert_eq!(ServerTiming::parse(["queue;desc=\"\\\";dur=9\";dur=5"]), queue(5));
    }

    #[test]
    fn malformed_metrics_are_passed_over() {
        for value in
            ["", "queue", "queue;dur", "queue;dur=fast", "queue;dur=-1", "queue;dur=inf", "other;dur=1"]
        {
            assert_eq!(ServerTiming::parse([value]), NOTHING, "{value}");
        }
    }
}
