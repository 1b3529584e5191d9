//! A store that is far away: a real one, behind a hop that holds every request back.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::thread::{sleep, spawn};
use std::time::{Duration, Instant};

use anyhow::Context;

/// What the hop adds to each request.
const DELAY: Duration = Duration::from_millis(400);

/// How long a store may take to listen.
const TO_START: Duration = Duration::from_secs(20);

/// The store and the hop; the store ends when it is dropped, and the hop's connections with it.
#[derive(Debug)]
pub(crate) struct SlowStore {
    child: Child,
    hop: SocketAddr,
}

impl SlowStore {
    pub(crate) fn start() -> anyhow::Result<Self> {
        // Somebody else could take it before the store does, which then says so.
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?;
        let mut command = Command::new(env!("CARGO_BIN_EXE_dockercoins"));
        command.args(["store", "--listen", &free.to_string(), "--admin-listen", "127.0.0.1:0"]);
        let child =
            command.stdin(Stdio::null()).stdout(Stdio::null()).spawn().context("cannot start a store")?;
        let hop = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let store = Self { child, hop: hop.local_addr()? };
        let deadline = Instant::now() + TO_START;
        while TcpStream::connect(free).is_err() {
            anyhow::ensure!(Instant::now() < deadline, "the store does not listen");
            sleep(Duration::from_millis(20));
        }
        spawn(move || {
            for near in hop.incoming().flatten() {
                if let Ok(far) = TcpStream::connect(free) {
                    join(near, far);
                }
            }
        });
        Ok(store)
    }

    pub(crate) fn url(&self) -> String {
        format!("redis://{}", self.hop)
    }
}

fn join(near: TcpStream, far: TcpStream) {
    let clones = (near.try_clone(), far.try_clone());
    if let (Ok(near_again), Ok(far_again)) = clones {
        spawn(move || pass(near, far, DELAY));
        spawn(move || pass(far_again, near_again, Duration::ZERO));
    }
}

/// Passes on what comes, each piece so much later, until either side is closed.
fn pass(mut from: TcpStream, mut to: TcpStream, delay: Duration) {
    let mut bytes = [0; 8 * 1024];
    while let Ok(length @ 1..) = from.read(&mut bytes) {
        sleep(delay);
        if to.write_all(&bytes[..length]).is_err() {
            return;
        }
    }
    let _ = to.shutdown(std::net::Shutdown::Both);
}

impl Drop for SlowStore {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
