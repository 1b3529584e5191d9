//! How one ping is made. Owns the flags of the request and its connection.

use clap::Args;

use crate::tls::TlsArgs;

/// How one ping is made.
#[derive(Args, Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of httping's")]
pub struct AskingArgs {
    /// Speak TLS, as with https:// URLs
    #[arg(short = 'l', long)]
    pub use_ssl: bool,

    /// What is trusted, and shown.
    #[command(flatten)]
    pub tls: TlsArgs,

    /// Send GET instead of HEAD, and read the body
    #[arg(short = 'G', long = "get", visible_alias = "get-request")]
    pub get: bool,

    /// Keep the connection for the next ping; a C behind a line says that it had to be opened anew
    #[arg(short = 'Q', long = "persistent-connections")]
    pub persistent: bool,

    /// Look the name up once, not for each connection
    #[arg(short, long)]
    pub resolve_once: bool,

    /// Ask proxies on the way for a fresh answer
    #[arg(short = 'Z', long)]
    pub no_cache: bool,
}
