//! One request's times. Owns which instants are kept and what is derived from them.

use std::time::Duration;

use crate::outcome::Outcome;

/// What is kept of one request. Instants are offsets from the start of the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sample {
    /// When it was due.
    pub scheduled_at: Duration,
    /// When the client got round to it, before resolving and connecting.
    pub sent_at: Duration,
    /// When its last byte arrived, it failed, or the client stopped waiting.
    pub done_at: Duration,
    /// How it ended.
    pub outcome: Outcome,
    /// Where the time went, as far as it got.
    pub phases: Phases,
}

/// How long the steps of a request took; `None` for a step that was not needed or not reached.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Phases {
    /// From name to addresses.
    pub resolve: Option<Duration>,
    /// Until one of the addresses accepted.
    pub connect: Option<Duration>,
    /// From sending the request to the first byte of the answer.
    pub first_byte: Option<Duration>,
}

impl Sample {
    /// What a user waits who wanted the answer when the request was due: done − scheduled. At least that, when the
    /// outcome is censored.
    pub fn response_time(&self) -> Duration {
        self.done_at.saturating_sub(self.scheduled_at)
    }

    /// The uncorrected view: done − sent. It hides what the client itself was late.
    pub fn uncorrected_time(&self) -> Duration {
        self.done_at.saturating_sub(self.sent_at)
    }

    /// How late the client was: sent − scheduled.
    pub fn lag(&self) -> Duration {
        self.sent_at.saturating_sub(self.scheduled_at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::Censoring;

    #[test]
    fn response_time_runs_from_the_schedule_and_contains_the_lag() {
        let sample = Sample {
            scheduled_at: Duration::from_millis(100),
            sent_at: Duration::from_millis(130),
            done_at: Duration::from_millis(200),
            outcome: Outcome::Censored(Censoring::TimedOut),
            phases: Phases::default(),
        };
        assert_eq!(sample.response_time(), Duration::from_millis(100));
        assert_eq!(sample.uncorrected_time(), Duration::from_millis(70));
        assert_eq!(sample.lag(), Duration::from_millis(30));
    }
}
