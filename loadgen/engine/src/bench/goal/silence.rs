//! Whether a server has fallen silent. Owns since when nothing has succeeded, and how many requests wait meanwhile.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::bench::chunk::{Chunk, Standing};

/// A shorter pause may well be one from which servers come back.
const LEAST: Duration = Duration::from_secs(10);

/// So is one that is not many times as long as a success has ever taken.
const TIMES_THE_LONGEST: u32 = 10;

/// What is known of a run's successes, and of what waits to become one. Instants are offsets from the start of the run.
#[derive(Debug, Default)]
pub(super) struct Silence {
    /// What each thread said last.
    threads: BTreeMap<usize, Standing>,
    /// The longest response time of a success, and when the last one came at the latest.
    success: Option<(Duration, Duration)>,
}

/// Nothing succeeds any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Silent {
    /// Requests that are due and not answered.
    pub(super) waiting: u64,
    /// Since the last success.
    pub(super) lasts: Duration,
}

impl Silence {
    /// A thread has handed this over.
    pub(super) fn hear(&mut self, chunk: &Chunk) {
        if let Some(standing) = chunk.standing() {
            self.threads.insert(standing.thread, standing);
        }
        if let Some(longest) = chunk.recorder().successes().max() {
            let (known, last) = self.success.unwrap_or_default();
            self.success = Some((known.max(longest), last.max(chunk.to())));
        }
    }

    /// What waits at `now`, if nothing has succeeded for ten seconds and for ten times as long as any success took. Before the
    /// first success there is no telling: the service may be a slow one.
    pub(super) fn at(&self, now: Duration) -> Option<Silent> {
        let (longest, last) = self.success?;
        let lasts = now.saturating_sub(last);
        let waiting = self.threads.values().map(|it| it.in_flight + it.waiting).sum();
        (lasts >= LEAST.max(longest * TIMES_THE_LONGEST)).then_some(Silent { waiting, lasts })
    }
}

#[cfg(test)]
mod tests {
    use http::StatusCode;

    use super::*;
    use crate::bench::chunk::Grid;
    use crate::outcome::Outcome;
    use crate::sample::{Phases, Sample};

    const fn ms(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    /// A chunk of a thread that has so many in flight, and in which answers with this status took so long.
    fn chunk(at: u64, thread: usize, in_flight: u64, status: u16, took: u64) -> Chunk {
        let mut chunk = Chunk::at(ms(at), Grid(Duration::ZERO));
        let outcome = Outcome::Answered(StatusCode::from_u16(status).unwrap());
        let (begun, done_at) = (ms(at.saturating_sub(took)), ms(at));
        let phases = Phases::default();
        chunk.record(&Sample { scheduled_at: begun, sent_at: begun, done_at, outcome, phases }, ms(0));
        chunk.stand(Standing { thread, in_flight, waiting: 1, ..Standing::default() });
        chunk
    }

    #[test]
    fn a_server_is_silent_once_nothing_has_succeeded_for_long() {
        let mut silence = Silence::default();
        silence.hear(&chunk(1000, 0, 5, 200, 20));
        silence.hear(&chunk(5000, 1, 7, 503, 20));
        assert_eq!(silence.at(ms(11_000)), None, "the last success was in the chunk that ended at 1.1 s");
        assert_eq!(silence.at(ms(11_100)), Some(Silent { waiting: 14, lasts: ms(10_000) }));
        silence.hear(&chunk(11_000, 0, 2, 200, 20));
        assert_eq!(silence.at(ms(12_000)), None);
    }

    #[test]
    fn a_slow_service_may_be_silent_for_longer_and_one_that_never_answered_as_long_as_it_likes() {
        let mut silence = Silence::default();
        silence.hear(&chunk(1000, 0, 5, 503, 20));
        assert_eq!(silence.at(ms(100_000)), None);
        silence.hear(&chunk(3000, 0, 5, 200, 2000));
        assert_eq!(silence.at(ms(23_000)), None);
        assert!(silence.at(ms(23_100)).is_some());
    }
}
