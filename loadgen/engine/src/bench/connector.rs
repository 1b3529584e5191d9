//! How a connection to one target comes about: address, TCP or Unix socket, TLS, HTTP/2. Owns the time it may take, and the
//! HTTP/2 connections of a thread, since several clients share one.

use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::UnixStream;
use tokio::time::{sleep, timeout};
use tokio_rustls::client::TlsStream;

use crate::endpoint::{Endpoint, connect};
use crate::error::ExchangeError;
use crate::stream::Stream;
use crate::target::{Scheme, Target};
use crate::tls::{Alpn, HandshakeError, handshake};

use super::addresses::Addresses;
use super::connection::Connection;
use super::http2::Pool;
use super::transport::{Transport, Version};
use super::wire::Wire;

/// How soon a Unix socket is tried again whose queue was full: unlike TCP, it keeps nobody waiting.
const FULL_QUEUE: Duration = Duration::from_millis(1);

/// Makes connections to one target, for all clients of a thread.
#[derive(Debug)]
pub(super) struct Connector {
    transport: Transport,
    scheme: Scheme,
    host: String,
    addresses: Addresses,
    pool: Pool,
}

/// How long the steps of opening a connection took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Opening {
    pub(super) resolve: Option<Duration>,
    pub(super) connect: Duration,
    pub(super) tls: Option<Duration>,
}

impl Connector {
    /// To `target`; `first` is whose turn it is first of its addresses.
    pub(super) fn new(target: &Target, transport: &Transport, first: usize) -> Self {
        let endpoint = target.endpoint().clone();
        let host = match &endpoint {
            Endpoint::Address(address) => address.ip().to_string(),
            Endpoint::Name { host, .. } => host.clone(),
        };
        Self {
            scheme: target.scheme(),
            host,
            addresses: Addresses::new(endpoint, transport.family, first),
            pool: Pool::new(transport.version.streams(), target.scheme()),
            transport: transport.clone(),
        }
    }

    /// A connection that takes a request, and what it took to open it if it is new. A shared one must have brought fewer
    /// than `most` requests.
    pub(super) async fn connection(
        &self,
        most: Option<u64>,
    ) -> Result<(Connection, Option<Opening>), ExchangeError> {
        match self.transport.connect_timeout {
            None => self.connection_in_any_time(most).await,
            Some(patience) => timeout(patience, self.connection_in_any_time(most))
                .await
                .unwrap_or(Err(ExchangeError::ConnectTimedOut(patience))),
        }
    }

    async fn connection_in_any_time(
        &self,
        most: Option<u64>,
    ) -> Result<(Connection, Option<Opening>), ExchangeError> {
        match self.transport.version {
            Version::Http1 => {
                let (stream, opening) = self.open().await?;
                Ok((Connection::Http1(Wire::new(stream)), Some(opening)))
            }
            Version::Http2 { .. } => {
                let (seat, opening) = self.pool.seat(most, || self.open()).await?;
                Ok((Connection::Http2(seat), opening))
            }
        }
    }

    /// A stream of bytes to the target.
    pub(super) async fn open(&self) -> Result<(Stream, Opening), ExchangeError> {
        if let Some(path) = &self.transport.unix_socket {
            let (stream, connect) = timed(unix(path)).await?;
            let opening = Opening { connect, ..Opening::default() };
            return match self.server_name()? {
                None => Ok((Stream::Unix(stream), opening)),
                Some(name) => {
                    let (stream, tls) = timed(self.secure(&name, stream)).await?;
                    Ok((Stream::TlsOverUnix(Box::new(stream)), Opening { tls: Some(tls), ..opening }))
                }
            };
        }
        let (addresses, resolve) = self.addresses.next().await?;
        let ((stream, _), connect) = timed(connect(&addresses)).await?;
        let opening = Opening { resolve, connect, tls: None };
        match self.server_name()? {
            None => Ok((Stream::Tcp(stream), opening)),
            Some(name) => {
                let (stream, tls) = timed(self.secure(&name, stream)).await?;
                Ok((Stream::TlsOverTcp(Box::new(stream)), Opening { tls: Some(tls), ..opening }))
            }
        }
    }

    /// What the server goes by, if TLS is spoken.
    fn server_name(&self) -> Result<Option<ServerName<'static>>, ExchangeError> {
        match self.scheme {
            Scheme::Http => Ok(None),
            Scheme::Https => Ok(Some(self.transport.tls.server_name(&self.host)?)),
        }
    }

    async fn secure<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        name: &ServerName<'static>,
        stream: S,
    ) -> Result<TlsStream<S>, ExchangeError> {
        let stream = handshake(&self.transport.tls_config, name, stream).await?;
        let wants_http2 = self.transport.version != Version::Http1;
        if wants_http2 && stream.get_ref().1.alpn_protocol() != Some(Alpn::Http2.id()) {
            return Err(HandshakeError::NoHttp2 { name: name.clone() }.into());
        }
        Ok(stream)
    }
}

async fn unix(path: &Path) -> Result<UnixStream, ExchangeError> {
    loop {
        match UnixStream::connect(path).await {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => sleep(FULL_QUEUE).await,
            connected => {
                let failed = |source| ExchangeError::ConnectUnix { path: path.to_owned(), source };
                return connected.map_err(failed);
            }
        }
    }
}

async fn timed<T>(
    step: impl Future<Output = Result<T, ExchangeError>>,
) -> Result<(T, Duration), ExchangeError> {
    let began_at = Instant::now();
    Ok((step.await?, began_at.elapsed()))
}
