//! What is sent, in order: URLs in turn, bodies in turn, placeholders filled in. Owns the bytes of requests; when they are
//! sent and over what is for others to say.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use http::Method;

use crate::target::Target;

use super::share::Share;
use super::template::{Draw, Template, content_length, in_turn};

mod build;
mod url;

pub use build::ScriptError;
pub(super) use build::build;

/// What is sent. Request number n goes to URL n, counted round, with body n, counted round.
#[derive(Clone, Debug)]
pub struct Script {
    method: Method,
    /// Each host and port once.
    origins: Vec<Target>,
    /// As they were typed.
    urls: Vec<String>,
    /// One for each URL; never empty.
    requests: Vec<Request>,
    /// None of them for requests without.
    bodies: Vec<Template>,
    /// Whether the headers that were asked for don't say how long the body is.
    adds_length: bool,
    seed: u64,
    redirects: u32,
}

#[derive(Clone, Debug)]
struct Request {
    /// Index of the origin.
    origin: usize,
    content: Content,
}

#[derive(Clone, Debug)]
enum Content {
    /// All of its bytes, made beforehand.
    Whole(Vec<u8>),
    /// The head, up to the length of the body.
    Head(Template),
}

/// One request, ready to be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Message<'a> {
    /// Index of the origin.
    pub(super) origin: usize,
    /// As HTTP/1.1 has them.
    pub(super) bytes: &'a [u8],
}

/// Where one client's requests are put together. It is used again and again, so that nothing is allocated for a request.
#[derive(Debug, Default)]
pub(super) struct Buffer {
    message: Vec<u8>,
    body: Vec<u8>,
}

/// Numbers of requests, each given once over all threads and all processes; clones share them.
#[derive(Clone, Debug, Default)]
pub(super) struct Numbers {
    given: Arc<AtomicU64>,
    share: Share,
}

impl Numbers {
    /// Those of one process.
    pub(super) fn of(share: Share) -> Self {
        Self { given: Arc::default(), share }
    }

    fn next(&self) -> u64 {
        self.share.number(self.given.fetch_add(1, Ordering::Relaxed))
    }
}

impl Script {
    /// The method of all requests.
    pub fn method(&self) -> &Method {
        &self.method
    }

    /// The URLs, as they were typed.
    pub fn urls(&self) -> &[String] {
        &self.urls
    }

    /// Each host and port that requests go to, once.
    pub fn origins(&self) -> &[Target] {
        &self.origins
    }

    /// Redirects that a request follows.
    pub fn redirects(&self) -> u32 {
        self.redirects
    }

    /// The next request.
    pub(super) fn next<'a>(&'a self, numbers: &Numbers, buffer: &'a mut Buffer) -> Message<'a> {
        // Without a choice there is no need to count.
        if let [Request { origin, content: Content::Whole(bytes) }] = self.requests.as_slice() {
            return Message { origin: *origin, bytes };
        }
        self.message(numbers.next(), buffer)
    }

    fn message<'a>(&'a self, number: u64, buffer: &'a mut Buffer) -> Message<'a> {
        let Request { origin, content } = in_turn(&self.requests, number);
        let bytes = match content {
            Content::Whole(bytes) => bytes,
            Content::Head(head) => self.put_together(head, number, buffer),
        };
        Message { origin: *origin, bytes }
    }

    fn put_together<'a>(&self, head: &Template, number: u64, buffer: &'a mut Buffer) -> &'a [u8] {
        let mut draw = Draw::new(self.seed, number);
        let Buffer { message, body } = buffer;
        message.clear();
        head.render(&mut draw, message);
        if self.bodies.is_empty() {
            message.extend_from_slice(b"\r\n");
            return message;
        }
        body.clear();
        in_turn(&self.bodies, number).render(&mut draw, body);
        end(message, body, self.adds_length);
        message
    }
}

/// Ends a head with the length of its body, if it is to be added, and appends the body.
fn end(message: &mut Vec<u8>, body: &[u8], adds_length: bool) {
    if adds_length {
        content_length(body.len(), message);
    }
    message.extend_from_slice(b"\r\n");
    message.extend_from_slice(body);
}

#[cfg(test)]
mod tests;
