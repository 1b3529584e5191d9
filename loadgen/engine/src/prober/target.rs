//! What a prober aims at. Owns the request that is sent there.

use std::net::SocketAddr;
use std::time::Duration;

use http::Method;
use http::header::HeaderValue;
use http::uri::PathAndQuery;

use crate::call::Call;
use crate::endpoint::Endpoint;
use crate::request::Request;
use crate::target::TargetError;

/// One address that probes go to, such as a replica or the front of a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProbeTarget {
    /// Where probes connect to.
    pub address: SocketAddr,
    host: HeaderValue,
    path: PathAndQuery,
}

impl ProbeTarget {
    /// Probes `GET path` at `address`, with `host` as the `Host` header.
    pub fn new(address: SocketAddr, host: &str, path: &str) -> Result<Self, TargetError> {
        let host = HeaderValue::from_str(host).map_err(|_| TargetError::Host(host.to_owned()))?;
        let path = PathAndQuery::try_from(path).map_err(|_| TargetError::Path(path.to_owned()))?;
        Ok(Self { address, host, path })
    }

    pub(crate) fn call(&self, timeout: Duration) -> Call {
        let request = Request::new(Method::GET, self.host.clone(), self.path.clone());
        Call { route: Endpoint::Address(self.address).into(), request, timeout }
    }
}

impl From<SocketAddr> for ProbeTarget {
    /// Probes `GET /`, with the address as the `Host` header.
    fn from(address: SocketAddr) -> Self {
        let host = HeaderValue::from_str(&address.to_string());
        let host = host.unwrap_or_else(|_| HeaderValue::from_static("localhost"));
        Self { address, host, path: PathAndQuery::from_static("/") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_header_or_path_can_hold_is_refused() {
        let address: SocketAddr = "127.0.0.1:80".parse().unwrap();
        assert!(ProbeTarget::new(address, "rng", "/").is_ok());
        assert!(matches!(ProbeTarget::new(address, "rng\n", "/"), Err(TargetError::Host(_))));
        assert!(matches!(ProbeTarget::new(address, "rng", "/a b"), Err(TargetError::Path(_))));
    }
}
