//! An address at which every connection is refused. The port is taken, though nobody listens: one that was merely free a moment ago
//! may be somebody else's by now.

use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use std::os::fd::OwnedFd;

use rustix::net::{AddressFamily, SocketType, bind, getsockname, socket};

/// A port that refuses, until dropped.
pub(crate) struct Refusing {
    socket: OwnedFd,
}

impl Refusing {
    /// Takes a free port.
    pub(crate) fn start() -> Self {
        let socket = socket(AddressFamily::INET, SocketType::STREAM, None).expect("a socket");
        bind(&socket, &SocketAddrV4::new(Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        Self { socket }
    }

    /// Where connections are refused.
    pub(crate) fn address(&self) -> SocketAddr {
        getsockname(&self.socket).expect("an address").try_into().expect("an address of IP")
    }
}
