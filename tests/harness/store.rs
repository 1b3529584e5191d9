//! What the store holds, read with somebody else's client.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use redis::{Client, Commands, Connection};

use super::wait::eventually;

const TO_CONNECT: Duration = Duration::from_secs(30);

/// A connection; the store may still be starting.
pub(crate) fn connect(to: SocketAddr) -> Connection {
    let client = Client::open(format!("redis://{to}")).expect("a good address");
    eventually("a connection to the store", TO_CONNECT, || client.get_connection().ok())
}

/// The counter that the workers feed; zero when nobody has.
pub(crate) fn hashes(store: SocketAddr) -> u64 {
    connect(store).get::<_, Option<u64>>("hashes").expect("a number").unwrap_or(0)
}

/// The coins: hash to bytes.
pub(crate) fn wallet(store: SocketAddr) -> BTreeMap<String, Vec<u8>> {
    connect(store).hgetall("wallet").expect("a hash")
}
