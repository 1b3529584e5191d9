//! Why a request brought no answer. Owns the mapping from causes to the kinds that reports count.

use std::error::Error;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use crate::endpoint::Family;
use crate::outcome::{Censoring, Failure, Outcome};
use crate::tls::{HandshakeError, TlsError};

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
    #[error("{host} has no {family}")]
    NoAddress {
        /// The name.
        host: String,
        /// Of what kind it has none.
        family: Family,
    },
    /// No connection came about.
    #[error("cannot connect to {address}: {source}{}", remedy(.source))]
    Connect {
        /// Where to.
        address: SocketAddr,
        /// The cause.
        source: io::Error,
    },
    /// No connection came about over a Unix socket.
    #[error("cannot connect to {}: {source}; is a server listening at that path?", path.display())]
    ConnectUnix {
        /// Where to.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// A connection did not come about in the time that it was given.
    #[error("no connection within {}", humantime::format_duration(*.0))]
    ConnectTimedOut(Duration),
    /// There was a connection, but no TLS on it.
    #[error("{0}")]
    Tls(#[from] HandshakeError),
    /// No TLS is possible with a host of that name.
    #[error("{0}")]
    ServerName(#[from] TlsError),
    /// There was a connection, but no HTTP/2 on it.
    #[error("cannot begin HTTP/2: {}", innermost(.0))]
    Http2(hyper::Error),
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
            Self::ConnectUnix { source, .. } if source.kind() == io::ErrorKind::ConnectionRefused => {
                Failure::Refused
            }
            Self::Connect { source, .. } | Self::ConnectUnix { source, .. } if is_shortage(source) => {
                Failure::Shortage
            }
            Self::Connect { .. } | Self::ConnectUnix { .. } => Failure::Unreachable,
            Self::ConnectTimedOut(_) => Failure::ConnectTimedOut,
            Self::Tls(_) | Self::ServerName(_) => Failure::Tls,
            Self::Broken { source, .. } | Self::Http2(source) => broken(source),
            Self::TimedOut(_) => return Outcome::Censored(Censoring::TimedOut),
            Self::InFlight => return Outcome::Censored(Censoring::InFlight),
        })
    }
}

/// Whether this side has no port or file descriptor left, which is no fault of the server.
fn is_shortage(error: &io::Error) -> bool {
    use rustix::io::Errno;
    matches!(
        Errno::from_io_error(error),
        Some(Errno::ADDRNOTAVAIL | Errno::MFILE | Errno::NFILE | Errno::NOBUFS)
    )
}

/// What would mend it, where that is known.
fn remedy(error: &io::Error) -> &'static str {
    use rustix::io::Errno;
    match Errno::from_io_error(error) {
        Some(Errno::ADDRNOTAVAIL) => {
            "; no local port is left for it: keep connections alive, or lower the rate or the connections"
        }
        Some(Errno::MFILE | Errno::NFILE) => "; raise ulimit -n, or lower the connections",
        _ => "",
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
