//! What is known of a run that goes on: the whole of it, its last second, and its last minute. Owns when a second is over.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use crate::bench::chunk::{Chunk, Standing};
use crate::bench::plan::{Load, Plan};
use crate::bench::report::limit;
use crate::bench::usage::Usage;
use crate::outcome::Outcome;
use crate::outcomes::Outcomes;
use crate::recorder::Recorder;
use crate::times::Quantile;

/// After the end of a second its last chunks are under way for so long.
const UNDER_WAY: Duration = Duration::from_millis(250);

/// Seconds that are remembered.
const MINUTE: usize = 60;

/// Whose quantiles are shown.
const SHARES: [f64; 3] = [0.5, 0.9, 0.99];

/// A run that goes on.
#[derive(Debug, Default)]
pub(super) struct Progress {
    whole: Recorder,
    /// The end of what has been handed over.
    until: Duration,
    /// Seconds that are not over, by number.
    open: BTreeMap<u64, Recorder>,
    /// The number of the first that is not over.
    next: u64,
    last: Recorder,
    minute: VecDeque<Second>,
    threads: BTreeMap<usize, Standing>,
    busiest: Option<Usage>,
    limit: Option<String>,
}

/// A second that is over.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Second {
    pub(super) successes: u64,
    pub(super) p99: Option<Duration>,
}

/// What is shown of a stretch of time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Figures {
    /// Successes a second.
    pub(super) throughput: f64,
    /// Of the shares p50, p90, p99.
    pub(super) response: Option<[Quantile; 3]>,
    /// The 99th percentile of how late requests were sent.
    pub(super) lag: Option<Duration>,
}

impl Progress {
    pub(super) fn add(&mut self, chunk: &Chunk) {
        self.until = self.until.max(chunk.to());
        self.whole.merge(chunk.recorder());
        let second = chunk.from().as_secs();
        if second >= self.next {
            self.open.entry(second).or_default().merge(chunk.recorder());
        }
        if let Some(standing) = chunk.standing() {
            self.threads.insert(standing.thread, standing);
        }
    }

    /// It is `elapsed` since the start; whether another second is over.
    pub(super) fn pass(&mut self, elapsed: Duration) -> bool {
        let before = self.next;
        while elapsed >= Duration::from_secs(self.next + 1) + UNDER_WAY {
            self.last = self.open.remove(&self.next).unwrap_or_default();
            let p99 = self.last.response().quantile(0.99).map(|it| it.time);
            self.minute.push_back(Second { successes: self.last.successes().count(), p99 });
            if self.minute.len() > MINUTE {
                self.minute.pop_front();
            }
            self.next += 1;
        }
        self.next > before
    }

    /// Says whether the load generator itself was the limit of the second that has just ended, in which its busiest thread
    /// used so much.
    pub(super) fn judge(&mut self, plan: &Plan, busiest: Option<Usage>) {
        let open = matches!(plan.load, Load::Open { .. });
        let usage = busiest.unwrap_or_default();
        self.busiest = busiest;
        self.limit = limit(&usage, open, &self.last.lags(), self.last.response());
    }

    /// Of the last second; `None` before the first one is over.
    pub(super) fn last(&self) -> Option<Figures> {
        (!self.minute.is_empty()).then(|| Figures::of(&self.last, Duration::from_secs(1)))
    }

    /// Of the whole run, warm-up included.
    pub(super) fn whole(&self) -> Option<Figures> {
        (!self.until.is_zero()).then(|| Figures::of(&self.whole, self.until))
    }

    /// The last minute, second by second.
    pub(super) fn minute(&self) -> impl ExactSizeIterator<Item = Second> {
        self.minute.iter().copied()
    }

    /// Requests that are done, however they ended.
    pub(super) fn done(&self) -> u64 {
        self.whole.count()
    }

    /// Everything that is not a success, the most frequent first.
    pub(super) fn errors(&self) -> Vec<(Outcome, u64)> {
        let outcomes: &Outcomes = self.whole.outcomes();
        let is_error = |outcome: Outcome| !outcome.is_success() && !outcome.is_unfinished();
        let mut errors: Vec<_> = outcomes.iter().filter(|(outcome, _)| is_error(*outcome)).collect();
        errors.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        errors
    }

    /// How all threads stand together.
    pub(super) fn standing(&self) -> Standing {
        self.threads.values().fold(Standing::default(), |sum, thread| Standing {
            thread: 0,
            in_flight: sum.in_flight + thread.in_flight,
            waiting: sum.waiting + thread.waiting,
            connections: sum.connections + thread.connections,
            overflowed: sum.overflowed + thread.overflowed,
        })
    }

    /// The share of a CPU that the busiest thread used in the last second, if the system tells.
    pub(super) fn utilisation(&self) -> Option<f64> {
        self.busiest.map(|usage| usage.utilisation())
    }

    /// Why the load generator was the limit of the last second, if it was.
    pub(super) fn limit(&self) -> Option<&str> {
        self.limit.as_deref()
    }
}

impl Figures {
    fn of(recorder: &Recorder, span: Duration) -> Self {
        Self {
            throughput: recorder.successes().count() as f64 / span.as_secs_f64(),
            response: recorder.response().quantiles(&SHARES).try_into().ok(),
            lag: recorder.lags().quantile(0.99),
        }
    }
}
