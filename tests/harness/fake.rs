//! A stand-in for somebody else's rng, one that always answers the same bytes. Owns the count of what it was asked.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// Thirty-two bytes whose hash starts with a zero, so that each of them makes a coin.
pub(crate) const LUCKY: &[u8; 32] = b"coin 000000000000000000000000011";

/// The hash of [`LUCKY`].
pub(crate) const LUCKY_HASH: &str = "09318b41238b36017933e8d47a507edf656a3e887d121858b4317dcf482a0775";

#[derive(Default)]
struct Counts {
    connections: AtomicUsize,
    requests: AtomicUsize,
}

/// A server that answers [`LUCKY`] to everything.
pub(crate) struct LuckyRng {
    pub(crate) address: SocketAddr,
    counts: Arc<Counts>,
}

impl LuckyRng {
    /// Starts it on a port of its own, in the background.
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address");
        let counts = Arc::new(Counts::default());
        let seen = Arc::clone(&counts);
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                seen.connections.fetch_add(1, Ordering::SeqCst);
                let seen = Arc::clone(&seen);
                thread::spawn(move || answer_all(stream, &seen));
            }
        });
        Self { address, counts }
    }

    /// How many connections came in.
    pub(crate) fn connections(&self) -> usize {
        self.counts.connections.load(Ordering::SeqCst)
    }

    /// How many requests came in.
    pub(crate) fn requests(&self) -> usize {
        self.counts.requests.load(Ordering::SeqCst)
    }
}

fn answer_all(stream: TcpStream, counts: &Counts) {
    let mut stream = BufReader::new(stream);
    while let Some(head) = request_head(&mut stream) {
        counts.requests.fetch_add(1, Ordering::SeqCst);
        let last = head.to_ascii_lowercase().contains("connection: close");
        let answer = [b"HTTP/1.1 200 OK\r\nContent-Length: 32\r\n\r\n", LUCKY.as_slice()].concat();
        if stream.get_mut().write_all(&answer).is_err() || last {
            return;
        }
    }
}

fn request_head(stream: &mut BufReader<TcpStream>) -> Option<String> {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        let read = stream.read_line(&mut head).ok()?;
        if read == 0 {
            return None;
        }
    }
    Some(head)
}
