//! The head that came last. A server under load sends the same one thousands of times a second, its date aside, so most heads
//! need to be compared only. Reading one is the dearest thing that happens between two system calls.

use std::ops::Range;

use super::body::Framing;
use super::head::{Head, Malformed, Query};

/// Longer heads are not worth the copy.
const LONGEST: usize = 4096;

/// Reads heads, and remembers the last one.
#[derive(Debug, Default)]
pub struct Memory {
    bytes: Vec<u8>,
    known: Option<Known>,
}

/// What the remembered bytes mean.
#[derive(Clone, Debug)]
struct Known {
    head_request: bool,
    status: u16,
    framing: Framing,
    keep_alive: bool,
    served_by: Option<Range<usize>>,
}

impl Memory {
    /// The same as [`Head::parse`], which depends on nothing but its arguments. The header that names replicas must be the
    /// same each time.
    pub fn parse<'a>(
        &mut self,
        bytes: &'a [u8],
        query: Query<'_>,
    ) -> Result<Option<(Head<'a>, usize)>, Malformed> {
        if let Some(known) = &self.known
            && known.head_request == query.head_request
            && bytes.starts_with(&self.bytes)
        {
            return Ok(Some((known.head(bytes), self.bytes.len())));
        }
        let parsed = Head::parse(bytes, query)?;
        if let Some((head, length)) = &parsed {
            self.remember(&bytes[..*length], head, query);
        }
        Ok(parsed)
    }

    fn remember(&mut self, bytes: &[u8], head: &Head<'_>, query: Query<'_>) {
        // Times and places to go are different each time.
        if bytes.len() > LONGEST || head.server_timing.is_some() || head.location.is_some() {
            return;
        }
        self.bytes.clear();
        self.bytes.extend_from_slice(bytes);
        self.known = Some(Known {
            head_request: query.head_request,
            status: head.status,
            framing: head.framing,
            keep_alive: head.keep_alive,
            served_by: head.served_by.map(|value| place(bytes, value)),
        });
    }
}

impl Known {
    fn head<'a>(&self, bytes: &'a [u8]) -> Head<'a> {
        Head {
            status: self.status,
            framing: self.framing,
            keep_alive: self.keep_alive,
            served_by: self.served_by.clone().map(|place| &bytes[place]),
            server_timing: None,
            location: None,
        }
    }
}

/// Where `part`, which is a part of `bytes`, lies in them.
fn place(bytes: &[u8], part: &[u8]) -> Range<usize> {
    let start = part.as_ptr().addr().saturating_sub(bytes.as_ptr().addr());
    start..start + part.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const GET: Query<'static> = Query { head_request: false, served_by: "x-served-by" };

    const ANSWERS: [&str; 7] = [
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-Served-By: rng-1\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-Served-By: rng-2\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nServer-Timing: queue;dur=1\r\n\r\nhello",
        "HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Le",
        "SSH-2.0",
    ];

    proptest! {
        #[test]
        fn whatever_came_before_a_head_means_what_it_says(
            asked in prop::collection::vec((0..ANSWERS.len(), any::<bool>()), 1..40),
        ) {
            let mut memory = Memory::default();
            for (answer, head_request) in asked {
                let (bytes, query) = (ANSWERS[answer].as_bytes(), Query { head_request, ..GET });
                prop_assert_eq!(memory.parse(bytes, query), Head::parse(bytes, query));
            }
        }
    }

    #[test]
    fn a_head_that_comes_again_is_known() {
        let mut memory = Memory::default();
        let first = ANSWERS[0].as_bytes();
        let (head, length) = memory.parse(first, GET).unwrap().unwrap();
        assert_eq!((memory.bytes.len(), head.served_by), (length, Some(&b"rng-1"[..])));
        let again = first.to_vec();
        let (head, _) = memory.parse(&again, GET).unwrap().unwrap();
        let value = head.served_by.unwrap();
        assert!(again.as_ptr_range().contains(&value.as_ptr()), "it is borrowed from the new bytes");
    }
}
