//! A server whose every answer is up to the story, down to the bytes and the way in which a connection ends. Owns the
//! accepting, the reading of requests and their numbering.

use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

/// What becomes of a connection after an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Then {
    /// It may carry another request.
    Keep,
    /// It is closed.
    Close,
    /// It is reset: the peer sees no end of the stream, but an error.
    Reset,
    /// The server's half of it is closed, and the other half is left open until the client closes it.
    HalfClose,
    /// Nothing more comes, until the client closes it.
    Hold,
}

/// A request that has come in, and the connection to answer on.
pub(crate) struct Visit {
    /// Which request of all it is, from 0.
    pub(crate) number: usize,
    /// Request line and headers.
    pub(crate) head: String,
    /// The body, where the request has a length.
    pub(crate) body: Vec<u8>,
    stream: TcpStream,
}

/// A server that runs until the story's process ends.
pub(crate) struct Scripted {
    pub(crate) address: SocketAddr,
    counts: Arc<Counts>,
}

#[derive(Default)]
struct Counts {
    connections: AtomicUsize,
    requests: AtomicUsize,
}

impl Visit {
    /// Writes bytes as they are; a client that has gone is none of the story's business.
    pub(crate) fn write(&mut self, bytes: &[u8]) {
        let _ = self.stream.write_all(bytes);
    }

    /// Writes bytes as long as the client takes them, and says whether it took them.
    pub(crate) fn takes(&mut self, bytes: &[u8]) -> bool {
        self.stream.write_all(bytes).is_ok()
    }

    /// A whole answer with a body of known length.
    pub(crate) fn answer(&mut self, status: &str, body: &str) -> Then {
        self.write(format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n\r\n{body}", body.len()).as_bytes());
        Then::Keep
    }
}

impl Scripted {
    /// A server that calls `answer` for every request.
    pub(crate) fn start(answer: impl Fn(&mut Visit) -> Then + Send + Sync + 'static) -> Self {
        Self::accepting(move |stream, counts| serve(&stream, counts, &answer))
    }

    /// A server that calls `greet` for every connection before a byte was read from it.
    pub(crate) fn greeting(greet: impl Fn(&mut TcpStream) -> Then + Send + Sync + 'static) -> Self {
        Self::accepting(move |mut stream, _| {
            let then = greet(&mut stream);
            finish(stream, then);
        })
    }

    fn accepting(serve: impl Fn(TcpStream, &Counts) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address");
        let counts = Arc::new(Counts::default());
        let (seen, serve) = (Arc::clone(&counts), Arc::new(serve));
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                seen.connections.fetch_add(1, Ordering::SeqCst);
                let (seen, serve) = (Arc::clone(&seen), Arc::clone(&serve));
                thread::spawn(move || serve(stream, &seen));
            }
        });
        Self { address, counts }
    }

    /// Where it is, with that path.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
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

fn serve(stream: &TcpStream, counts: &Counts, answer: &impl Fn(&mut Visit) -> Then) {
    let _ = stream.set_nodelay(true);
    let Ok(reading) = stream.try_clone() else { return };
    let mut reading = BufReader::new(reading);
    loop {
        let (Some((head, body)), Ok(stream)) = (request(&mut reading), stream.try_clone()) else { return };
        let number = counts.requests.fetch_add(1, Ordering::SeqCst);
        let mut visit = Visit { number, head, body, stream };
        let then = answer(&mut visit);
        if then != Then::Keep {
            drop(reading);
            return finish(visit.stream, then);
        }
    }
}

fn finish(mut stream: TcpStream, then: Then) {
    match then {
        Then::Keep | Then::Close => {}
        Then::Reset => {
            let _ = rustix::net::sockopt::set_socket_linger(&stream, Some(Duration::ZERO));
        }
        Then::HalfClose => {
            let _ = stream.shutdown(Shutdown::Write);
            read_to_the_end(&mut stream);
        }
        Then::Hold => read_to_the_end(&mut stream),
    }
}

fn read_to_the_end(stream: &mut TcpStream) {
    let mut ignored = [0; 4096];
    loop {
        match stream.read(&mut ignored) {
            Ok(0) => return,
            Err(error) if error.kind() != ErrorKind::Interrupted => return,
            _ => {}
        }
    }
}

fn request(stream: &mut BufReader<TcpStream>) -> Option<(String, Vec<u8>)> {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if stream.read_line(&mut head).ok()? == 0 {
            return None;
        }
    }
    let mut body = vec![0; length_of_body(&head)];
    stream.read_exact(&mut body).ok()?;
    Some((head, body))
}

fn length_of_body(head: &str) -> usize {
    let length = |line: &str| line.to_ascii_lowercase().strip_prefix("content-length:")?.trim().parse().ok();
    head.lines().find_map(length).unwrap_or_default()
}
