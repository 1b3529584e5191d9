//! A run in slices of time. Owns their number: however long the run, there are few enough to keep a whole distribution for
//! each, so that the warm-up can be cut off afterwards, and enough to tell one part of the run from another.

use std::time::Duration;

use crate::recorder::Recorder;

use super::chunk::CHUNK;

/// A slice of a run that has only just begun.
const FIRST_WIDTH: Duration = CHUNK;

/// With one more slice, each two become one.
const MOST: usize = 32;

/// Recorders for one slice of time after the other, all of the same width.
#[derive(Clone, Debug)]
pub struct Slices {
    width: Duration,
    recorders: Vec<Recorder>,
}

impl Default for Slices {
    fn default() -> Self {
        Self { width: FIRST_WIDTH, recorders: Vec::new() }
    }
}

impl Slices {
    /// Adds what was recorded in a stretch of time, no longer than a slice, from `at` on.
    pub(super) fn add(&mut self, at: Duration, recorder: &Recorder) {
        while index(at, self.width) >= MOST {
            self.coarsen();
        }
        let index = index(at, self.width);
        if index >= self.recorders.len() {
            self.recorders.resize_with(index + 1, Recorder::new);
        }
        self.recorders[index].merge(recorder);
    }

    /// The time that each slice spans.
    pub fn width(&self) -> Duration {
        self.width
    }

    /// The recorders, in order of time.
    pub fn recorders(&self) -> &[Recorder] {
        &self.recorders
    }

    /// The first edge of a slice that is not before `at`.
    pub fn edge(&self, at: Duration) -> Duration {
        let slices = at.as_nanos().div_ceil(self.width.as_nanos());
        self.width.saturating_mul(u32::try_from(slices).unwrap_or(u32::MAX))
    }

    /// The slices from `from` on, which is cut at the slice that it lies in.
    pub fn from(&self, from: Duration) -> &[Recorder] {
        self.recorders.get(index(from, self.width)..).unwrap_or_default()
    }

    /// The slices before `until`, which is the edge of one.
    pub fn until(&self, until: Duration) -> &[Recorder] {
        &self.recorders[..index(until, self.width).min(self.recorders.len())]
    }

    /// Everything from `from` on.
    pub fn total_from(&self, from: Duration) -> Recorder {
        let mut total = Recorder::new();
        self.from(from).iter().for_each(|recorder| total.merge(recorder));
        total
    }

    /// Makes each two neighbours one.
    fn coarsen(&mut self) {
        let mut merged = Vec::with_capacity(MOST);
        let mut slices = std::mem::take(&mut self.recorders).into_iter();
        while let Some(mut first) = slices.next() {
            if let Some(second) = slices.next() {
                first.merge(&second);
            }
            merged.push(first);
        }
        self.recorders = merged;
        self.width *= 2;
    }
}

fn index(at: Duration, width: Duration) -> usize {
    usize::try_from(at.as_nanos() / width.as_nanos().max(1)).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::Outcome;
    use crate::sample::{Phases, Sample};
    use http::StatusCode;

    fn recorder(done_at: Duration) -> Recorder {
        let outcome = Outcome::Answered(StatusCode::OK);
        [Sample { scheduled_at: done_at, sent_at: done_at, done_at, outcome, phases: Phases::default() }]
            .iter()
            .collect()
    }

    fn ten_a_second(seconds: u64) -> Slices {
        let mut slices = Slices::default();
        for tenth in 0..seconds * 10 {
            let at = Duration::from_millis(tenth * 100);
            slices.add(at, &recorder(at));
        }
        slices
    }

    #[test]
    fn the_number_of_slices_is_bounded_however_long_the_run() {
        for seconds in [1, 3, 4, 60, 3600] {
            let slices = ten_a_second(seconds);
            let count = slices.recorders().len();
            assert!(count <= MOST && (seconds < 4 || count > MOST / 2), "{seconds} s: {count}");
            assert_eq!(slices.recorders().iter().map(Recorder::count).sum::<u64>(), seconds * 10);
            let end = slices.width() * u32::try_from(count).unwrap();
            assert!(
                end >= Duration::from_secs(seconds) && end < Duration::from_secs(seconds) + slices.width()
            );
        }
    }

    #[test]
    fn a_total_leaves_out_what_was_before() {
        let slices = ten_a_second(2);
        assert_eq!(slices.total_from(Duration::from_millis(500)).count(), 15);
        assert_eq!(slices.total_from(Duration::from_secs(100)).count(), 0);
    }

    #[test]
    fn the_next_edge_of_a_slice_is_found() {
        let slices = ten_a_second(5);
        assert_eq!(slices.width(), Duration::from_millis(200));
        for (at, edge) in [(0, 0), (1, 200), (200, 200), (201, 400)] {
            assert_eq!(slices.edge(Duration::from_millis(at)), Duration::from_millis(edge));
        }
    }
}
