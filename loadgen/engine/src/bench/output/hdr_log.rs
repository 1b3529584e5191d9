//! The interval log of `HdrHistogram`, version 1.3, written while a run goes on: a line for each of its seconds, and another
//! one for requests that nobody waited for to the end. Tools for such logs plot how percentiles move.
//!
//! The crate's own writer borrows its file for as long as it lives, and so cannot be kept in an observer.

use std::collections::BTreeMap;
use std::io::{self, BufWriter, Write};
use std::ops::ControlFlow;
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use crate::bench::chunk::Chunk;
use crate::bench::report::hdr;
use crate::bench::run::{Observer, Run, Watch};
use crate::distribution::Distribution;
use crate::late_file::LateFile;
use crate::times::Times;

use super::{WriteError, has_no_reader, is_standard_output};

/// What a line spans.
const INTERVAL: Duration = Duration::from_secs(1);

/// Threads hand what they have counted over a little later.
const GRACE: Duration = Duration::from_millis(500);

const FLAG: &str = "--hdr-log";

/// A log that is being written.
#[derive(Debug)]
pub(in crate::bench) struct HdrLog {
    path: PathBuf,
    log: Log<BufWriter<LateFile>>,
    /// The first one ends the log, not the run.
    failed: Option<io::Error>,
}

impl HdrLog {
    pub(in crate::bench) fn open(path: &Path) -> Result<Self, WriteError> {
        match file(path) {
            Ok(file) => Ok(Self { path: path.to_owned(), log: Log::new(BufWriter::new(file)), failed: None }),
            Err(source) => Err(WriteError::File { flag: FLAG, path: path.to_owned(), source }),
        }
    }

    /// Writes what is left, once the run is over.
    pub(in crate::bench) fn finish(mut self, run: &Run) -> Result<(), WriteError> {
        let written = match self.failed.take() {
            Some(error) => Err(error),
            None => self.log.finish(run.started_at, run.took),
        };
        if is_standard_output(&self.path) && written.as_ref().is_err_and(has_no_reader) {
            return Ok(());
        }
        written.map_err(|source| WriteError::File { flag: FLAG, path: self.path, source })
    }
}

/// The file of that name; a dash is standard output.
fn file(path: &Path) -> io::Result<LateFile> {
    if is_standard_output(path) {
        Ok(LateFile::as_it_is(io::stdout().as_fd().try_clone_to_owned()?.into()))
    } else {
        LateFile::open(path)
    }
}

impl Observer for HdrLog {
    fn chunk(&mut self, chunk: &Chunk) {
        self.log.add(chunk.from(), chunk.recorder().response());
    }

    fn tick(&mut self, watch: &Watch<'_>) -> ControlFlow<()> {
        // Before its start a run has no instant to count from.
        if self.failed.is_none() && !watch.elapsed.is_zero() {
            let started_at = SystemTime::now().checked_sub(watch.elapsed).unwrap_or(SystemTime::UNIX_EPOCH);
            self.failed = self.log.advance(started_at, watch.elapsed).err();
        }
        ControlFlow::Continue(())
    }
}

/// The lines of a log, and the intervals that are not written yet.
#[derive(Debug)]
struct Log<W> {
    out: W,
    begun: bool,
    /// The first interval that is not written.
    next: u32,
    pending: BTreeMap<u32, Times>,
}

impl<W: Write> Log<W> {
    fn new(out: W) -> Self {
        Self { out, begun: false, next: 0, pending: BTreeMap::new() }
    }

    /// Adds times of requests that ended soon after `at`. What comes too late for its own interval goes to the next.
    fn add(&mut self, at: Duration, times: &Times) {
        let interval = u32::try_from(at.as_secs() / INTERVAL.as_secs()).unwrap_or(u32::MAX);
        if times.count() > 0 {
            self.pending.entry(interval.max(self.next)).or_default().merge(times);
        }
    }

    /// Writes the intervals that are over, whole lines only.
    fn advance(&mut self, started_at: SystemTime, now: Duration) -> io::Result<()> {
        self.begin(started_at)?;
        let before = self.next;
        while INTERVAL * (self.next + 1) + GRACE <= now {
            self.interval(INTERVAL)?;
        }
        if self.next > before { self.out.flush() } else { Ok(()) }
    }

    /// Writes what is left of a run that ended at `end`.
    fn finish(&mut self, started_at: SystemTime, end: Duration) -> io::Result<()> {
        self.begin(started_at)?;
        while self.pending.last_key_value().is_some_and(|(last, _)| *last >= self.next) {
            let length = end.saturating_sub(INTERVAL * self.next).min(INTERVAL);
            self.interval(length)?;
        }
        self.out.flush()
    }

    fn begin(&mut self, started_at: SystemTime) -> io::Result<()> {
        if std::mem::replace(&mut self.begun, true) {
            return Ok(());
        }
        let since = started_at.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs_f64();
        writeln!(self.out, "#[Logged with loadgen {}]", env!("CARGO_PKG_VERSION"))?;
        writeln!(self.out, "#[Histogram log format version 1.3]")?;
        let date = humantime::format_rfc3339_millis(started_at);
        writeln!(self.out, "#[StartTime: {since:.3} (seconds since epoch), {date}]")?;
        writeln!(self.out, "#[BaseTime: {since:.3} (seconds since epoch)]")?;
        writeln!(
            self.out,
            "\"StartTimestamp\",\"Interval_Length\",\"Interval_Max\",\"Interval_Compressed_Histogram\""
        )
    }

    /// Successes first, even if there were none; then those that nobody waited for, if any.
    fn interval(&mut self, length: Duration) -> io::Result<()> {
        let times = self.pending.remove(&self.next).unwrap_or_default();
        let from = INTERVAL * self.next;
        self.line("", from, length, times.ended())?;
        if times.censored().count() > 0 {
            self.line("Tag=censored,", from, length, times.censored())?;
        }
        self.next += 1;
        Ok(())
    }

    fn line(&mut self, tag: &str, from: Duration, length: Duration, of: &Distribution) -> io::Result<()> {
        let (from, length) = (from.as_secs_f64(), length.as_secs_f64());
        let max_ms = of.max().unwrap_or_default().as_secs_f64() * 1e3;
        let histogram = hdr::encode(of).map_err(io::Error::other)?;
        writeln!(self.out, "{tag}{from:.3},{length:.3},{max_ms:.3},{histogram}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hdrhistogram::serialization::interval_log::{IntervalLogIterator, LogEntry};

    const fn ms(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    fn ended(millis: u64) -> Times {
        let mut times = Times::default();
        times.record(ms(millis));
        times
    }

    /// Of each line: tag, start, length and maximum, and how many it holds.
    fn read(log: &[u8]) -> Vec<(String, Duration, Duration, f64, u64)> {
        let lines = IntervalLogIterator::new(log).filter_map(|entry| match entry.unwrap() {
            LogEntry::Interval(it) => Some(it),
            _ => None,
        });
        lines
            .map(|it| {
                let count = hdr::decode(it.encoded_histogram()).unwrap().len();
                let tag = it.tag().map_or("", |tag| tag.as_str()).to_owned();
                (tag, it.start_timestamp(), it.duration(), it.max(), count)
            })
            .collect()
    }

    #[test]
    fn seconds_become_lines_while_the_run_goes_on_and_the_rest_at_its_end() {
        let mut log = Log::new(Vec::new());
        log.add(ms(0), &ended(5));
        log.add(ms(900), &ended(7));
        log.add(ms(2100), &ended(9));
        log.advance(SystemTime::UNIX_EPOCH, ms(1499)).unwrap();
        assert_eq!(read(&log.out), []);
        log.advance(SystemTime::UNIX_EPOCH, ms(2500)).unwrap();
        let line = |start, length, max, count| (String::new(), ms(start), ms(length), max, count);
        assert_eq!(read(&log.out), [line(0, 1000, 7.0, 2), line(1000, 1000, 0.0, 0)]);
        log.finish(SystemTime::UNIX_EPOCH, ms(2250)).unwrap();
        assert_eq!(read(&log.out)[2..], [line(2000, 250, 9.0, 1)]);
    }

    #[test]
    fn requests_that_nobody_waited_for_have_lines_of_their_own() {
        let mut log = Log::new(Vec::new());
        let mut times = ended(5);
        times.record_censored(ms(2000));
        log.add(ms(100), &times);
        log.finish(SystemTime::UNIX_EPOCH, ms(200)).unwrap();
        let lines = read(&log.out);
        assert_eq!(lines.len(), 2);
        assert_eq!((lines[1].0.as_str(), lines[1].3, lines[1].4), ("censored", 2000.0, 1));
    }

    #[test]
    fn what_is_handed_over_late_is_not_lost() {
        let mut log = Log::new(Vec::new());
        log.advance(SystemTime::UNIX_EPOCH, ms(1500)).unwrap();
        log.add(ms(900), &ended(5));
        log.finish(SystemTime::UNIX_EPOCH, ms(1600)).unwrap();
        let counts: Vec<u64> = read(&log.out).iter().map(|line| line.4).collect();
        assert_eq!(counts, [0, 1]);
    }
}
