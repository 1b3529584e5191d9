//! Making the TCP connection that a client asked for, and saying why there is none.

use std::io;
use std::time::Duration;

use hyper::StatusCode;
use hyper::http::uri::Authority;
use tokio::net::TcpStream;
use tokio::time::timeout;

/// A target that takes longer than this to accept counts as gone.
const DIAL_TIMEOUT: Duration = Duration::from_secs(5);

/// Why there is no connection; each message is one line.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DialError {
    #[error("CONNECT wants HOST:PORT")]
    NoPort,
    #[error("cannot connect to {0}: {1}")]
    Refused(Authority, io::Error),
    #[error("{0} did not accept within {seconds} s", seconds = DIAL_TIMEOUT.as_secs())]
    TimedOut(Authority),
}

impl DialError {
    pub(crate) fn status(&self) -> StatusCode {
        match self {
            Self::NoPort => StatusCode::BAD_REQUEST,
            Self::Refused(..) => StatusCode::BAD_GATEWAY,
            Self::TimedOut(_) => StatusCode::GATEWAY_TIMEOUT,
        }
    }
}

/// Connects to `HOST:PORT`, trying all the addresses of HOST.
pub(crate) async fn dial(target: Option<&Authority>) -> Result<TcpStream, DialError> {
    let target = target.filter(|target| target.port().is_some()).ok_or(DialError::NoPort)?;
    let connected = timeout(DIAL_TIMEOUT, TcpStream::connect(target.as_str())).await;
    let connected = connected.map_err(|_| DialError::TimedOut(target.clone()))?;
    let stream = connected.map_err(|error| DialError::Refused(target.clone(), error))?;
    // Without it small messages would wait for acknowledgements; failing to set it loses nothing.
    let _ = stream.set_nodelay(true);
    Ok(stream)
}
