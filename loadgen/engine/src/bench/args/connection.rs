//! The flags about connections: how they come about, and what is spoken over them.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use crate::endpoint::Family;
use crate::tls::TlsArgs;

use super::duration;

/// Flags about connections.
#[derive(Clone, Debug, Args)]
pub struct ConnectionArgs {
    /// How long a connection may take to come about, TLS included [default: as long as the whole request]
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub connect_timeout: Option<Duration>,

    /// Speak HTTP/2: from the start over http://, as agreed with the server over https://
    #[arg(long)]
    pub http2: bool,

    /// Requests in flight on one HTTP/2 connection [default: 1]
    #[arg(short = 'p', long, value_name = "N", conflicts_with = "disable_keepalive")]
    #[arg(value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub streams: Option<u16>,

    /// Use IPv4 addresses only
    #[arg(short = '4', long, conflicts_with = "ipv6")]
    pub ipv4: bool,

    /// Use IPv6 addresses only
    #[arg(short = '6', long)]
    pub ipv6: bool,

    /// Connect to this Unix socket, whatever the host of the URL
    #[arg(long, value_name = "PATH", conflicts_with_all = ["ipv4", "ipv6"])]
    pub unix_socket: Option<PathBuf>,

    /// TLS.
    #[command(flatten)]
    pub tls: TlsArgs,
}

impl ConnectionArgs {
    pub(in crate::bench) fn family(&self) -> Family {
        Family::only(self.ipv4, self.ipv6)
    }
}
