//! What the graph shows of one target: its latest pings. Owns how many are kept.

use std::collections::VecDeque;
use std::time::Duration;

use crate::sample::Sample;

/// More than a terminal has columns to show.
const MOST: usize = 4096;

/// How a ping is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    /// On the line.
    Answered,
    /// Beside it: an error, or no answer for at least that long.
    Failed,
}

#[derive(Clone, Copy, Debug)]
struct Point {
    due: Duration,
    time: Duration,
    mark: Mark,
}

/// The latest pings of one target.
#[derive(Clone, Debug, Default)]
pub(super) struct History(VecDeque<Point>);

impl History {
    pub(super) fn add(&mut self, sample: &Sample) {
        let mark = if sample.outcome.is_success() { Mark::Answered } else { Mark::Failed };
        if self.0.len() == MOST {
            self.0.pop_front();
        }
        self.0.push_back(Point { due: sample.scheduled_at, time: sample.response_time(), mark });
    }

    /// Seconds since the start and milliseconds of the pings with that mark that were due from `since` on.
    pub(super) fn points(&self, mark: Mark, since: Duration) -> Vec<(f64, f64)> {
        let shown = self.0.iter().filter(|point| point.mark == mark && point.due >= since);
        shown.map(|point| (point.due.as_secs_f64(), point.time.as_secs_f64() * 1e3)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ping::tally::tests::{answered, failed};

    #[test]
    fn only_the_latest_are_kept_and_failures_apart() {
        let mut history = History::default();
        for _ in 0..MOST {
            history.add(&answered(20).sample);
        }
        history.add(&failed().sample);
        assert_eq!(history.points(Mark::Answered, Duration::ZERO).len(), MOST - 1);
        assert_eq!(history.points(Mark::Answered, Duration::ZERO)[0], (0.0, 20.0));
        assert_eq!(history.points(Mark::Failed, Duration::ZERO), [(0.0, 0.0)]);
        assert!(history.points(Mark::Answered, Duration::from_secs(1)).is_empty());
    }
}
