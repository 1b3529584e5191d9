//! A TCP proxy that cuts each connection after a random number of bytes, in either direction. Owns the chance; that no
//! hash is lost or counted twice behind it is the business of the programs.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

const LONGEST_LIFE_BYTES: u64 = 900;

struct Fate {
    flapping: AtomicBool,
    cuts: AtomicUsize,
}

/// The proxy, cutting until it is healed.
pub(crate) struct Flapping {
    pub(crate) address: SocketAddr,
    fate: Arc<Fate>,
}

impl Flapping {
    /// Starts to pass connections on to `target`.
    pub(crate) fn in_front_of(target: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address");
        let fate = Arc::new(Fate { flapping: AtomicBool::new(true), cuts: AtomicUsize::new(0) });
        let passed = Arc::clone(&fate);
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                if let Ok(server) = TcpStream::connect(target) {
                    pass_on(&client, &server, &passed);
                }
            }
        });
        Self { address, fate }
    }

    /// Lets connections made from now on live.
    pub(crate) fn heal(&self) {
        self.fate.flapping.store(false, Ordering::SeqCst);
    }

    /// How many connections it has cut.
    pub(crate) fn cuts(&self) -> usize {
        self.fate.cuts.load(Ordering::SeqCst)
    }
}

fn pass_on(client: &TcpStream, server: &TcpStream, fate: &Arc<Fate>) {
    for (from, to) in [(client, server), (server, client)] {
        let (Ok(from), Ok(to)) = (from.try_clone(), to.try_clone()) else { return };
        let life = fate.flapping.load(Ordering::SeqCst).then(random_life);
        let fate = Arc::clone(fate);
        let _ = (from.set_nodelay(true), to.set_nodelay(true));
        thread::spawn(move || pump(from, to, life, &fate));
    }
}

/// Copies up to `life` bytes, the last of them in the middle of whatever was being said, then ends both directions.
fn pump(mut from: TcpStream, mut to: TcpStream, mut life: Option<usize>, fate: &Fate) {
    let mut buffer = [0; 4096];
    while let Ok(read @ 1..) = from.read(&mut buffer) {
        let passed = life.map_or(read, |life| life.min(read));
        if to.write_all(&buffer[..passed]).is_err() {
            break;
        }
        life = life.map(|life| life - passed);
        if life == Some(0) {
            fate.cuts.fetch_add(1, Ordering::SeqCst);
            break;
        }
    }
    let _ = (from.shutdown(Shutdown::Both), to.shutdown(Shutdown::Both));
}

fn random_life() -> usize {
    let random = RandomState::new().build_hasher().finish();
    usize::try_from(1 + random % LONGEST_LIFE_BYTES).expect("a small number")
}
