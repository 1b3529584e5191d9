//! What a scrape shows. Owns adding it up, over all threads and, in a search, over all runs, so that counters only rise.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use crate::bench::chunk::{Chunk, Standing};
use crate::outcome::Outcome;

use super::buckets::Buckets;

/// Throughput is that of the last second or so.
const RECENT: Duration = Duration::from_secs(1);

/// Everything that is shown.
#[derive(Debug, Default)]
pub(super) struct Figures {
    /// Requests by how they ended.
    pub(super) requests: BTreeMap<Outcome, u64>,
    /// Of successes and, at what they waited at least, of what nobody waited for.
    pub(super) response_time: Buckets,
    /// Of all requests.
    pub(super) lag: Buckets,
    /// Connections that were opened.
    pub(super) connections: u64,
    /// Requests that were due and not sent.
    pub(super) overflowed: u64,
    /// What each thread said last.
    threads: BTreeMap<usize, Standing>,
    successes: u64,
    /// Successes until these instants.
    recent: VecDeque<(Duration, u64)>,
}

impl Figures {
    pub(super) fn add(&mut self, chunk: &Chunk) {
        let recorder = chunk.recorder();
        for (outcome, count) in recorder.outcomes().iter() {
            *self.requests.entry(outcome).or_default() += count;
        }
        self.response_time.add(recorder.successes());
        self.response_time.add(recorder.censored());
        self.lag.add(&recorder.lags());
        self.successes += recorder.successes().count();
        if let Some(standing) = chunk.standing() {
            self.hear(standing);
        }
    }

    fn hear(&mut self, standing: Standing) {
        let before = self.threads.insert(standing.thread, standing).unwrap_or_default();
        // A thread that counts less than before is one of another run.
        let more = |now: u64, before: u64| now.checked_sub(before).unwrap_or(now);
        self.connections += more(standing.connections, before.connections);
        self.overflowed += more(standing.overflowed, before.overflowed);
    }

    pub(super) fn tick(&mut self, elapsed: Duration) {
        if self.recent.back().is_some_and(|(last, _)| *last > elapsed) {
            self.recent.clear();
        }
        self.recent.push_back((elapsed, self.successes));
        while self.recent.get(1).is_some_and(|(second, _)| *second + RECENT <= elapsed) {
            self.recent.pop_front();
        }
    }

    /// Successes a second, lately.
    pub(super) fn throughput(&self) -> f64 {
        match (self.recent.front(), self.recent.back()) {
            (Some((from, before)), Some((to, after))) if to > from => {
                (after - before) as f64 / to.saturating_sub(*from).as_secs_f64()
            }
            _ => 0.0,
        }
    }

    /// Requests that have been sent and not answered.
    pub(super) fn in_flight(&self) -> u64 {
        self.threads.values().map(|it| it.in_flight).sum()
    }

    /// Requests that are due and wait for a connection.
    pub(super) fn waiting(&self) -> u64 {
        self.threads.values().map(|it| it.waiting).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn standing(thread: usize, in_flight: u64, connections: u64) -> Standing {
        Standing { thread, in_flight, waiting: 1, connections, overflowed: 2 * connections }
    }

    #[test]
    fn threads_are_added_up_and_counters_outlive_a_run() {
        let mut figures = Figures::default();
        for said in [standing(0, 3, 5), standing(1, 4, 6), standing(0, 1, 7)] {
            figures.hear(said);
        }
        assert_eq!((figures.in_flight(), figures.waiting(), figures.connections), (5, 2, 13));
        figures.hear(standing(0, 0, 2));
        assert_eq!((figures.in_flight(), figures.connections, figures.overflowed), (4, 15, 30));
    }

    #[test]
    fn throughput_is_that_of_the_last_second_and_starts_anew_with_a_run() {
        let mut figures = Figures::default();
        for tenth in 0..50 {
            figures.successes = if tenth < 30 { 10 * tenth } else { 300 + 20 * (tenth - 30) };
            figures.tick(Duration::from_millis(100 * tenth));
        }
        assert!((figures.throughput() - 200.0).abs() < 1e-9, "{}", figures.throughput());
        figures.tick(Duration::ZERO);
        assert!(figures.throughput() < 1e-9);
    }
}
