//! Printing what somebody asked for. Owns that a reader who has seen enough, as in `loadgen lab | head`, is no failure.

use std::io::{self, Write};

/// Prints `text` to `out`, all of it at once.
pub(crate) fn print(text: &str, out: &mut impl Write) -> io::Result<()> {
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        printed => printed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A pipe whose other end fails like that.
    struct Broken(io::ErrorKind);

    impl Write for Broken {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(self.0.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_reader_who_has_seen_enough_is_no_failure_and_a_full_disk_is() {
        assert!(print("text", &mut Broken(io::ErrorKind::BrokenPipe)).is_ok());
        assert!(print("text", &mut Broken(io::ErrorKind::StorageFull)).is_err());
    }
}
