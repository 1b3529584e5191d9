//! An address where connections do not come about: the queue of those that nobody accepts is full, and the kernel answers no more.

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

/// More than any queue of length 0 holds.
const TOO_MANY: usize = 100;
const UNANSWERED: Duration = Duration::from_millis(200);

/// A listener that accepts nobody, until dropped.
pub(crate) struct Deaf {
    listener: TcpListener,
    _queued: Vec<TcpStream>,
}

impl Deaf {
    /// Listens, and fills the queue.
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        rustix::net::listen(&listener, 0).expect("a shorter queue");
        let address = listener.local_addr().expect("an address");
        let knock = || TcpStream::connect_timeout(&address, UNANSWERED).ok();
        let queued: Vec<TcpStream> = std::iter::from_fn(knock).take(TOO_MANY).collect();
        assert!(queued.len() < TOO_MANY, "the queue never fills up");
        Self { listener, _queued: queued }
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.listener.local_addr().expect("an address")
    }
}
