//! Why a request brought no answer. Owns the mapping from causes to the kinds that reports count.

use std::error::Error;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use crate::outcome::{Censoring, Failure, Outcome};

/// Why a request brought no answer.
#[derive(Debug, thiserror::Error)]
pub enum ExchangeError {
    /// The name could not be looked up.
    #[error("cannot resolve {host}: {source}")]
    Resolve {
        /// The name.
        host: String,
        /// The resolver's answer.
        source: io::Error,
    },
    /// The name is known, but has no address.
    #[error("{host} has no address")]
    NoAddress {
        /// The name.
        host: String,
    },
    /// No connection came about.
    #[error("cannot connect to {address}: {source}")]
    Connect {
        /// Where to.
        address: SocketAddr,
        /// The cause.
        source: io::Error,
    },
    /// There was a connection, but no whole answer.
    #[error("{peer} broke off: {}", innermost(.source))]
    Broken {
        /// The other side.
        peer: SocketAddr,
        /// The cause.
        source: hyper::Error,
    },
    /// The answer was not there in time.
    #[error("no answer within {}", humantime::format_duration(*.0))]
    TimedOut(Duration),
    /// The run ended before the answer was there.
    #[error("no answer yet")]
    InFlight,
}

impl ExchangeError {
    /// The kind that reports count.
    pub fn outcome(&self) -> Outcome {
        Outcome::Failed(match self {
            Self::Resolve { .. } | Self::NoAddress { .. } => Failure::Unresolved,
            Self::Connect { source, .. } if source.kind() == io::ErrorKind::ConnectionRefused => {
                Failure::Refused
            }
            Self::Connect { .. } => Failure::Unreachable,
            Self::Broken { source, .. } => broken(source),
            Self::TimedOut(_) => return Outcome::Censored(Censoring::TimedOut),
            Self::InFlight => return Outcome::Censored(Censoring::InFlight),
        })
    }
}

fn broken(error: &hyper::Error) -> Failure {
    let io = error.source().and_then(|source| source.downcast_ref::<io::Error>());
    match io.map(io::Error::kind) {
        Some(io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe) => Failure::Reset,
        Some(io::ErrorKind::UnexpectedEof) => Failure::Closed,
        _ if error.is_incomplete_message() => Failure::Closed,
        _ if error.is_parse() => Failure::Malformed,
        _ => Failure::Broken,
    }
}

/// hyper's own message says only that the connection failed; what it wraps says how.
fn innermost(error: &hyper::Error) -> String {
    error.source().map_or_else(|| error.to_string(), ToString::to_string)
}
