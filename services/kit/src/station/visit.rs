//! One visit, as the client is told of it.

use std::time::Duration;

use hyper::header::HeaderValue;

/// How long a visit waited and how long it was served.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Visit {
    /// From arrival to the slot.
    pub queue: Duration,
    /// From the slot to the end of the service.
    pub service: Duration,
}

impl Visit {
    /// The value of a `Server-Timing` header: `queue;dur=MS, service;dur=MS`.
    pub fn server_timing(&self) -> HeaderValue {
        if *self == Self::default() {
            return HeaderValue::from_static("queue;dur=0.000, service;dur=0.000");
        }
        let [queue, service] = [self.queue, self.service].map(|time| time.as_secs_f64() * 1e3);
        // Digits, letters and punctuation only: always a valid header value.
        HeaderValue::try_from(format!("queue;dur={queue:.3}, service;dur={service:.3}"))
            .unwrap_or(HeaderValue::from_static(""))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_in_milliseconds_whether_there_are_any_or_not() {
        let timing = |queue, service| {
            let [queue, service] = [queue, service].map(Duration::from_nanos);
            Visit { queue, service }.server_timing().to_str().unwrap().to_owned()
        };
        assert_eq!(timing(0, 0), "queue;dur=0.000, service;dur=0.000");
        assert_eq!(timing(1, 0), "queue;dur=0.000, service;dur=0.000");
        assert_eq!(timing(1_500_000, 100_000_000), "queue;dur=1.500, service;dur=100.000");
    }
}
