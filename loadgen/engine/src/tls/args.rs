//! What can be typed about TLS.

use std::path::PathBuf;

use clap::Args;
use rustls::pki_types::ServerName;

use super::error::TlsError;
use super::settings::TlsSettings;

/// The flags about TLS, for every command that takes https:// URLs.
#[derive(Args, Clone, Debug, Default)]
pub struct TlsArgs {
    /// Accept any certificate
    #[arg(short = 'k', long)]
    pub insecure: bool,

    /// File with certificates (PEM) to trust, besides the public ones
    #[arg(long, value_name = "FILE")]
    pub cacert: Option<PathBuf>,

    /// File with a certificate (PEM) to show to the server, and with what leads to its issuer
    #[arg(long, value_name = "FILE")]
    pub cert: Option<PathBuf>,

    /// File with the private key (PEM) of --cert
    #[arg(long, value_name = "FILE")]
    pub key: Option<PathBuf>,

    /// Name to ask the server for, and to find in its certificate [default: the host of the URL]
    #[arg(long, value_name = "NAME", value_parser = server_name)]
    pub sni: Option<ServerName<'static>>,
}

impl TlsArgs {
    /// What they mean; reads the files.
    pub fn settings(&self) -> Result<TlsSettings, TlsError> {
        TlsSettings::from_args(self)
    }
}

fn server_name(text: &str) -> Result<ServerName<'static>, String> {
    ServerName::try_from(text.to_owned()).map_err(|_| "expected a host name or an IP address".to_owned())
}
