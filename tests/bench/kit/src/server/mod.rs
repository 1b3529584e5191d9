//! A server that is cheaper than any client, so that the client's core is the full one; and whose behaviour is known to the
//! microsecond, so that what a client says of it can be checked. Owns one thread on one core.
//!
//! It reads a request only as far as finding the end of its head, so requests must have no body.

mod behaviour;
mod connection;
mod events;
mod heads;

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::Context;
use rustix::thread::gettid;

use crate::cores::pin;

pub use behaviour::Behaviour;
use events::Events;

/// Connections that may wait to be accepted; the kernel's own limit is usually the same.
const BACKLOG: i32 = 4096;

/// Whatever answers: ours, or somebody else's.
pub trait Served {
    /// Where to.
    fn url(&self) -> String;
    /// CPU time spent so far.
    fn cpu(&self) -> anyhow::Result<Duration>;
    /// Requests answered so far.
    fn answered(&self) -> anyhow::Result<u64>;
}

/// The server; it ends when it is dropped.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    shared: Arc<Shared>,
    task: String,
    thread: Option<JoinHandle<anyhow::Result<Vec<Duration>>>>,
}

/// What the thread and its owner both see.
#[derive(Debug, Default)]
struct Shared {
    stop: AtomicBool,
    answers: AtomicU64,
}

impl Server {
    /// Starts one on `core`.
    pub fn start(core: usize, behaviour: Behaviour) -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").context("no free port")?;
        rustix::net::listen(&listener, BACKLOG).context("cannot make room for connections")?;
        let address = listener.local_addr().context("no address")?;
        let shared = Arc::new(Shared::default());
        let (tell, told) = mpsc::channel();
        let events = Events::new(listener, behaviour, shared.clone())?;
        let thread = std::thread::Builder::new().name("bench-server".to_owned()).spawn(move || {
            pin(core)?;
            tell.send(gettid()).context("nobody waits for the server")?;
            events.run()
        });
        let thread = thread.context("cannot start a thread")?;
        let id = told.recv().context("the server did not start")?.as_raw_nonzero();
        let task = format!("/proc/self/task/{id}/schedstat");
        Ok(Self { address, shared, task, thread: Some(thread) })
    }

    /// Stops it; the instants at which requests came, if it was told to note them.
    pub fn stop(mut self) -> anyhow::Result<Vec<Duration>> {
        self.end().unwrap_or_else(|| Ok(Vec::new()))
    }

    fn end(&mut self) -> Option<anyhow::Result<Vec<Duration>>> {
        self.shared.stop.store(true, Ordering::Relaxed);
        let ended = self.thread.take()?.join();
        Some(ended.unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    }
}

impl Served for Server {
    fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    fn cpu(&self) -> anyhow::Result<Duration> {
        cpu_time(&self.task)
    }

    fn answered(&self) -> anyhow::Result<u64> {
        Ok(self.shared.answers.load(Ordering::Acquire))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.end();
    }
}

/// CPU time of the thread that `schedstat` tells of, to the nanosecond.
pub(crate) fn cpu_time(schedstat: &str) -> anyhow::Result<Duration> {
    let text = std::fs::read_to_string(schedstat).with_context(|| format!("cannot read {schedstat}"))?;
    let nanos = text.split_whitespace().next().and_then(|word| word.parse().ok());
    nanos.map(Duration::from_nanos).with_context(|| format!("{schedstat} holds no time: {text:?}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cores;
    use std::io::{Read, Write};
    use std::net::TcpStream;
    use std::time::Instant;

    const GET: &[u8] = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n";

    fn ask(server: &Server, times: usize) -> (Duration, String) {
        let mut stream = TcpStream::connect(server.address).unwrap();
        let began_at = Instant::now();
        stream.write_all(&GET.repeat(times)).unwrap();
        let mut answers = vec![0; behaviour::ANSWER.len() * times];
        stream.read_exact(&mut answers).unwrap();
        (began_at.elapsed(), String::from_utf8(answers).unwrap())
    }

    #[test]
    fn each_request_gets_an_answer_and_is_counted() {
        let server = Server::start(cores::any().unwrap(), Behaviour::Constant).unwrap();
        assert!(ask(&server, 1).1.ends_with("\r\n\r\nhello\n"));
        assert_eq!(ask(&server, 3).1.matches("200 OK").count(), 3);
        assert_eq!(server.answered().unwrap(), 4);
        assert!(server.cpu().unwrap() > Duration::ZERO);
        assert_eq!(server.stop().unwrap(), []);
    }

    #[test]
    fn arrivals_are_noted_in_order() {
        let server = Server::start(cores::any().unwrap(), Behaviour::Noting).unwrap();
        for _ in 0..3 {
            ask(&server, 1);
        }
        let arrivals = server.stop().unwrap();
        assert!(arrivals.len() == 3 && arrivals.is_sorted(), "{arrivals:?}");
    }

    #[test]
    fn one_request_in_so_many_is_slow() {
        let (fast, slow) = (Duration::from_millis(2), Duration::from_millis(500));
        let server =
            Server::start(cores::any().unwrap(), Behaviour::Bimodal { fast, slow, slow_every: 3 }).unwrap();
        let took = [0; 6].map(|_| ask(&server, 1).0);
        assert!(took.iter().all(|took| *took >= fast), "{took:?}");
        assert_eq!(took.map(|took| took >= slow), [false, false, true, false, false, true], "{took:?}");
    }

    #[test]
    fn a_stall_answers_nobody_until_it_is_over() {
        let (every, lasting) = (Duration::from_millis(200), Duration::from_millis(100));
        let server = Server::start(cores::any().unwrap(), Behaviour::Stalling { every, lasting }).unwrap();
        let began_at = Instant::now();
        let mut longest = Duration::ZERO;
        // A stall may pass while a busy machine does not let us ask.
        while longest <= lasting / 2 {
            assert!(began_at.elapsed() < 100 * every, "{longest:?}");
            longest = longest.max(ask(&server, 1).0);
        }
    }
}
