//! Cutting a stream of bytes into log lines.

use tokio::io::{AsyncRead, AsyncReadExt};

/// A longer line is cut, so that a replica gone wild cannot fill the memory.
const LONGEST: usize = 4096;

/// Collects bytes until a line is complete.
#[derive(Debug, Default)]
struct Splitter {
    partial: Vec<u8>,
}

impl Splitter {
    fn push(&mut self, bytes: &[u8], emit: &mut impl FnMut(String)) {
        for part in bytes.split_inclusive(|byte| *byte == b'\n') {
            for chunk in part.chunks(LONGEST) {
                if self.partial.len() + chunk.len() > LONGEST {
                    self.flush(emit);
                }
                self.partial.extend_from_slice(chunk);
            }
            if part.ends_with(b"\n") {
                self.flush(emit);
            }
        }
    }

    fn flush(&mut self, emit: &mut impl FnMut(String)) {
        if !self.partial.is_empty() {
            emit(String::from_utf8_lossy(&self.partial).trim_end_matches(['\n', '\r']).to_owned());
            self.partial.clear();
        }
    }
}

/// Calls `emit` with each line of `stream`, a last one without line feed included, until the stream ends.
pub(super) async fn each_line(mut stream: impl AsyncRead + Unpin, mut emit: impl FnMut(String)) {
    let mut splitter = Splitter::default();
    let mut buffer = vec![0; LONGEST];
    while let Ok(count @ 1..) = stream.read(&mut buffer).await {
        splitter.push(&buffer[..count], &mut emit);
    }
    splitter.flush(&mut emit);
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn lines(bytes: &[u8]) -> Vec<String> {
        let mut lines = Vec::new();
        each_line(bytes, |line| lines.push(line)).await;
        lines
    }

    #[tokio::test]
    async fn lines_end_with_a_line_feed_or_the_stream() {
        assert_eq!(lines(b"a\nb\r\n\nc").await, ["a", "b", "", "c"]);
        assert!(lines(b"").await.is_empty());
    }

    #[tokio::test]
    async fn a_line_too_long_is_cut_and_nothing_is_lost() {
        let long = "x".repeat(3 * LONGEST + 10);
        let cut = lines(format!("short\n{long}\nend").as_bytes()).await;
        assert!(cut.iter().all(|line| line.len() <= LONGEST));
        assert_eq!(cut.concat(), format!("short{long}end"));
    }

    #[test]
    fn a_line_may_come_in_pieces() {
        let mut splitter = Splitter::default();
        let mut lines = Vec::new();
        for piece in ["he", "llo\nwor", "ld", "\n"] {
            splitter.push(piece.as_bytes(), &mut |line| lines.push(line));
        }
        assert_eq!(lines, ["hello", "world"]);
    }
}
