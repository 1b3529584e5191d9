//! Certificates for the tests, made when they are needed.

use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd};
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use tempfile::NamedTempFile;
use tokio_rustls::TlsAcceptor;

use super::args::TlsArgs;

/// An issuer of certificates that nobody knows but who is told of it.
pub(crate) struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    file: NamedTempFile,
}

/// A certificate and its key.
pub(crate) struct Issued {
    certificate: CertificateDer<'static>,
    cert_pem: String,
    key: KeyPair,
}

impl Authority {
    pub(crate) fn new() -> Self {
        Self::named("authority")
    }

    pub(crate) fn named(name: &str) -> Self {
        let mut params = CertificateParams::new([name.to_owned()]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let mut file = NamedTempFile::new().unwrap();
        file.write_all(issuer.pem().as_bytes()).unwrap();
        Self { issuer, file }
    }

    /// The file with its certificate.
    pub(crate) fn path(&self) -> &Path {
        self.file.path()
    }

    /// Flags that trust it.
    pub(crate) fn trusted(&self) -> TlsArgs {
        TlsArgs { cacert: Some(self.file.path().to_owned()), ..TlsArgs::default() }
    }

    /// A certificate for `name`.
    pub(crate) fn issue(&self, name: &str) -> Issued {
        self.sign(&CertificateParams::new([name.to_owned()]).unwrap())
    }

    /// One that has expired.
    pub(crate) fn issue_expired(&self, name: &str) -> Issued {
        let mut params = CertificateParams::new([name.to_owned()]).unwrap();
        params.not_after = date_time_ymd(2001, 1, 1);
        self.sign(&params)
    }

    /// Its own certificate, as a server would show it.
    pub(crate) fn itself(&self) -> Issued {
        let key = KeyPair::from_pem(&self.issuer.key().serialize_pem()).unwrap();
        Issued { certificate: self.issuer.der().clone(), cert_pem: self.issuer.pem(), key }
    }

    fn sign(&self, params: &CertificateParams) -> Issued {
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        Issued { cert_pem: certificate.pem(), certificate: certificate.into(), key }
    }
}

impl Issued {
    pub(crate) fn cert_pem(&self) -> String {
        self.cert_pem.clone()
    }

    pub(crate) fn key_pem(&self) -> String {
        self.key.serialize_pem()
    }

    /// A server that shows it and speaks one of `protocols`.
    pub(crate) fn acceptor(&self, protocols: &[&[u8]]) -> TlsAcceptor {
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(self.key.serialize_der()));
        let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![self.certificate.clone()], key)
            .unwrap();
        config.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
        TlsAcceptor::from(Arc::new(config))
    }
}
