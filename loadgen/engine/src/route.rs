//! The way to a server. Owns whether its name is looked up for each connection or only once, and whether TLS is spoken.

use std::net::SocketAddr;
use std::sync::Arc;

use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::sync::OnceCell;

use crate::endpoint::{Endpoint, Family};
use crate::error::ExchangeError;
use crate::stream::Stream;
use crate::tcp::Tcp;
use crate::tls::handshake;

/// Where a connection goes, and what is remembered between connections.
#[derive(Clone, Debug)]
pub struct Route {
    endpoint: Endpoint,
    family: Family,
    /// The addresses, if they are looked up only once.
    remembered: Option<Arc<OnceCell<Vec<SocketAddr>>>>,
    tls: Option<(Arc<ClientConfig>, ServerName<'static>)>,
}

impl From<Endpoint> for Route {
    /// Looks the name up for each connection, so that new replicas are found, and speaks plainly.
    fn from(endpoint: Endpoint) -> Self {
        Self { endpoint, family: Family::Any, remembered: None, tls: None }
    }
}

impl Route {
    /// Uses addresses of that family only.
    #[must_use]
    pub fn over(self, family: Family) -> Self {
        Self { family, ..self }
    }

    /// Looks the name up once; the first connections wait for that together, and a failure is not remembered.
    #[must_use]
    pub fn resolved_once(self) -> Self {
        Self { remembered: Some(Arc::default()), ..self }
    }

    /// Speaks TLS with the server that goes by `name`.
    #[must_use]
    pub fn over_tls(self, config: Arc<ClientConfig>, name: ServerName<'static>) -> Self {
        Self { tls: Some((config, name)), ..self }
    }

    /// The stream as it is, or TLS on it; and whether a handshake was needed.
    pub(crate) async fn secure(&self, stream: Tcp) -> Result<(Stream, bool), ExchangeError> {
        let Some((config, name)) = &self.tls else { return Ok((Stream::Tcp(stream), false)) };
        let stream = handshake(config, name, stream).await?;
        Ok((Stream::TlsOverTcp(Box::new(stream)), true))
    }

    /// The addresses, and whether they had to be looked up.
    pub(crate) async fn addresses(&self) -> Result<(Vec<SocketAddr>, bool), ExchangeError> {
        let Some(remembered) = &self.remembered else {
            return Ok((self.endpoint.resolve_in(self.family).await?, self.endpoint.is_named()));
        };
        let known = remembered.initialized();
        let addresses = remembered.get_or_try_init(|| self.endpoint.resolve_in(self.family)).await?;
        Ok((addresses.clone(), !known && self.endpoint.is_named()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn localhost() -> Route {
        Endpoint::Name { host: "localhost".to_owned(), port: 80 }.into()
    }

    #[tokio::test]
    async fn a_name_is_looked_up_each_time_or_once() {
        for (route, again) in [(localhost(), true), (localhost().resolved_once(), false)] {
            let (first, second) =
                (route.addresses().await.unwrap(), route.clone().addresses().await.unwrap());
            assert_eq!((first.1, second.1), (true, again));
            assert_eq!(first.0, second.0);
        }
    }

    #[tokio::test]
    async fn an_address_needs_no_look_up() {
        let address: SocketAddr = "127.0.0.1:80".parse().unwrap();
        let route = Route::from(Endpoint::Address(address));
        assert_eq!(route.addresses().await.unwrap(), (vec![address], false));
    }

    #[tokio::test]
    async fn a_failure_is_not_remembered() {
        let route = Route::from(Endpoint::Name { host: "x".repeat(300), port: 80 }).resolved_once();
        for _ in 0..2 {
            assert!(matches!(route.addresses().await, Err(ExchangeError::Resolve { .. })));
        }
    }
}
