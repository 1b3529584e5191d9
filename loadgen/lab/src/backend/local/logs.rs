//! What replicas have logged. Owns the last lines of each and passes new ones on to whoever follows.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::broadcast;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};

use super::ring::Ring;
use crate::backend::Service;

/// Lines kept of each replica.
const KEPT: usize = 500;
/// Lines a follower may lag behind before it misses some.
const LAG: usize = 4096;

/// One line that a replica has logged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLine {
    /// What the replica is a copy of.
    pub service: Service,
    /// The replica's name.
    pub replica: Arc<str>,
    /// The line, without its end.
    pub text: Arc<str>,
}

/// The log of all replicas; clones share it.
#[derive(Clone, Debug)]
pub(super) struct Logs {
    kept: Arc<Mutex<Kept>>,
    follow: broadcast::Sender<LogLine>,
}

#[derive(Debug, Default)]
struct Kept {
    /// Number of the next line; the order across replicas.
    next: u64,
    replicas: BTreeMap<Arc<str>, Ring<(u64, LogLine)>>,
}

/// New lines as they come.
#[derive(Debug)]
pub struct Follower(broadcast::Receiver<LogLine>);

/// What comes next in a log that is followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Followed {
    /// A line.
    Line(LogLine),
    /// That many lines came faster than they were read, and are gone.
    Missed(u64),
}

impl Follower {
    /// The next line; none once the application is gone.
    pub async fn next(&mut self) -> Option<Followed> {
        match self.0.recv().await {
            Ok(line) => Some(Followed::Line(line)),
            Err(RecvError::Lagged(count)) => Some(Followed::Missed(count)),
            Err(RecvError::Closed) => None,
        }
    }

    /// The next line if it is there already.
    pub fn now(&mut self) -> Option<Followed> {
        match self.0.try_recv() {
            Ok(line) => Some(Followed::Line(line)),
            Err(TryRecvError::Lagged(count)) => Some(Followed::Missed(count)),
            Err(TryRecvError::Empty | TryRecvError::Closed) => None,
        }
    }
}

impl Logs {
    pub(super) fn new() -> Self {
        Self { kept: Arc::default(), follow: broadcast::channel(LAG).0 }
    }

    pub(super) fn push(&self, service: Service, replica: &Arc<str>, text: &str) {
        let line = LogLine { service, replica: replica.clone(), text: text.into() };
        let mut kept = self.kept();
        let number = kept.next;
        kept.next += 1;
        let ring = kept.replicas.entry(replica.clone()).or_insert_with(|| Ring::new(KEPT));
        ring.push((number, line.clone()));
        // Nobody following is the usual case.
        let _ = self.follow.send(line);
    }

    /// Drops what a replica that is gone for good has logged.
    pub(super) fn forget(&self, replica: &str) {
        self.kept().replicas.remove(replica);
    }

    /// The last `tail` lines of each replica of `services`, in the order in which they came, and a follower of what
    /// comes after them.
    pub(super) fn read(&self, services: &[Service], tail: usize) -> (Vec<LogLine>, Follower) {
        let kept = self.kept();
        let rings = kept.replicas.values();
        let mut lines: Vec<_> = rings
            .flat_map(|ring| ring.last(tail).filter(|(_, line)| services.contains(&line.service)).cloned())
            .collect();
        lines.sort_by_key(|(number, _)| *number);
        // Subscribing under the lock: no line is missed or seen twice.
        (lines.into_iter().map(|(_, line)| line).collect(), Follower(self.follow.subscribe()))
    }

    /// The last `tail` lines of one replica.
    pub(super) fn last(&self, replica: &str, tail: usize) -> Vec<String> {
        let kept = self.kept();
        let ring = kept.replicas.get(replica);
        ring.into_iter().flat_map(|ring| ring.last(tail)).map(|(_, line)| line.text.to_string()).collect()
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(lines: &[LogLine]) -> Vec<&str> {
        lines.iter().map(|line| &*line.text).collect()
    }

    #[tokio::test]
    async fn the_tail_is_of_each_replica_and_in_order_and_followers_miss_nothing() {
        let logs = Logs::new();
        let (rng, worker): (Arc<str>, Arc<str>) = ("rng-1".into(), "worker-1".into());
        for text in ["a", "b"] {
            logs.push(Service::Rng, &rng, text);
            logs.push(Service::Worker, &worker, &text.to_uppercase());
        }
        assert_eq!(texts(&logs.read(&[Service::Rng, Service::Worker], 10).0), ["a", "A", "b", "B"]);
        let (lines, mut follower) = logs.read(&[Service::Rng, Service::Worker], 1);
        assert_eq!(texts(&lines), ["b", "B"]);
        logs.push(Service::Rng, &rng, "c");
        let Some(Followed::Line(line)) = follower.next().await else { panic!("no line") };
        assert_eq!(&*line.text, "c");
        assert_eq!(texts(&logs.read(&[Service::Rng], 10).0), ["a", "b", "c"]);
    }

    #[tokio::test]
    async fn a_follower_that_lags_is_told_how_much_it_missed() {
        let logs = Logs::new();
        let name: Arc<str> = "rng-1".into();
        let (_, mut follower) = logs.read(&[Service::Rng], 0);
        for _ in 0..LAG + 5 {
            logs.push(Service::Rng, &name, "line");
        }
        assert_eq!(follower.next().await, Some(Followed::Missed(5)));
        assert_eq!(logs.last("rng-1", usize::MAX).len(), KEPT);
    }
}
