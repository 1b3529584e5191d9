//! How the parts of a line are written, in whatever form it comes. Owns units and the names of things.

use std::time::Duration;

use http::StatusCode;

use crate::server_timing::ServerTiming;

pub(super) fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

/// Code and reason of a status.
pub(super) fn phrase(status: StatusCode) -> String {
    format!("{} {}", status.as_str(), status.canonical_reason().unwrap_or_default()).trim_end().to_owned()
}

/// What the server says of its own time, so that it shows where one waits.
pub(super) fn server_times(timing: &ServerTiming) -> String {
    let named = [("queue", timing.queue), ("service", timing.service)];
    let told = |(name, time): (&str, Option<Duration>)| Some(format!(" {name}={:.2} ms", millis(time?)));
    named.into_iter().filter_map(told).collect()
}
