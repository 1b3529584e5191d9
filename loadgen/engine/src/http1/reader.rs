//! One answer after the other on a connection. Owns what has been read of the current one.

use super::body::Body;
use super::head::{Head, Malformed, Query};
use super::memory::Memory;

/// The reader of a connection's answers. It holds no bytes: whoever reads the socket keeps what it did not take, and
/// offers it again with more.
#[derive(Debug, Default)]
pub struct Reader {
    /// The answer whose head has been read.
    current: Option<Current>,
}

#[derive(Clone, Copy, Debug)]
struct Current {
    body: Body,
    keep_alive: bool,
}

/// What came of some bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event<'a> {
    /// A head; told once for each answer, before anything of its body.
    Head(Head<'a>),
    /// An answer is complete.
    Done(Answered),
    /// There is nothing more to tell without more bytes.
    More,
}

/// A complete answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answered {
    /// Bytes of content.
    pub content: u64,
    /// Whether the connection takes another request.
    pub keep_alive: bool,
}

/// What the end of the connection means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// The answer was to end with it.
    Done(Answered),
    /// There was to be more.
    Truncated,
}

impl Reader {
    /// Reads on from the start of `bytes`; how many were taken, and what came of them. `heads` may be shared by any number of
    /// connections.
    pub fn read<'a>(
        &mut self,
        bytes: &'a [u8],
        query: Query<'_>,
        heads: &mut Memory,
    ) -> Result<(usize, Event<'a>), Malformed> {
        match &mut self.current {
            Some(current) => {
                let taken = current.body.read(bytes)?;
                let answered = current.answered();
                let done = current.body.is_done();
                if done {
                    self.current = None;
                }
                Ok((taken, if done { Event::Done(answered) } else { Event::More }))
            }
            None => self.read_head(bytes, query, heads),
        }
    }

    /// What the end of the connection means now.
    pub fn end(&self) -> Ended {
        match &self.current {
            Some(current) if current.body.ends_with_connection() => Ended::Done(current.answered()),
            _ => Ended::Truncated,
        }
    }

    fn read_head<'a>(
        &mut self,
        bytes: &'a [u8],
        query: Query<'_>,
        heads: &mut Memory,
    ) -> Result<(usize, Event<'a>), Malformed> {
        let mut skipped = 0;
        while let Some((head, length)) = heads.parse(&bytes[skipped..], query)? {
            skipped += length;
            // 1xx announce an answer (RFC 9110, 15.2); 101 would be one, to an upgrade that nobody asked for.
            if head.status >= 200 || head.status == 101 {
                let keep_alive = head.keep_alive && head.status != 101;
                self.current = Some(Current { body: Body::new(head.framing), keep_alive });
                return Ok((skipped, Event::Head(head)));
            }
        }
        Ok((skipped, Event::More))
    }
}

impl Current {
    fn answered(&self) -> Answered {
        Answered { content: self.body.content(), keep_alive: self.keep_alive }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const GET: Query<'static> = Query { head_request: false, served_by: "x-served-by" };

    /// Statuses and contents of the answers in `bytes`, which arrive in pieces of `piece`; and what was left over.
    fn answers(bytes: &[u8], piece: usize) -> Result<(Vec<(u16, u64)>, Ended), Malformed> {
        let (mut reader, mut kept, mut answers) = (Reader::default(), Vec::new(), Vec::new());
        let (mut status, mut heads) = (0, Memory::default());
        for arrived in bytes.chunks(piece) {
            kept.extend_from_slice(arrived);
            loop {
                let (taken, event) = reader.read(&kept, GET, &mut heads)?;
                match event {
                    Event::Head(head) => status = head.status,
                    Event::Done(answered) => answers.push((status, answered.content)),
                    Event::More => {}
                }
                let more = event == Event::More;
                kept.drain(..taken);
                if more {
                    break;
                }
            }
        }
        Ok((answers, reader.end()))
    }

    const SEVERAL: &[u8] = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n\
        HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello\
        HTTP/1.1 204 No Content\r\n\r\n\
        HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n\
        HTTP/1.1 500 Oops\r\n\r\nuntil the end";

    #[test]
    fn answers_are_told_apart_however_they_are_cut() {
        for piece in 1..SEVERAL.len() {
            let (answers, ended) = answers(SEVERAL, piece).unwrap();
            assert_eq!(answers, [(200, 5), (204, 0), (200, 3)], "pieces of {piece}");
            assert_eq!(ended, Ended::Done(Answered { content: 13, keep_alive: false }));
        }
    }

    #[test]
    fn an_answer_that_breaks_off_is_truncated() {
        for text in ["", "HTTP/1.1 200", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell"] {
            assert_eq!(answers(text.as_bytes(), 100).unwrap().1, Ended::Truncated, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_reader_panic_or_hang(bytes: Vec<u8>, piece in 1usize..50) {
            let _ = answers(&bytes, piece);
        }

        /// Valid answers with some bytes changed: these get further into the reader than noise does.
        #[test]
        fn no_damage_makes_the_reader_panic_or_hang(
            at in prop::collection::vec((0..SEVERAL.len(), any::<u8>()), 1..6),
            piece in 1usize..50,
        ) {
            let mut damaged = SEVERAL.to_vec();
            for (at, byte) in at {
                damaged[at] = byte;
            }
            let _ = answers(&damaged, piece);
        }

        #[test]
        fn pieces_change_nothing(at in prop::collection::vec((0..SEVERAL.len(), any::<u8>()), 0..3), piece in 1usize..50) {
            let mut bytes = SEVERAL.to_vec();
            for (at, byte) in at {
                bytes[at] = byte;
            }
            let whole = answers(&bytes, bytes.len());
            let cut = answers(&bytes, piece);
            prop_assert_eq!(whole.is_ok(), cut.is_ok());
            if let (Ok(whole), Ok(cut)) = (whole, cut) {
                prop_assert_eq!(whole, cut);
            }
        }
    }
}
