//! How many requests came to what.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::outcome::{Censoring, Outcome};
use crate::outcomes::Outcomes;
use crate::recorder::Recorder;

/// How many requests came to what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// All that were due.
    pub scheduled: u64,
    /// Answered with a status below 400.
    pub successes: u64,
    /// Answered with another one.
    pub http_errors: u64,
    /// Without an answer.
    pub failed: u64,
    /// Not waited for any longer.
    pub timed_out: u64,
    /// Sent, and not answered when the run ended.
    pub in_flight_at_end: u64,
    /// Due, and still waiting for a connection, or for the load generator, when the run ended.
    #[serde(default)]
    pub unsent_at_end: u64,
    /// Never sent, since too many waited for a connection.
    pub overflowed: u64,
    /// Of those in flight or not sent at the end, those that had waited for longer than any success took.
    #[serde(default)]
    pub unanswered: u64,
}

/// The share (0 to 1) of errors in everything whose end is known.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ErrorShare {
    /// Of what has ended.
    pub seen: f64,
    /// What it would be if everything that was left unanswered came to a bad end, too.
    pub at_most: f64,
}

impl Counts {
    /// Of what `recorder` holds.
    pub(in crate::bench) fn of(recorder: &Recorder) -> Self {
        let (outcomes, overflowed) = (recorder.outcomes(), recorder.overflowed());
        let answered = |outcome| matches!(outcome, Outcome::Answered(_));
        Self {
            scheduled: outcomes.total() + overflowed,
            successes: outcomes.count(Outcome::is_success),
            http_errors: outcomes.count(|outcome| answered(outcome) && !outcome.is_success()),
            failed: outcomes.count(|outcome| matches!(outcome, Outcome::Failed(_))),
            timed_out: outcomes.of(Outcome::Censored(Censoring::TimedOut)),
            in_flight_at_end: outcomes.of(Outcome::Censored(Censoring::InFlight)),
            unsent_at_end: outcomes.of(Outcome::Censored(Censoring::Unsent)),
            overflowed,
            unanswered: recorder.unanswered(),
        }
    }

    /// Those that came to a bad end: everything but successes and what the end of the run came before.
    pub fn errors(&self) -> u64 {
        self.http_errors + self.failed + self.timed_out + self.overflowed
    }

    /// Those that were answered, in whatever way.
    pub fn answered(&self) -> u64 {
        self.successes + self.http_errors
    }

    /// The share of errors; `None` if nothing has ended.
    pub fn error_share(&self) -> Option<ErrorShare> {
        let (errors, known) = (self.errors(), self.successes + self.errors());
        let with = |more: u64| (errors + more) as f64 / (known + more) as f64;
        (known > 0).then(|| ErrorShare { seen: with(0), at_most: with(self.unanswered) })
    }

    /// Those of two runs.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            scheduled: self.scheduled + other.scheduled,
            successes: self.successes + other.successes,
            http_errors: self.http_errors + other.http_errors,
            failed: self.failed + other.failed,
            timed_out: self.timed_out + other.timed_out,
            in_flight_at_end: self.in_flight_at_end + other.in_flight_at_end,
            unsent_at_end: self.unsent_at_end + other.unsent_at_end,
            overflowed: self.overflowed + other.overflowed,
            unanswered: self.unanswered + other.unanswered,
        }
    }
}

pub(super) fn by_name(outcomes: &Outcomes) -> BTreeMap<String, u64> {
    outcomes.iter().map(|(outcome, count)| (outcome.to_string(), count)).collect()
}
