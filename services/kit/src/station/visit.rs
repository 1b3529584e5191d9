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
        let [queue, service] = [self.queue, self.service].map(|time| time.as_secs_f64() * 1e3);
        // Digits, letters and punctuation only: always a valid header value.
        HeaderValue::try_from(format!("queue;dur={queue:.3}, service;dur={service:.3}"))
            .unwrap_or(HeaderValue::from_static(""))
    }
}
