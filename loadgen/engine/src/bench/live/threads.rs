//! What the sending threads use while they run, seen from outside. Owns reading it from Linux; elsewhere nothing is known.

use std::collections::HashMap;
use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::bench::run::THREAD_NAME;
use crate::bench::usage::Usage;

const TASKS: &str = "/proc/self/task";

/// Sending threads, as they were last looked at.
#[derive(Debug, Default)]
pub(super) struct Threads {
    seen: HashMap<OsString, Seen>,
}

/// A thread at some instant.
#[derive(Clone, Copy, Debug)]
struct Seen {
    at: Instant,
    spent: Spent,
}

/// Since a thread began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Spent {
    cpu: Duration,
    run_queue: Duration,
}

impl Threads {
    /// What the busiest has used since they were last looked at; `None` the first time.
    pub(super) fn busiest(&mut self) -> Option<Usage> {
        let before = std::mem::replace(&mut self.seen, seen().unwrap_or_default());
        let usages = self.seen.iter().filter_map(|(id, now)| Some(now.since(*before.get(id)?)));
        usages.max_by(|a, b| a.demand().total_cmp(&b.demand()))
    }
}

impl Seen {
    fn since(self, before: Self) -> Usage {
        Usage {
            elapsed: self.at.duration_since(before.at),
            cpu: self.spent.cpu.saturating_sub(before.spent.cpu),
            run_queue: self.spent.run_queue.saturating_sub(before.spent.run_queue),
        }
    }
}

fn seen() -> Option<HashMap<OsString, Seen>> {
    let tasks = fs::read_dir(TASKS).ok()?.flatten();
    Some(tasks.filter_map(|task| Some((task.file_name(), look(&task.path())?))).collect())
}

/// At a thread, if it is one that sends, and has not ended just now.
fn look(task: &Path) -> Option<Seen> {
    let name = fs::read_to_string(task.join("comm")).ok()?;
    name.starts_with(THREAD_NAME).then_some(())?;
    let spent = parse(&fs::read_to_string(task.join("schedstat")).ok()?)?;
    Some(Seen { at: Instant::now(), spent })
}

/// Nanoseconds on a CPU, nanoseconds waiting for one, and times it got one.
fn parse(schedstat: &str) -> Option<Spent> {
    let mut nanos = schedstat.split_whitespace().map(|word| word.parse().ok().map(Duration::from_nanos));
    Some(Spent { cpu: nanos.next()??, run_queue: nanos.next()?? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schedstat_is_read() {
        let spent = Spent { cpu: Duration::from_nanos(12), run_queue: Duration::from_nanos(345) };
        assert_eq!(parse("12 345 6\n"), Some(spent));
        assert_eq!([parse(""), parse("12"), parse("a b c")], [None; 3]);
    }

    #[test]
    fn only_sending_threads_are_looked_at() {
        let is_seen = |name: &str| {
            let thread = std::thread::Builder::new().name(name.to_owned());
            thread.spawn(|| look(Path::new("/proc/thread-self")).is_some()).unwrap().join().unwrap()
        };
        assert_eq!((is_seen("load-7"), is_seen("other")), (Path::new(TASKS).exists(), false));
    }
}
