//! The last line that a program said on standard error.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};

/// The last line so far; clones share it.
#[derive(Clone, Debug, Default)]
pub(super) struct LastWords(Arc<Mutex<String>>);

impl LastWords {
    /// Listens to `stream` until it ends.
    pub(super) async fn hear(self, stream: impl AsyncRead + Unpin) {
        let mut lines = BufReader::new(stream).split(b'\n');
        while let Ok(Some(line)) = lines.next_segment().await {
            let line = String::from_utf8_lossy(&line);
            if !line.trim().is_empty() {
                line.trim().clone_into(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
            }
        }
    }

    /// The line; empty if nothing was said.
    pub(super) fn get(&self) -> String {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_last_line_that_says_something_counts() {
        let words = LastWords::default();
        words.clone().hear(&b""[..]).await;
        assert_eq!(words.get(), "");
        words.clone().hear(&b"a warning\nno such \xff container\r\n\n"[..]).await;
        assert_eq!(words.get(), "no such \u{fffd} container");
    }
}
