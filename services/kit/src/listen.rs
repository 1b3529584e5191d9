//! Listening on an address, or on a port of every address, whether the machine has IPv6 or not.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

use rustix::io::Errno;
use tokio::net::TcpListener;

/// The address is taken, or not ours.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen on {address}")]
pub struct ListenError {
    /// The address asked for.
    pub address: SocketAddr,
    /// The cause.
    pub source: io::Error,
}

/// Listens on `address`, or on `port` of every address, IPv4 and IPv6.
pub async fn listen(address: Option<SocketAddr>, port: u16) -> Result<TcpListener, ListenError> {
    let everywhere = SocketAddr::from((Ipv6Addr::UNSPECIFIED, port));
    match bind(address.unwrap_or(everywhere)).await {
        Err(error) if address.is_none() && is_without_ipv6(&error.source) => {
            bind(SocketAddr::from((Ipv4Addr::UNSPECIFIED, port))).await
        }
        bound => bound,
    }
}

async fn bind(address: SocketAddr) -> Result<TcpListener, ListenError> {
    TcpListener::bind(address).await.map_err(|source| ListenError { address, source })
}

/// Whether the machine has no IPv6, or has it switched off.
fn is_without_ipv6(error: &io::Error) -> bool {
    let [unknown, none] = [Errno::AFNOSUPPORT, Errno::ADDRNOTAVAIL].map(Errno::raw_os_error);
    error.raw_os_error().is_some_and(|code| code == unknown || code == none)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_without_ipv6_is_told_from_a_taken_port() {
        let error = |errno: Errno| io::Error::from_raw_os_error(errno.raw_os_error());
        assert!(is_without_ipv6(&error(Errno::AFNOSUPPORT)));
        assert!(is_without_ipv6(&error(Errno::ADDRNOTAVAIL)));
        assert!(!is_without_ipv6(&error(Errno::ADDRINUSE)));
    }
}
