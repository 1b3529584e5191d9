//! What can go wrong between us and an upstream.

use std::net::SocketAddr;
use std::time::Duration;

use hyper::StatusCode;

/// Why a request has no usable answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error("cannot resolve {host}: {source}")]
    Resolve { host: String, source: std::io::Error },
    #[error("{0} has no address")]
    NoAddress(String),
    #[error("cannot connect to {address}: {source}")]
    Connect { address: SocketAddr, source: std::io::Error },
    #[error("no answer: {0}")]
    Exchange(#[from] hyper::Error),
    #[error("no answer within {}; a longer time: --request-timeout (REQUEST_TIMEOUT)", humantime::format_duration(*.0))]
    Timeout(Duration),
    #[error("the answer was {0}")]
    Status(StatusCode),
    #[error("the answer broke off or was too long: {0}")]
    Body(Box<dyn std::error::Error + Send + Sync>),
    #[error("the answer had {got} bytes instead of {wanted}")]
    Length { got: usize, wanted: usize },
    #[error("the answer was no SHA-256 in lower-case hexadecimal digits")]
    NoHash,
}
