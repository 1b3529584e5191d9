//! How one ping is made. Owns the flags of the request and its connection.

use clap::Args;
use http::{HeaderName, HeaderValue};

use crate::endpoint::Family;
use crate::header::{basic, header};
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

    /// Use IPv4 addresses only
    #[arg(short = '4', long, conflicts_with = "ipv6")]
    pub ipv4: bool,

    /// Use IPv6 addresses only
    #[arg(short = '6', long)]
    pub ipv6: bool,

    /// Header, such as 'Accept: text/plain'; may be repeated
    #[arg(short = 'H', long = "header", value_name = "HEADER", value_parser = header)]
    pub headers: Vec<(String, String)>,

    /// User for basic authentication
    #[arg(short = 'U', long, value_name = "USER")]
    pub username: Option<String>,

    /// Password for basic authentication
    #[arg(short = 'P', long, value_name = "PASSWORD", requires = "username")]
    pub password: Option<String>,

    /// Ask proxies on the way for a fresh answer
    #[arg(short = 'Z', long)]
    pub no_cache: bool,
}

impl AskingArgs {
    pub(in super::super) fn family(&self) -> Family {
        Family::only(self.ipv4, self.ipv6)
    }

    /// Names and values, of which each can be sent in a header.
    pub(in super::super) fn headers(&self) -> impl Iterator<Item = (HeaderName, HeaderValue)> {
        let user = self.username.as_ref().map(|user| {
            let password = self.password.as_deref().unwrap_or_default();
            ("authorization".to_owned(), basic(&format!("{user}:{password}")))
        });
        let all = self.headers.iter().cloned().chain(user);
        all.filter_map(|(name, value)| Some((name.parse().ok()?, value.parse().ok()?)))
    }
}
