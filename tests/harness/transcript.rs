//! The lines that a program has written so far. Owns the thread that reads them, so that no pipe ever fills up.

use std::io::{BufRead, BufReader, Read};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread;
use std::time::{Duration, Instant};

#[derive(Default)]
struct Written {
    lines: Vec<String>,
    closed: bool,
}

/// One output stream of a program, line by line.
#[derive(Clone)]
pub(crate) struct Transcript(Arc<(Mutex<Written>, Condvar)>);

impl Transcript {
    /// Reads `stream` to its end in the background.
    pub(crate) fn of(stream: impl Read + Send + 'static) -> Self {
        let transcript = Self(Arc::default());
        let writer = transcript.clone();
        thread::spawn(move || {
            for line in BufReader::new(stream).split(b'\n').map_while(Result::ok) {
                writer.change(|written| written.lines.push(String::from_utf8_lossy(&line).into_owned()));
            }
            writer.change(|written| written.closed = true);
        });
        transcript
    }

    /// Everything written so far.
    pub(crate) fn lines(&self) -> Vec<String> {
        self.written().lines.clone()
    }

    /// Everything written, once the stream has ended; panics when it doesn't end `within` that time.
    pub(crate) fn all(&self, within: Duration) -> String {
        self.wait("the stream's end", within, |written| written.closed.then(|| written.lines.join("\n")))
    }

    /// What `pick` makes of the first line it accepts.
    pub(crate) fn find<T>(&self, what: &str, within: Duration, pick: impl Fn(&str) -> Option<T>) -> T {
        self.wait(what, within, |written| written.lines.iter().find_map(|line| pick(line)))
    }

    fn wait<T>(&self, what: &str, within: Duration, look: impl Fn(&Written) -> Option<T>) -> T {
        let deadline = Instant::now() + within;
        let mut written = self.written();
        loop {
            if let Some(found) = look(&written) {
                return found;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            let hopeless = left.is_zero() || written.closed;
            assert!(!hopeless, "{what}: not found within {within:?} in:\n{}", written.lines.join("\n"));
            written = self.0.1.wait_timeout(written, left).expect("no reader panics").0;
        }
    }

    fn change(&self, change: impl FnOnce(&mut Written)) {
        change(&mut self.written());
        self.0.1.notify_all();
    }

    fn written(&self) -> MutexGuard<'_, Written> {
        self.0.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}
