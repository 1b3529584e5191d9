//! What is wrong with the flags about TLS.

use std::io;
use std::path::PathBuf;

use rustls::pki_types::pem;

/// Why the flags about TLS cannot be followed.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read.
    #[error("{flag} {}: {source}; name a file that can be read", path.display())]
    Unreadable {
        /// The flag that named it.
        flag: &'static str,
        /// The file.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// A file is no PEM.
    #[error("{flag} {} is no PEM file: {source}", path.display())]
    NotPem {
        /// The flag that named it.
        flag: &'static str,
        /// The file.
        path: PathBuf,
        /// The cause.
        source: pem::Error,
    },
    /// A file without what it was named for.
    #[error("{flag} {}: there is no {what} in it; it takes PEM, with a line -----BEGIN {mark}-----", path.display())]
    Missing {
        /// The flag that named it.
        flag: &'static str,
        /// The file.
        path: PathBuf,
        /// What it should hold.
        what: &'static str,
        /// How that begins.
        mark: &'static str,
    },
    /// A certificate that cannot be used.
    #[error("--cacert {}: a certificate in it cannot be read: {source}", path.display())]
    Root {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: rustls::Error,
    },
    /// A certificate without its key, or the other way round.
    #[error("{flag} means nothing without {needs}: add {needs}, or leave {flag} out")]
    Half {
        /// The flag that was given.
        flag: &'static str,
        /// What it belongs to.
        needs: &'static str,
    },
    /// A private key that belongs to another certificate.
    #[error("--key {} is not the key of --cert {}; give the two that were made together", key.display(), cert.display())]
    KeyMismatch {
        /// The file with the certificate.
        cert: PathBuf,
        /// The file with the key.
        key: PathBuf,
    },
    /// A certificate or key that cannot be used.
    #[error("--cert {} with --key {} cannot be used: {source}", cert.display(), key.display())]
    Identity {
        /// The file with the certificate.
        cert: PathBuf,
        /// The file with the key.
        key: PathBuf,
        /// The cause.
        source: rustls::Error,
    },
    /// Neither a name nor an address.
    #[error("{0:?} can stand in no certificate; say with --sni which name the server goes by")]
    Name(String),
    /// The TLS library refuses.
    #[error("TLS cannot be set up: {0}")]
    Refused(#[from] rustls::Error),
}
