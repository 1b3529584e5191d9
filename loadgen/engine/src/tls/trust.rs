//! Whose certificates are accepted.

use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{WebPkiServerVerifier, verify_server_name};
use rustls::crypto::{
    CryptoProvider, WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature,
};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};

/// Issuers that are trusted.
pub(super) struct Roots {
    /// All of them.
    pub(super) store: RootCertStore,
    /// Those that were given by hand.
    pub(super) given: Vec<CertificateDer<'static>>,
}

/// Accepts every certificate. Its holder still has to prove that it holds the key.
pub(super) fn anybody(provider: &CryptoProvider) -> Arc<dyn ServerCertVerifier> {
    Arc::new(Trust { known: None, signatures: provider.signature_verification_algorithms })
}

/// Accepts certificates that lead to one of `roots`.
pub(super) fn known(
    roots: Roots,
    provider: Arc<CryptoProvider>,
) -> Result<Arc<dyn ServerCertVerifier>, Error> {
    let signatures = provider.signature_verification_algorithms;
    let store = WebPkiServerVerifier::builder_with_provider(Arc::new(roots.store), provider).build();
    let chains = store.map_err(|error| Error::General(error.to_string()))?;
    Ok(Arc::new(Trust { known: Some(Known { chains, given: roots.given }), signatures }))
}

/// Who is trusted, and by what they prove that a certificate is theirs.
#[derive(Debug)]
struct Trust {
    /// `None` for anybody.
    known: Option<Known>,
    signatures: WebPkiSupportedAlgorithms,
}

#[derive(Debug)]
struct Known {
    chains: Arc<WebPkiServerVerifier>,
    given: Vec<CertificateDer<'static>>,
}

impl ServerCertVerifier for Trust {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        chain: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let Some(Known { chains, given }) = &self.known else { return Ok(ServerCertVerified::assertion()) };
        match chains.verify_server_cert(certificate, chain, name, ocsp, now) {
            Err(Error::InvalidCertificate(cause)) if is_authority(&cause) => {
                if !given.contains(certificate) {
                    return Err(CertificateError::UnknownIssuer.into());
                }
                // By now its dates have been checked; only the name is left.
                verify_server_name(&ParsedCertificate::try_from(certificate)?, name)?;
                Ok(ServerCertVerified::assertion())
            }
            verified => verified,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signed, &self.signatures)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signed, &self.signatures)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.signatures.supported_schemes()
    }
}

/// Whether a server's certificate calls itself an authority, which rustls accepts from none. What `openssl req -x509` makes
/// does so.
fn is_authority(cause: &CertificateError) -> bool {
    // The error's type belongs to a crate that rustls does not show.
    matches!(cause, CertificateError::Other(other) if other.to_string() == "CaUsedAsEndEntity")
}
