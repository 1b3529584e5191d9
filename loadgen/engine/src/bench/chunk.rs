//! What one thread counts in a tenth of a second. Owns cutting a run into such chunks, which are handed over while it goes on:
//! live figures, logs and limits all come from them, and the hot path writes into one only.

use std::time::Duration;

use crate::recorder::Recorder;
use crate::sample::Sample;

/// The time that a chunk spans at most.
pub const CHUNK: Duration = Duration::from_millis(100);

/// The time that a bin of it spans.
pub const BIN: Duration = Duration::from_millis(BIN_MILLIS as u64);

const BIN_MILLIS: u32 = 10;

/// Bins of a chunk.
const BINS: usize = 10;

/// What was counted between two instants, which are offsets from the start of the run.
#[derive(Clone, Debug)]
pub struct Chunk {
    from: Duration,
    to: Duration,
    recorder: Recorder,
    bins: [Bin; BINS],
    standing: Option<Standing>,
}

/// How a thread stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// Which thread.
    pub thread: usize,
    /// Requests that it has sent and that are not answered.
    pub in_flight: u64,
    /// Requests that are due and wait for a connection.
    pub waiting: u64,
    /// Connections that it has opened so far.
    pub connections: u64,
    /// Requests that were due and that it has not sent so far, since too many waited.
    pub overflowed: u64,
}

/// Successes of a hundredth of a second.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Bin {
    /// How many.
    pub successes: u64,
    /// What they took together, from the scheduled instant.
    pub seconds: f64,
    /// Requests due and not done at an instant within it, over all threads; of several steps, the sum.
    pub outstanding: u64,
}

/// Where chunks begin and end: at whole tenths of a second from the end of the warm-up, if that was given.
#[derive(Clone, Copy, Debug)]
pub(super) struct Grid(pub(super) Duration);

impl Chunk {
    /// The one that `at` lies in.
    pub(super) fn at(at: Duration, grid: Grid) -> Self {
        let (from, to) = grid.around(at);
        let (recorder, bins) = (Recorder::new(), [Bin::default(); BINS]);
        Self { from, to, recorder, bins, standing: None }
    }

    /// Starts anew, and keeps the memory.
    pub(super) fn begin(&mut self, at: Duration, grid: Grid) {
        (self.from, self.to) = grid.around(at);
        self.recorder.clear();
        self.bins = [Bin::default(); BINS];
        self.standing = None;
    }

    /// Notes how the thread stands now.
    pub(super) fn stand(&mut self, standing: Standing) {
        self.standing = Some(standing);
    }

    /// Whether an instant lies behind its end.
    pub(super) fn is_over(&self, at: Duration) -> bool {
        at >= self.to
    }

    /// Adds a sample that was done within it.
    pub(super) fn record(&mut self, sample: &Sample, lag: Duration) {
        self.recorder.record_with_lag(sample, lag);
        if sample.outcome.is_success() {
            // A chunk is shorter than a second, so its milliseconds say it all.
            let bin = sample.done_at.saturating_sub(self.from).subsec_millis() / BIN_MILLIS;
            let bin = &mut self.bins[(bin as usize).min(BINS - 1)];
            bin.successes += 1;
            bin.seconds += sample.response_time().as_secs_f64();
        }
    }

    /// Counts a request that was due within it and not sent, since too many wait.
    pub(super) fn overflow(&mut self) {
        self.recorder.record_overflow();
    }

    /// Its beginning.
    pub fn from(&self) -> Duration {
        self.from
    }

    /// Its end.
    pub fn to(&self) -> Duration {
        self.to
    }

    /// How the thread stood last within it, if that was looked at.
    pub fn standing(&self) -> Option<Standing> {
        self.standing
    }

    /// Everything in it.
    pub fn recorder(&self) -> &Recorder {
        &self.recorder
    }

    /// Its successes by hundredths of a second; the last ones of a chunk that was cut short are empty.
    pub fn bins(&self) -> &[Bin] {
        &self.bins
    }
}

impl Bin {
    /// Both together.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            successes: self.successes + other.successes,
            seconds: self.seconds + other.seconds,
            outstanding: self.outstanding + other.outstanding,
        }
    }
}

impl Grid {
    fn around(self, at: Duration) -> (Duration, Duration) {
        let Some(since) = at.checked_sub(self.0) else {
            let from = floor(at);
            return (from, (from + CHUNK).min(self.0));
        };
        let from = self.0 + floor(since);
        (from, from + CHUNK)
    }
}

fn floor(at: Duration) -> Duration {
    let rest = at.as_nanos() % CHUNK.as_nanos();
    at.saturating_sub(Duration::from_nanos(u64::try_from(rest).unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::Outcome;
    use crate::sample::Phases;
    use http::StatusCode;

    const fn ms(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    #[test]
    fn chunks_follow_each_other_and_one_ends_with_the_warm_up() {
        let grid = Grid(ms(250));
        let edges: Vec<_> = [0, 120, 249, 250, 349, 350, 1234].map(|at| grid.around(ms(at))).into();
        let expected = [(0, 100), (100, 200), (200, 250), (250, 350), (250, 350), (350, 450), (1150, 1250)];
        assert_eq!(edges, expected.map(|(from, to)| (ms(from), ms(to))));
    }

    #[test]
    fn successes_are_counted_by_hundredths() {
        let mut chunk = Chunk::at(ms(100), Grid(ms(0)));
        for (done_at, status) in [(100, 200), (109, 200), (110, 503), (199, 204)] {
            let outcome = Outcome::Answered(StatusCode::from_u16(status).unwrap());
            let sample = Sample {
                scheduled_at: ms(done_at - 50),
                sent_at: ms(done_at - 50),
                done_at: ms(done_at),
                outcome,
                phases: Phases::default(),
            };
            chunk.record(&sample, ms(0));
        }
        let counts: Vec<u64> = chunk.bins().iter().map(|bin| bin.successes).collect();
        assert_eq!(counts, [2, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
        assert!((chunk.bins()[0].seconds - 0.1).abs() < 1e-9);
        assert_eq!(chunk.recorder().count(), 4);
        assert!(chunk.is_over(ms(200)) && !chunk.is_over(ms(199)));
    }
}
