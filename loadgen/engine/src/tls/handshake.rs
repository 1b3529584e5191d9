//! One handshake, and why it failed.

use std::fmt;
use std::io;
use std::sync::Arc;

use rustls::pki_types::ServerName;
use rustls::{AlertDescription, CertificateError, ClientConfig};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::settings::Alpn;

/// Why there is no TLS on a connection.
#[derive(Debug, thiserror::Error)]
pub enum HandshakeError {
    /// The server's certificate is not one to trust.
    #[error("the certificate of {} {}", shown(name), Complaint(cause))]
    Certificate {
        /// The name that was asked for.
        name: ServerName<'static>,
        /// What is wrong with it.
        cause: CertificateError,
    },
    /// The two have no common protocol, or one of them broke the rules.
    #[error("no TLS with {}: {}", shown(name), Quarrel(cause))]
    Protocol {
        /// The name that was asked for.
        name: ServerName<'static>,
        /// What went wrong.
        cause: rustls::Error,
    },
    /// The server does not want to speak HTTP/2.
    #[error("{} does not offer HTTP/2 over TLS; leave out --http2", shown(name))]
    NoHttp2 {
        /// The name that was asked for.
        name: ServerName<'static>,
    },
    /// The connection broke meanwhile.
    #[error("the connection to {} broke off in the TLS handshake: {source}", shown(name))]
    Io {
        /// The name that was asked for.
        name: ServerName<'static>,
        /// The cause.
        source: io::Error,
    },
}

impl HandshakeError {
    /// Whether every other connection to the same server would fail as well.
    pub fn is_certain(&self) -> bool {
        match self {
            Self::Certificate { .. } | Self::NoHttp2 { .. } => true,
            Self::Protocol { cause, .. } => matches!(
                cause,
                rustls::Error::PeerIncompatible(_)
                    | rustls::Error::NoApplicationProtocol
                    | rustls::Error::AlertReceived(_)
                    | rustls::Error::InvalidMessage(_)
            ),
            Self::Io { .. } => false,
        }
    }

    fn new(name: ServerName<'static>, error: io::Error) -> Self {
        match error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()).cloned() {
            Some(rustls::Error::InvalidCertificate(cause)) => Self::Certificate { name, cause },
            Some(cause) => Self::Protocol { name, cause },
            None => Self::Io { name, source: error },
        }
    }
}

/// Starts TLS over `stream` with the server that goes by `name`.
pub async fn handshake<S: AsyncRead + AsyncWrite + Unpin>(
    config: &Arc<ClientConfig>,
    name: &ServerName<'static>,
    stream: S,
) -> Result<TlsStream<S>, HandshakeError> {
    let connected = TlsConnector::from(config.clone()).connect(name.clone(), stream).await;
    connected.map_err(|error| match HandshakeError::new(name.clone(), error) {
        HandshakeError::Protocol { name, cause } if is_about_http(&cause) && offers_http2(config) => {
            HandshakeError::NoHttp2 { name }
        }
        error => error,
    })
}

fn offers_http2(config: &ClientConfig) -> bool {
    config.alpn_protocols.iter().any(|protocol| protocol == Alpn::Http2.id())
}

fn shown(name: &ServerName<'_>) -> String {
    name.to_str().into_owned()
}

/// Whether no version of HTTP could be agreed on.
fn is_about_http(cause: &rustls::Error) -> bool {
    use rustls::Error::{AlertReceived, NoApplicationProtocol};
    matches!(cause, AlertReceived(AlertDescription::NoApplicationProtocol) | NoApplicationProtocol)
}

/// What is wrong with a certificate, and what would mend it.
struct Complaint<'a>(&'a CertificateError);

impl fmt::Display for Complaint<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            CertificateError::UnknownIssuer => f.write_str(
                "is signed by nobody we know; name its issuer's certificate with --cacert FILE, or accept any with --insecure",
            ),
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
                f.write_str("has expired; renew it, or accept any with --insecure")
            }
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
                f.write_str("is not valid yet; look at the clocks, or accept any with --insecure")
            }
            CertificateError::NotValidForNameContext { presented, .. } if !presented.is_empty() => {
                write!(f, "is for {}; ", names(presented))?;
                f.write_str("give one of these with --sni NAME, or accept any with --insecure")
            }
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                f.write_str("is for another name; give that with --sni NAME, or accept any with --insecure")
            }
            cause => write!(f, "cannot be trusted: {cause}; accept any with --insecure"),
        }
    }
}

/// Names as rustls shows them, `DnsName("rng")` and `IpAddress(127.0.0.1)`, in the form in which they are typed.
fn names(presented: &[String]) -> String {
    let bare = |name: &String| {
        let inside = name.split_once('(').and_then(|(_, rest)| rest.strip_suffix(')')).unwrap_or(name);
        inside.trim_matches('"').to_owned()
    };
    presented.iter().map(bare).collect::<Vec<_>>().join(", ")
}

/// Why two sides do not come together, and what would mend it.
struct Quarrel<'a>(&'a rustls::Error);

impl fmt::Display for Quarrel<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use rustls::Error::{AlertReceived, InvalidMessage};
        match self.0 {
            InvalidMessage(_) => f.write_str("it answers something else; is it http:// there?"),
            AlertReceived(AlertDescription::CertificateRequired) => {
                f.write_str("it wants to see a certificate; give one with --cert FILE --key FILE")
            }
            AlertReceived(AlertDescription::UnrecognisedName) => {
                f.write_str("it knows no such name; give the right one with --sni NAME")
            }
            cause if is_about_http(cause) => f.write_str("it does not speak HTTP/1.1; try with --http2"),
            cause => cause.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tls::testing::{Authority, Issued};
    use crate::tls::{Alpn, TlsArgs};
    use tokio::io::duplex;

    /// What a client with these `flags` says after a handshake with the holder of `issued`, as `name`.
    async fn shake(issued: &Issued, flags: TlsArgs, name: &str) -> Result<Vec<u8>, HandshakeError> {
        let settings = flags.settings().unwrap();
        let (ours, theirs) = duplex(10_000);
        let acceptor = issued.acceptor(&[b"h2", b"http/1.1"]);
        let server = tokio::spawn(async move { acceptor.accept(theirs).await });
        let name = settings.server_name(name).unwrap();
        let stream = handshake(&settings.client_config(Alpn::Http1), &name, ours).await;
        server.abort();
        Ok(stream?.get_ref().1.alpn_protocol().unwrap_or_default().to_vec())
    }

    async fn complaint(issued: &Issued, flags: TlsArgs, name: &str) -> String {
        let error = shake(issued, flags, name).await.unwrap_err();
        assert!(error.is_certain(), "{error:?}");
        error.to_string()
    }

    #[tokio::test]
    async fn a_certificate_is_accepted_from_a_known_issuer_or_from_anybody_if_that_was_asked_for() {
        let authority = Authority::new();
        let issued = authority.issue("localhost");
        let insecure = TlsArgs { insecure: true, ..TlsArgs::default() };
        assert_eq!(shake(&issued, authority.trusted(), "localhost").await.unwrap(), b"http/1.1");
        assert_eq!(shake(&issued, insecure, "another").await.unwrap(), b"http/1.1");
        let complaint = complaint(&issued, TlsArgs::default(), "localhost").await;
        assert!(complaint.contains("certificate of localhost is signed by nobody"), "{complaint}");
        assert!(complaint.contains("--cacert") && complaint.contains("--insecure"), "{complaint}");
    }

    #[tokio::test]
    async fn a_certificate_that_signed_itself_can_be_given_as_its_own_issuer() {
        let authority = Authority::named("localhost");
        let issued = authority.itself();
        assert_eq!(shake(&issued, authority.trusted(), "localhost").await.unwrap(), b"http/1.1");
        let wrong = complaint(&issued, authority.trusted(), "another").await;
        assert!(wrong.contains("is for localhost; give") && wrong.contains("--sni"), "{wrong}");
        let unknown = complaint(&issued, TlsArgs::default(), "localhost").await;
        assert!(unknown.contains("signed by nobody we know"), "{unknown}");
    }

    #[tokio::test]
    async fn what_is_wrong_with_a_certificate_is_told_with_the_remedy() {
        let authority = Authority::new();
        let old = complaint(&authority.issue_expired("localhost"), authority.trusted(), "localhost").await;
        assert!(old.contains("has expired"), "{old}");
        let wrong = complaint(&authority.issue("right"), authority.trusted(), "wrong").await;
        assert!(wrong.contains("certificate of wrong is for right; give"), "{wrong}");
    }

    #[tokio::test]
    async fn a_server_that_speaks_no_tls_is_told_from_one_that_breaks_off() {
        let settings = TlsArgs::default().settings().unwrap();
        let name = settings.server_name("localhost").unwrap();
        for (answer, certain) in [(&b"HTTP/1.1 400 Bad Request\r\n\r\n"[..], true), (b"", false)] {
            let (ours, mut theirs) = duplex(10_000);
            tokio::io::AsyncWriteExt::write_all(&mut theirs, answer).await.unwrap();
            tokio::io::AsyncWriteExt::shutdown(&mut theirs).await.unwrap();
            let error = handshake(&settings.client_config(Alpn::Http1), &name, ours).await.unwrap_err();
            assert_eq!(error.is_certain(), certain, "{error}");
        }
    }
}
