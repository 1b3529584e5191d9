//! What was meant about TLS, checked: whom to trust, and what to show.

use std::path::Path;
use std::sync::Arc;

use rustls::client::Resumption;
use rustls::crypto::ring;
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore};

use super::args::TlsArgs;
use super::error::TlsError;
use super::trust;

/// Whom to trust, what to show, and for which name to ask.
#[derive(Clone, Debug)]
pub struct TlsSettings {
    config: ClientConfig,
    sni: Option<ServerName<'static>>,
}

/// What a client offers to speak over TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Alpn {
    /// HTTP/1.1 only.
    Http1,
    /// HTTP/2 only.
    Http2,
}

impl Alpn {
    /// Its name in a handshake (RFC 7301, 6).
    pub fn id(self) -> &'static [u8] {
        match self {
            Self::Http1 => b"http/1.1",
            Self::Http2 => b"h2",
        }
    }
}

impl TlsSettings {
    pub(super) fn from_args(args: &TlsArgs) -> Result<Self, TlsError> {
        let provider = Arc::new(ring::default_provider());
        let versions =
            ClientConfig::builder_with_provider(provider.clone()).with_safe_default_protocol_versions()?;
        let verifier = if args.insecure {
            trust::anybody(&provider)
        } else {
            trust::known(roots(args.cacert.as_deref())?, provider)?
        };
        let trusting = versions.dangerous().with_custom_certificate_verifier(verifier);
        let mut config = match (&args.cert, &args.key) {
            (Some(cert), Some(key)) => {
                let chain = certificates("--cert", cert)?;
                let private = private_key(key)?;
                trusting
                    .with_client_auth_cert(chain, private)
                    .map_err(|error| identity_error(cert, key, error))?
            }
            (Some(_), None) => return Err(TlsError::Half { flag: "--cert", needs: "--key" }),
            (None, Some(_)) => return Err(TlsError::Half { flag: "--key", needs: "--cert" }),
            (None, None) => trusting.with_no_client_auth(),
        };
        // Each connection stands for a new user, who brings no session: its handshake is a whole one.
        config.resumption = Resumption::disabled();
        Ok(Self { config, sni: args.sni.clone() })
    }

    /// The configuration of connections that offer `alpn`.
    pub fn client_config(&self, alpn: Alpn) -> Arc<ClientConfig> {
        let mut config = self.config.clone();
        config.alpn_protocols = vec![alpn.id().to_vec()];
        Arc::new(config)
    }

    /// The name by which `host` is asked for and known: that of `--sni`, or its own.
    pub fn server_name(&self, host: &str) -> Result<ServerName<'static>, TlsError> {
        if let Some(name) = &self.sni {
            return Ok(name.clone());
        }
        ServerName::try_from(host.to_owned()).map_err(|_| TlsError::Name(host.to_owned()))
    }
}

/// The public roots, and those in the file; and these by themselves.
fn roots(cacert: Option<&Path>) -> Result<trust::Roots, TlsError> {
    let mut store = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let Some(path) = cacert else { return Ok(trust::Roots { store, given: Vec::new() }) };
    let given = certificates("--cacert", path)?;
    for certificate in &given {
        let unusable = |source| TlsError::Root { path: path.to_owned(), source };
        store.add(certificate.clone()).map_err(unusable)?;
    }
    Ok(trust::Roots { store, given })
}

fn certificates(flag: &'static str, path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let text = read(flag, path)?;
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&text).collect();
    let found = found.map_err(|source| TlsError::NotPem { flag, path: path.to_owned(), source })?;
    if found.is_empty() {
        let (what, mark) = ("certificate", "CERTIFICATE");
        return Err(TlsError::Missing { flag, path: path.to_owned(), what, mark });
    }
    Ok(found)
}

fn private_key(path: &Path) -> Result<PrivateKeyDer<'static>, TlsError> {
    const FLAG: &str = "--key";
    let text = read(FLAG, path)?;
    PrivateKeyDer::from_pem_slice(&text).map_err(|error| match error {
        pem::Error::NoItemsFound => TlsError::Missing {
            flag: FLAG,
            path: path.to_owned(),
            what: "unencrypted private key",
            mark: "PRIVATE KEY",
        },
        source => TlsError::NotPem { flag: FLAG, path: path.to_owned(), source },
    })
}

fn read(flag: &'static str, path: &Path) -> Result<Vec<u8>, TlsError> {
    std::fs::read(path).map_err(|source| TlsError::Unreadable { flag, path: path.to_owned(), source })
}

fn identity_error(cert: &Path, key: &Path, error: rustls::Error) -> TlsError {
    let (cert, key) = (cert.to_owned(), key.to_owned());
    match error {
        rustls::Error::InconsistentKeys(_) => TlsError::KeyMismatch { cert, key },
        source => TlsError::Identity { cert, key, source },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tls::testing::Authority;
    use clap::Parser;
    use std::fs;

    #[derive(Parser)]
    struct Cli {
        #[command(flatten)]
        tls: TlsArgs,
    }

    fn settings(line: &str) -> Result<TlsSettings, String> {
        let words = std::iter::once("bench").chain(line.split_whitespace());
        let args = Cli::try_parse_from(words).map_err(|error| error.to_string())?.tls;
        args.settings().map_err(|error| error.to_string())
    }

    #[test]
    fn a_name_is_that_of_the_url_unless_another_was_given() {
        let name = |flags: &str, host: &str| {
            settings(flags).unwrap().server_name(host).map(|name| name.to_str().into_owned())
        };
        assert_eq!(name("", "rng").unwrap(), "rng");
        assert_eq!(name("", "::1").unwrap(), "::1");
        assert_eq!(name("--sni other", "rng").unwrap(), "other");
        assert!(name("", "-").unwrap_err().to_string().contains("--sni"));
    }

    #[test]
    fn files_that_cannot_serve_are_named_with_their_flag() {
        let (one, other) = (Authority::new(), Authority::new());
        let (one, other) = (one.issue("localhost"), other.issue("localhost"));
        let dir = tempfile::tempdir().unwrap();
        let file = |name: &str, text: &str| {
            fs::write(dir.path().join(name), text).unwrap();
            dir.path().join(name).display().to_string()
        };
        let (cert, key) = (file("cert", &one.cert_pem()), file("key", &one.key_pem()));
        let (strange, text) = (file("other", &other.key_pem()), file("text", "hello"));
        settings(&format!("--cert {cert} --key {key} --cacert {cert}")).unwrap();
        for (line, parts) in [
            ("--cacert /no/such".to_owned(), ["--cacert /no/such", "No such file"]),
            (format!("--cacert {text}"), ["--cacert", "no certificate in it"]),
            (format!("--cert {cert} --key {text}"), ["--key", "no unencrypted private key"]),
            (format!("--cert {cert} --key {strange}"), [strange.as_str(), "is not the key of --cert"]),
            (format!("--cert {cert}"), ["--cert means nothing", "add --key"]),
            (format!("--key {key}"), ["--key means nothing", "add --cert"]),
            ("--sni a/b".to_owned(), ["--sni", "host name"]),
        ] {
            let complaint = settings(&line).unwrap_err();
            assert!(parts.iter().all(|part| complaint.contains(part)), "{line}: {complaint}");
        }
    }
}
