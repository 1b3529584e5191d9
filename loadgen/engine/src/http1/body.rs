//! The body of an answer. Owns where it ends; its bytes are counted and thrown away.

use super::head::Malformed;

/// How an answer says where its body ends (RFC 9112, 6.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// After so many bytes.
    Length(u64),
    /// After the last chunk.
    Chunked,
    /// Where the connection ends.
    Close,
}

/// A body that is being read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Body {
    part: Part,
    /// Bytes of content so far, without the marks between chunks.
    content: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    /// So many bytes are still to come, and then the end.
    Rest(u64),
    UntilClose,
    Size {
        so_far: u64,
        digits: u32,
    },
    /// What follows a size on its line, and means nothing here.
    Extension {
        size: u64,
    },
    SizeEnd {
        size: u64,
    },
    Chunk(u64),
    ChunkEnd {
        seen: usize,
    },
    /// A line after the last chunk; `empty` until something stands on it.
    Trailer {
        empty: bool,
    },
    Done,
}

/// Sixteen digits of a chunk's size fill 64 bits.
const MOST_DIGITS: u32 = 15;

impl Body {
    /// The body that `framing` describes, of which nothing has been read.
    pub fn new(framing: Framing) -> Self {
        let part = match framing {
            Framing::Length(0) => Part::Done,
            Framing::Length(length) => Part::Rest(length),
            Framing::Chunked => Part::Size { so_far: 0, digits: 0 },
            Framing::Close => Part::UntilClose,
        };
        Self { part, content: 0 }
    }

    /// Reads on; how many of `bytes` belong to the body.
    pub fn read(&mut self, bytes: &[u8]) -> Result<usize, Malformed> {
        let mut read = 0;
        while read < bytes.len() && !self.is_done() {
            read += self.step(&bytes[read..])?;
        }
        Ok(read)
    }

    /// Whether all of it has been read.
    pub fn is_done(&self) -> bool {
        self.part == Part::Done
    }

    /// Whether the end of the connection is its end.
    pub fn ends_with_connection(&self) -> bool {
        self.part == Part::UntilClose
    }

    /// Bytes of content so far.
    pub fn content(&self) -> u64 {
        self.content
    }

    /// Takes at least one of `bytes`, which are not empty.
    fn step(&mut self, bytes: &[u8]) -> Result<usize, Malformed> {
        match self.part {
            Part::Rest(left) => Ok(self.take(bytes, left, Part::Rest, Part::Done)),
            Part::Chunk(left) => Ok(self.take(bytes, left, Part::Chunk, Part::ChunkEnd { seen: 0 })),
            Part::UntilClose => {
                self.content += bytes.len() as u64;
                Ok(bytes.len())
            }
            _ => {
                self.part = self.mark(bytes[0])?;
                Ok(1)
            }
        }
    }

    fn take(&mut self, bytes: &[u8], left: u64, on: fn(u64) -> Part, then: Part) -> usize {
        let taken = usize::try_from(left).unwrap_or(usize::MAX).min(bytes.len());
        let left = left - taken as u64;
        self.content += taken as u64;
        self.part = if left == 0 { then } else { on(left) };
        taken
    }

    /// What follows after one byte between chunks.
    fn mark(&self, byte: u8) -> Result<Part, Malformed> {
        Ok(match (self.part, byte) {
            (Part::Size { so_far, digits }, _) => return size(so_far, digits, byte),
            (Part::Extension { size }, b'\r') => Part::SizeEnd { size },
            (Part::Extension { size }, _) => Part::Extension { size },
            (Part::SizeEnd { size: 0 }, b'\n') => Part::Trailer { empty: true },
            (Part::SizeEnd { size }, b'\n') => Part::Chunk(size),
            (Part::ChunkEnd { seen: 0 }, b'\r') => Part::ChunkEnd { seen: 1 },
            (Part::ChunkEnd { seen: 1 }, b'\n') => Part::Size { so_far: 0, digits: 0 },
            (Part::Trailer { empty: true }, b'\n') => Part::Done,
            (Part::Trailer { .. }, b'\n') => Part::Trailer { empty: true },
            (Part::Trailer { empty }, b'\r') => Part::Trailer { empty },
            (Part::Trailer { .. }, _) => Part::Trailer { empty: false },
            _ => return Err(Malformed::Chunk),
        })
    }
}

/// What follows after one byte of a chunk's size.
fn size(so_far: u64, digits: u32, byte: u8) -> Result<Part, Malformed> {
    match (byte, char::from(byte).to_digit(16)) {
        (_, Some(digit)) if digits < MOST_DIGITS => {
            Ok(Part::Size { so_far: so_far * 16 + u64::from(digit), digits: digits + 1 })
        }
        (b'\r', _) if digits > 0 => Ok(Part::SizeEnd { size: so_far }),
        (b';' | b' ' | b'\t', _) if digits > 0 => Ok(Part::Extension { size: so_far }),
        _ => Err(Malformed::Chunk),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bytes of the body and of its content, read in pieces of `piece` bytes.
    fn read(framing: Framing, bytes: &[u8], piece: usize) -> Result<(usize, u64, bool), Malformed> {
        let mut body = Body::new(framing);
        let mut read = 0;
        for bytes in bytes.chunks(piece) {
            let taken = body.read(bytes)?;
            read += taken;
            if taken < bytes.len() {
                break;
            }
        }
        Ok((read, body.content(), body.is_done()))
    }

    #[test]
    fn a_length_counts_down() {
        for piece in 1..8 {
            assert_eq!(read(Framing::Length(5), b"hello, world", piece), Ok((5, 5, true)));
            assert_eq!(read(Framing::Length(50), b"hello", piece), Ok((5, 5, false)));
        }
        assert!(Body::new(Framing::Length(0)).is_done());
    }

    #[test]
    fn chunks_are_read_however_they_are_cut() {
        let text = b"5\r\nhello\r\n00A;name=\"x\"\r\n0123456789\r\n0\r\nA: trailer\r\n\r\nnext";
        for piece in 1..text.len() {
            let all = text.len() - 4;
            assert_eq!(read(Framing::Chunked, text, piece), Ok((all, 15, true)), "pieces of {piece}");
        }
        assert_eq!(read(Framing::Chunked, b"0\r\n\r\n", 100), Ok((5, 0, true)));
    }

    #[test]
    fn broken_chunks_are_refused() {
        for text in
            ["x\r\n", "\r\n", "5\nhello", "5\r\nhelloworld", "1000000000000000\r\n", "-1\r\n", ";\r\n"]
        {
            assert_eq!(read(Framing::Chunked, text.as_bytes(), 100), Err(Malformed::Chunk), "{text:?}");
        }
    }

    #[test]
    fn without_a_length_the_end_of_the_connection_is_the_end() {
        let mut body = Body::new(Framing::Close);
        assert_eq!(body.read(b"anything"), Ok(8));
        assert!(!body.is_done() && body.ends_with_connection());
    }
}
