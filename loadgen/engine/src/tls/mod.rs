//! TLS as a client speaks it. Owns what is trusted and shown: the flags become [`TlsSettings`], these a rustls configuration,
//! and a handshake that fails a line that says why and what would mend it.

mod args;
mod error;
mod handshake;
mod settings;
#[cfg(test)]
pub(crate) mod testing;
mod trust;

pub use args::TlsArgs;
pub use error::TlsError;
pub use handshake::{HandshakeError, handshake};
pub use settings::{Alpn, TlsSettings};
