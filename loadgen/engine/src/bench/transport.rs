//! How connections come about, and what is spoken over them, as it was meant.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use rustls::ClientConfig;

use crate::endpoint::Family;
use crate::tls::{Alpn, TlsError, TlsSettings};

use super::args::ConnectionArgs;

/// The kind of connections that a run makes.
#[derive(Clone, Debug)]
pub struct Transport {
    /// What is spoken.
    pub version: Version,
    /// Which addresses of a name are used.
    pub family: Family,
    /// The Unix socket that takes the place of all addresses.
    pub unix_socket: Option<Arc<PathBuf>>,
    /// How long a connection may take to come about; `None` for as long as the request may.
    pub connect_timeout: Option<Duration>,
    /// By which names servers go.
    pub(super) tls: TlsSettings,
    pub(super) tls_config: Arc<ClientConfig>,
}

/// A version of HTTP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// HTTP/1.1: one request at a time on a connection.
    Http1,
    /// HTTP/2.
    Http2 {
        /// Requests at a time on a connection.
        streams: usize,
    },
}

impl Transport {
    /// What `args` ask for; reads the files about TLS.
    pub(super) fn from_args(args: &ConnectionArgs) -> Result<Self, TlsError> {
        let tls = args.tls.settings()?;
        let version = if args.http2 {
            Version::Http2 { streams: args.streams.unwrap_or(1).into() }
        } else {
            Version::Http1
        };
        Ok(Self {
            family: args.family(),
            unix_socket: args.unix_socket.clone().map(Arc::new),
            connect_timeout: args.connect_timeout,
            tls_config: tls.client_config(version.alpn()),
            tls,
            version,
        })
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Http1 => "1.1",
            Self::Http2 { .. } => "2",
        })
    }
}

impl Version {
    /// Requests at a time on a connection.
    pub fn streams(self) -> usize {
        match self {
            Self::Http1 => 1,
            Self::Http2 { streams } => streams,
        }
    }

    fn alpn(self) -> Alpn {
        match self {
            Self::Http1 => Alpn::Http1,
            Self::Http2 { .. } => Alpn::Http2,
        }
    }
}
