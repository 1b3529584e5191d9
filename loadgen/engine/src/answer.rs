//! What came back. Owns which parts of an answer are kept; the body is counted and dropped.

use std::net::SocketAddr;

use http::{HeaderMap, StatusCode};

use crate::server_timing::{SERVER_TIMING, ServerTiming};
use crate::split::Split;

const SERVED_BY: &str = "x-served-by";

/// A whole answer.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// Bytes of the status line and the headers, as they came over the wire.
    pub header_bytes: u64,
    /// Bytes of the body, without its framing.
    pub body_bytes: u64,
    /// The address that answered.
    pub peer: SocketAddr,
    /// The replica that answered, by `X-Served-By`.
    pub served_by: Option<String>,
    /// What the server says of its own time.
    pub server_timing: ServerTiming,
    /// Where the client's time went.
    pub split: Split,
}

/// The replica named by `headers`.
pub(crate) fn served_by(headers: &HeaderMap) -> Option<String> {
    Some(headers.get(SERVED_BY)?.to_str().ok()?.to_owned())
}

/// The times told by `headers`.
pub(crate) fn server_timing(headers: &HeaderMap) -> ServerTiming {
    ServerTiming::parse(headers.get_all(SERVER_TIMING).iter().filter_map(|value| value.to_str().ok()))
}
