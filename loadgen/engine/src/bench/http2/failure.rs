//! What hyper's errors mean.

use std::error::Error;
use std::io;

use h2::Reason;

use crate::bench::wire::WireError;

/// Why a request brought no answer.
pub(super) fn classify(error: &hyper::Error) -> WireError {
    match error.source().and_then(|source| source.downcast_ref::<h2::Error>()) {
        Some(error) => classify_h2(error),
        None => match error.source().and_then(|source| source.downcast_ref::<io::Error>()) {
            Some(error) => WireError::Io(error.kind().into()),
            None => WireError::Closed,
        },
    }
}

fn classify_h2(error: &h2::Error) -> WireError {
    let reason = error.reason().unwrap_or(Reason::NO_ERROR);
    match (error.get_io(), error.is_remote()) {
        (Some(error), _) => WireError::Io(error.kind().into()),
        // These say that the request was not looked at (RFC 9113, 8.7).
        (None, true) if error.is_reset() && reason == Reason::REFUSED_STREAM => WireError::Unprocessed,
        (None, true) if error.is_go_away() && reason == Reason::NO_ERROR => WireError::Unprocessed,
        (None, true) if error.is_reset() => WireError::StreamReset(reason),
        (None, true) => WireError::GoneAway(reason),
        (None, false) => WireError::NotHttp2(reason),
    }
}

/// The same for an error after the head of the answer, when the request has certainly been processed.
pub(super) fn classify_in_body(error: &hyper::Error) -> WireError {
    match classify(error) {
        WireError::Io(error) => WireError::BrokenOff(error),
        WireError::Unprocessed | WireError::Closed => WireError::Truncated,
        other => other,
    }
}
