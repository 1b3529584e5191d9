//! Where a connection goes. Owns name resolution and trying one address after the other.

use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::lookup_host;
use tokio::time::timeout;

use crate::error::ExchangeError;
use crate::tcp::Tcp;

/// How long an address may keep silent while there is another one to try.
const PATIENCE: Duration = Duration::from_secs(3);

/// The far end of a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Endpoint {
    /// A known address.
    Address(SocketAddr),
    /// A name, resolved anew for each connection, so that new replicas are found.
    Name {
        /// The host name or IP address, without brackets.
        host: String,
        /// The TCP port.
        port: u16,
    },
}

/// Which addresses of a name are used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Family {
    /// All of them.
    #[default]
    Any,
    /// IPv4 only.
    V4,
    /// IPv6 only.
    V6,
}

impl Family {
    /// Of two flags that exclude each other.
    pub(crate) fn only(ipv4: bool, ipv6: bool) -> Self {
        match (ipv4, ipv6) {
            (true, _) => Self::V4,
            (_, true) => Self::V6,
            _ => Self::Any,
        }
    }

    fn has(self, address: &SocketAddr) -> bool {
        match self {
            Self::Any => true,
            Self::V4 => address.is_ipv4(),
            Self::V6 => address.is_ipv6(),
        }
    }
}

impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Any => "address",
            Self::V4 => "IPv4 address",
            Self::V6 => "IPv6 address",
        })
    }
}

impl Endpoint {
    /// All addresses, in the resolver's order; at least one.
    pub async fn resolve(&self) -> Result<Vec<SocketAddr>, ExchangeError> {
        self.resolve_in(Family::Any).await
    }

    /// Those of one family; at least one.
    pub(crate) async fn resolve_in(&self, family: Family) -> Result<Vec<SocketAddr>, ExchangeError> {
        let mut addresses: Vec<_> = match self {
            Self::Address(address) => vec![*address],
            Self::Name { host, port } => {
                let resolved = lookup_host((host.as_str(), *port)).await;
                resolved.map_err(|source| ExchangeError::Resolve { host: host.clone(), source })?.collect()
            }
        };
        addresses.retain(|address| family.has(address));
        if addresses.is_empty() {
            Err(ExchangeError::NoAddress { host: self.host(), family })
        } else {
            Ok(addresses)
        }
    }

    /// The host name or IP address, without brackets.
    pub(crate) fn host(&self) -> String {
        match self {
            Self::Address(address) => address.ip().to_string(),
            Self::Name { host, .. } => host.clone(),
        }
    }

    /// Whether there is something to resolve.
    pub(crate) fn is_named(&self) -> bool {
        matches!(self, Self::Name { .. })
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(address) => address.fmt(f),
            Self::Name { host, port } if host.contains(':') => write!(f, "[{host}]:{port}"),
            Self::Name { host, port } => write!(f, "{host}:{port}"),
        }
    }
}

/// Connects to the first of `addresses` that accepts; the last one's error when none does.
pub(crate) async fn connect(addresses: &[SocketAddr]) -> Result<(Tcp, SocketAddr), ExchangeError> {
    let Some((last, others)) = addresses.split_last() else {
        return Err(ExchangeError::NoAddress { host: String::new(), family: Family::Any });
    };
    for address in others {
        if let Ok(Ok(stream)) = timeout(PATIENCE, Tcp::connect(*address)).await {
            return Ok((stream, *address));
        }
    }
    let connected = Tcp::connect(*last).await;
    let stream = connected.map_err(|source| ExchangeError::Connect { address: *last, source })?;
    Ok((stream, *last))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Behaviour, Refusing, serve};

    #[tokio::test]
    async fn a_refusing_address_is_passed_over() {
        let server = serve(Behaviour::Hang).await;
        let refusing = Refusing::new();
        let (_, peer) = connect(&[refusing.address(), server.address]).await.unwrap();
        assert_eq!(peer, server.address);
    }

    #[tokio::test]
    async fn when_all_addresses_refuse_the_last_one_is_named() {
        let (first, last) = (Refusing::new(), Refusing::new());
        let error = connect(&[first.address(), last.address()]).await.unwrap_err();
        assert!(error.to_string().contains(&last.address().to_string()), "{error}");
    }

    #[tokio::test]
    async fn a_name_without_address_is_named() {
        // Too long for any name server to be asked.
        let host = "x".repeat(300);
        let nowhere = Endpoint::Name { host: host.clone(), port: 80 };
        let error = nowhere.resolve().await.unwrap_err();
        assert!(error.to_string().contains(&host), "{error}");
    }

    #[tokio::test]
    async fn only_addresses_of_the_family_are_used_and_a_missing_one_is_named() {
        let here = Endpoint::Name { host: "127.0.0.1".to_owned(), port: 80 };
        for family in [Family::Any, Family::V4] {
            assert_eq!(here.resolve_in(family).await.unwrap(), ["127.0.0.1:80".parse().unwrap()]);
        }
        let error = here.resolve_in(Family::V6).await.unwrap_err();
        assert_eq!(error.to_string(), "127.0.0.1 has no IPv6 address");
    }

    #[test]
    fn endpoints_read_as_they_are_typed() {
        let named = |host: &str| Endpoint::Name { host: host.into(), port: 81 }.to_string();
        assert_eq!((named("rng"), named("::1")), ("rng:81".into(), "[::1]:81".into()));
    }
}
