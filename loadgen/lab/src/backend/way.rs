//! The way to addresses that belong to containers and pods: as they are where this machine reaches them, else through a tunnel.

use std::net::SocketAddr;

use super::tunnel::{Tunnel, TunnelError};

/// Which way is wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Reach {
    /// Containers directly if they answer, else through a tunnel; pods through a tunnel
    #[default]
    Auto,
    /// Directly, as on the machine that runs them
    Direct,
    /// Through `docker exec` or `kubectl exec`, as with Docker Desktop, a remote engine or a cluster
    Tunnel,
}

/// How replicas are reached.
#[derive(Debug)]
pub(super) enum Way {
    Direct,
    Through(Box<Tunnel>),
}

impl Way {
    /// Whether it leads nowhere any more.
    pub(super) fn has_ended(&self) -> bool {
        match self {
            Self::Direct => false,
            Self::Through(tunnel) => tunnel.has_ended(),
        }
    }

    /// Where `target` is reached from here.
    pub(super) fn to(&self, target: SocketAddr) -> Result<SocketAddr, TunnelError> {
        match self {
            Self::Direct => Ok(target),
            Self::Through(tunnel) => tunnel.local(target),
        }
    }
}
