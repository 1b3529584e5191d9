//! Why there is no answer, and what reports call that.

use std::error::Error;
use std::io;

use crate::http1::Malformed;
use crate::outcome::Failure;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(in crate::bench) enum WireError {
    #[error("{0}")]
    Io(#[from] io::Error),
    /// In the middle of an answer.
    #[error("the connection broke off in the middle of an answer: {0}")]
    BrokenOff(#[source] io::Error),
    #[error("{0}")]
    Malformed(#[from] Malformed),
    #[error("the connection was closed in the middle of an answer")]
    Truncated,
    /// Before anything of an answer, after the request was sent.
    #[error("the connection was closed without an answer")]
    Closed,
    /// The server said that the request was not looked at, or nothing of it was sent.
    #[error("the connection was closed before it took the request")]
    Unprocessed,
    #[error("the server reset the stream: {0}")]
    StreamReset(h2::Reason),
    #[error("the server ended the connection: {0}")]
    GoneAway(h2::Reason),
    #[error("the connection was closed before any answer; if the server speaks no HTTP/2, leave out --http2")]
    ClosedAtOnce,
    #[error("the answer is not HTTP/2 ({0}); leave out --http2")]
    NotHttp2(h2::Reason),
    #[error("the request cannot be made in HTTP/2: its host or a header is not allowed there")]
    Untranslatable,
}

impl WireError {
    /// The kind that reports count.
    pub(in crate::bench) fn failure(&self) -> Failure {
        match self {
            Self::Malformed(_) | Self::NotHttp2(_) => Failure::Malformed,
            Self::Truncated | Self::Closed | Self::Unprocessed | Self::ClosedAtOnce | Self::GoneAway(_) => {
                Failure::Closed
            }
            Self::StreamReset(_) => Failure::Reset,
            Self::Untranslatable => Failure::Broken,
            Self::Io(error) | Self::BrokenOff(error) => match error.kind() {
                io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe => Failure::Reset,
                io::ErrorKind::UnexpectedEof => Failure::Closed,
                // What a server says of a handshake after the client's part of it.
                _ if error.get_ref().is_some_and(<dyn Error + Send + Sync>::is::<rustls::Error>) => {
                    Failure::Tls
                }
                _ => Failure::Broken,
            },
        }
    }

    /// Whether the server has certainly not looked at the request, so that sending it on another connection makes it no
    /// second one.
    pub(in crate::bench) fn is_unprocessed(&self) -> bool {
        matches!(self, Self::Unprocessed)
    }
}
