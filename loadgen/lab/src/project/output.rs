//! What commands print. Owns the look of log lines, and a writer that never holds up the application: a terminal that is
//! stopped, or a pipe that is not read, must not stop the forwarders.

use std::io::{self, IsTerminal, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::watch;

/// Lines that may wait to be written; more are dropped and counted.
const WAITING: usize = 4096;
/// What lines still waiting get at the end.
const FLUSH: Duration = Duration::from_secs(2);
/// Cyan, yellow, green, magenta, blue and their bright variants.
const PALETTE: [u8; 10] = [36, 33, 32, 35, 34, 96, 93, 92, 95, 94];

/// Puts the replica's name before its lines, the names all equally wide.
#[derive(Clone, Copy, Debug)]
pub(super) struct Prefix {
    width: usize,
    coloured: bool,
}

impl Prefix {
    /// Coloured if standard output is a terminal and `NO_COLOR` is unset or empty.
    pub(super) fn for_stdout() -> Self {
        let forbidden = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        Self::new(!forbidden && io::stdout().is_terminal())
    }

    fn new(coloured: bool) -> Self {
        Self { width: "worker-10".len(), coloured }
    }

    pub(super) fn line(&mut self, replica: &str, text: &str) -> String {
        self.width = self.width.max(replica.len());
        let width = self.width;
        if self.coloured {
            let mixed = replica.bytes().fold(0, |mixed: usize, byte| (mixed * 31 + usize::from(byte)) % 9973);
            let colour = PALETTE[mixed % PALETTE.len()];
            format!("\x1b[{colour}m{replica:width$} |\x1b[0m {text}")
        } else {
            format!("{replica:width$} | {text}")
        }
    }
}

/// What stands in place of lines that are lost.
pub(super) fn missed(lines: u64) -> String {
    format!("… {lines} lines came too fast and are left out")
}

/// Writes lines from a thread of its own.
#[derive(Debug)]
pub(super) struct Printer {
    lines: SyncSender<String>,
    dropped: AtomicU64,
    /// The writer holds the sending end as long as it can write.
    writing: watch::Receiver<()>,
    _thread: JoinHandle<()>,
}

impl Printer {
    pub(super) fn new(out: impl Write + Send + 'static) -> Self {
        let (lines, queue) = sync_channel(WAITING);
        let (writes, writing) = watch::channel(());
        let thread = std::thread::spawn(move || {
            write_lines(&queue, out);
            drop(writes);
        });
        Self { lines, dropped: AtomicU64::new(0), writing, _thread: thread }
    }

    /// Has `line` written, unless too many are waiting already.
    pub(super) fn line(&self, line: String) {
        let dropped = self.dropped.swap(0, Ordering::Relaxed);
        let note = (dropped > 0).then(|| missed(dropped));
        let fits = |line: String| self.lines.try_send(line).is_ok();
        if note.is_some_and(|note| !fits(note)) {
            self.dropped.fetch_add(dropped, Ordering::Relaxed);
        }
        if !fits(line) {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Resolves when nobody reads the output any longer.
    pub(super) async fn closed(&self) {
        let mut writing = self.writing.clone();
        while writing.changed().await.is_ok() {}
    }

    /// Waits for the lines still to be written, for 2 s at most.
    pub(super) async fn finish(self) {
        let Self { lines, mut writing, .. } = self;
        drop(lines);
        let written = async { while writing.changed().await.is_ok() {} };
        let _ = tokio::time::timeout(FLUSH, written).await;
    }
}

fn write_lines(queue: &Receiver<String>, mut out: impl Write) {
    while let Ok(line) = queue.recv() {
        if writeln!(out, "{line}").and_then(|()| out.flush()).is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{Arc, Mutex};

    #[derive(Clone, Default)]
    struct Page(Arc<Mutex<Vec<u8>>>);

    impl Write for Page {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    struct Broken;

    impl Write for Broken {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::BrokenPipe.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn names_are_equally_wide_and_coloured_only_on_demand() {
        let mut plain = Prefix::new(false);
        assert_eq!(plain.line("rng-1", "hello"), "rng-1     | hello");
        assert_eq!(plain.line("worker-100", "hello"), "worker-100 | hello");
        assert_eq!(plain.line("rng-1", "hello"), "rng-1      | hello");
        let coloured = Prefix::new(true).line("rng-1", "hello");
        assert!(coloured.starts_with("\x1b[") && coloured.ends_with("\x1b[0m hello"), "{coloured:?}");
    }

    #[tokio::test]
    async fn all_lines_are_written_in_order_before_the_end() {
        let page = Page::default();
        let printer = Printer::new(page.clone());
        (0..100).for_each(|number| printer.line(number.to_string()));
        printer.finish().await;
        let page = String::from_utf8(page.0.lock().unwrap().clone()).unwrap();
        let expected: Vec<String> = (0..100).map(|number| number.to_string()).collect();
        assert_eq!(page.lines().collect::<Vec<_>>(), expected);
    }

    #[tokio::test]
    async fn a_reader_who_leaves_is_noticed() {
        let printer = Printer::new(Broken);
        printer.line("unread".to_owned());
        tokio::time::timeout(Duration::from_secs(10), printer.closed()).await.unwrap();
        printer.finish().await;
    }
}
