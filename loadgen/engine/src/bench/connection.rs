//! A connection that takes requests, whatever is spoken over it.

use super::http2::Seat;
use super::wire::{Answer, Common, Wire, WireError};

/// A connection as one client has it.
#[derive(Debug)]
pub(super) enum Connection {
    /// Its own.
    Http1(Wire),
    /// A place on one that is shared.
    Http2(Seat),
}

impl Connection {
    /// Sends `request`, in the form of HTTP/1.1, and reads its answer.
    pub(super) async fn exchange(
        &mut self,
        request: &[u8],
        head_request: bool,
        common: &Common,
    ) -> Result<Answer, WireError> {
        match self {
            Self::Http1(wire) => wire.exchange(request, head_request, common).await,
            // Large: it would be carried along with each request of HTTP/1.1.
            Self::Http2(seat) => Box::pin(seat.exchange(request, common)).await,
        }
    }

    /// Requests that it has taken.
    pub(super) fn requests(&self) -> u64 {
        match self {
            Self::Http1(wire) => wire.answers,
            Self::Http2(seat) => seat.requests(),
        }
    }

    /// Whether it has ever brought an answer.
    pub(super) fn is_proven(&self) -> bool {
        match self {
            Self::Http1(wire) => wire.answers > 0,
            Self::Http2(seat) => seat.answers() > 0,
        }
    }
}
