//! A client that writes HTTP/1.1 by hand, so that the wire is checked and not what a library makes of it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(20);

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    /// From the first byte sent to the last byte received.
    pub(crate) took: Duration,
}

/// The two figures of the `Server-Timing` header, in milliseconds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ServerTiming {
    pub(crate) queue_ms: f64,
    pub(crate) service_ms: f64,
}

/// A connection with a request on its way.
pub(crate) struct Call {
    stream: BufReader<TcpStream>,
    sent_at: Instant,
    method: String,
}

impl Answer {
    /// A header's value, whatever the case of its name.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The body as text.
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("a text")
    }

    /// The body as JSON.
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    /// `queue;dur=MS, service;dur=MS`, in that order.
    pub(crate) fn server_timing(&self) -> ServerTiming {
        let header = self.header("server-timing").expect("a Server-Timing header");
        let parsed = header.split_once(", ").and_then(|(queue, service)| {
            let queue_ms = queue.strip_prefix("queue;dur=")?.parse().ok()?;
            Some(ServerTiming { queue_ms, service_ms: service.strip_prefix("service;dur=")?.parse().ok()? })
        });
        parsed.unwrap_or_else(|| panic!("Server-Timing: {header}"))
    }
}

impl Call {
    /// Connects and writes a request with a body of known length.
    pub(crate) fn send(to: SocketAddr, method: &str, path: &str, body: &[u8]) -> Self {
        let mut call = Self::open(to, method, path, &[("Content-Length", &body.len().to_string())]);
        call.write(body);
        call
    }

    /// Connects and writes only a request's head; the connection ends after the answer.
    pub(crate) fn open(to: SocketAddr, method: &str, path: &str, headers: &[(&str, &str)]) -> Self {
        let lines: Vec<String> = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        let head =
            format!("{method} {path} HTTP/1.1\r\nHost: {to}\r\nConnection: close\r\n{}\r\n", lines.concat());
        Self::raw(to, method, head.as_bytes())
    }

    /// Connects and writes whatever is given.
    pub(crate) fn raw(to: SocketAddr, method: &str, bytes: &[u8]) -> Self {
        let sent_at = Instant::now();
        let stream = TcpStream::connect(to).unwrap_or_else(|error| panic!("{to}: {error}"));
        stream.set_read_timeout(Some(PATIENCE)).expect("a socket option");
        stream.set_nodelay(true).expect("a socket option");
        let mut call = Self { stream: BufReader::new(stream), sent_at, method: method.to_owned() };
        call.write(bytes);
        call
    }

    /// Writes more; a server that has heard enough may have closed already, which its answer explains.
    pub(crate) fn write(&mut self, bytes: &[u8]) {
        let _ = self.stream.get_mut().write_all(bytes);
    }

    /// Writes another request to the same connection and reads its answer.
    pub(crate) fn again(&mut self, bytes: &[u8]) -> Answer {
        self.sent_at = Instant::now();
        self.write(bytes);
        self.next_answer()
    }

    /// Reads the answer.
    pub(crate) fn answer(mut self) -> Answer {
        self.next_answer()
    }

    /// Reads the answer and leaves the connection open.
    pub(crate) fn next_answer(&mut self) -> Answer {
        let (status, headers) = self.head();
        let mut answer = Answer { status, headers, body: Vec::new(), took: Duration::ZERO };
        if self.method != "HEAD" && !matches!(status, 100..=199 | 204 | 304) {
            answer.body = self.body(&answer);
        }
        answer.took = self.sent_at.elapsed();
        answer
    }

    /// Whether no byte comes for that long.
    pub(crate) fn is_silent_for(&mut self, time: Duration) -> bool {
        self.stream.get_ref().set_read_timeout(Some(time)).expect("a socket option");
        self.stream.fill_buf().is_err()
    }

    /// Whether the server has ended the connection after its answer.
    pub(crate) fn is_closed(&mut self) -> bool {
        self.stream.fill_buf().is_ok_and(<[u8]>::is_empty)
    }

    fn head(&mut self) -> (u16, Vec<(String, String)>) {
        let first = self.line();
        let status = first.split(' ').nth(1).and_then(|code| code.parse().ok());
        let status = status.unwrap_or_else(|| panic!("a status line, not {first:?}"));
        let headers = std::iter::from_fn(|| Some(self.line()).filter(|line| !line.is_empty()));
        let split =
            |line: String| line.split_once(": ").map(|(name, value)| (name.to_owned(), value.to_owned()));
        (status, headers.filter_map(split).collect())
    }

    fn body(&mut self, answer: &Answer) -> Vec<u8> {
        let length = answer.header("content-length").map(|length| length.parse().expect("a length"));
        match length {
            Some(length) => self.exactly(length),
            None if answer.header("transfer-encoding") == Some("chunked") => self.chunks(),
            None => self.rest(),
        }
    }

    fn exactly(&mut self, length: usize) -> Vec<u8> {
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body).expect("the whole body");
        body
    }

    fn chunks(&mut self) -> Vec<u8> {
        let mut body = Vec::new();
        loop {
            let length = usize::from_str_radix(&self.line(), 16).expect("a chunk's length");
            body.extend(self.exactly(length));
            self.line();
            if length == 0 {
                return body;
            }
        }
    }

    fn rest(&mut self) -> Vec<u8> {
        let mut body = Vec::new();
        self.stream.read_to_end(&mut body).expect("the body up to the end of the connection");
        body
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.stream.read_line(&mut line).unwrap_or_else(|error| panic!("no line of an answer: {error}"));
        line.trim_end().to_owned()
    }
}

/// `GET`, on a connection of its own.
pub(crate) fn get(from: SocketAddr, path: &str) -> Answer {
    Call::open(from, "GET", path, &[]).answer()
}

/// `POST /`, on a connection of its own.
pub(crate) fn post(to: SocketAddr, body: &[u8]) -> Answer {
    Call::send(to, "POST", "/", body).answer()
}

/// `PUT` of JSON, on a connection of its own.
pub(crate) fn put(to: SocketAddr, path: &str, json: &str) -> Answer {
    let length = json.len().to_string();
    let headers = [("Content-Type", "application/json"), ("Content-Length", length.as_str())];
    let mut call = Call::open(to, "PUT", path, &headers);
    call.write(json.as_bytes());
    call.answer()
}
