//! A run in slices of time. Owns their number: however long the run, there are few enough to keep a whole distribution for
//! each, so that the warm-up can be cut off afterwards, and enough to tell one part of the run from another.

use std::time::Duration;

use crate::recorder::Recorder;
use crate::sample::Sample;

/// A slice of a run that has only just begun.
const FIRST_WIDTH: Duration = Duration::from_millis(100);

/// With one more slice, each two become one.
const MOST: usize = 32;

/// Recorders for one slice of time after the other, all of the same width.
#[derive(Clone, Debug)]
pub struct Slices {
    width: Duration,
    recorders: Vec<Recorder>,
    /// The end of the last slice, to which most samples belong.
    last: (Duration, Duration),
}

impl Default for Slices {
    fn default() -> Self {
        Self { width: FIRST_WIDTH, recorders: Vec::new(), last: (Duration::ZERO, Duration::ZERO) }
    }
}

impl Slices {
    /// Adds a sample to the slice in which it was done.
    pub fn record(&mut self, sample: &Sample) {
        let at = sample.done_at;
        if (self.last.0..self.last.1).contains(&at)
            && let Some(last) = self.recorders.last_mut()
        {
            return last.record(sample);
        }
        self.slice_at(at).record(sample);
    }

    /// The time that each slice spans.
    pub fn width(&self) -> Duration {
        self.width
    }

    /// The recorders, in order of time from the start of the run.
    pub fn recorders(&self) -> &[Recorder] {
        &self.recorders
    }

    /// Everything from `from` on, which is cut at the slice that it lies in.
    pub fn total_from(&self, from: Duration) -> Recorder {
        let mut total = Recorder::new();
        for recorder in self.recorders.iter().skip(index(from, self.width)) {
            total.merge(recorder);
        }
        total
    }

    /// Adds what `other`, another part of the same run, has recorded.
    pub fn merge(&mut self, other: &Self) {
        let mut other = other.clone();
        while other.width < self.width {
            other.coarsen();
        }
        while self.width < other.width {
            self.coarsen();
        }
        for (index, recorder) in other.recorders.iter().enumerate() {
            self.slice(index).merge(recorder);
        }
    }

    fn slice_at(&mut self, at: Duration) -> &mut Recorder {
        while index(at, self.width) >= MOST {
            self.coarsen();
        }
        self.slice(index(at, self.width))
    }

    fn slice(&mut self, index: usize) -> &mut Recorder {
        if index >= self.recorders.len() {
            self.recorders.resize_with(index + 1, Recorder::new);
            self.mark_last();
        }
        &mut self.recorders[index]
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
        self.mark_last();
    }

    fn mark_last(&mut self) {
        let count = u32::try_from(self.recorders.len()).unwrap_or(u32::MAX);
        self.last = (self.width * count.saturating_sub(1), self.width * count);
    }
}

fn index(at: Duration, width: Duration) -> usize {
    usize::try_from(at.as_nanos() / width.as_nanos().max(1)).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::Outcome;
    use crate::sample::Phases;
    use http::StatusCode;

    fn sample(done_at: Duration) -> Sample {
        let outcome = Outcome::Answered(StatusCode::OK);
        Sample { scheduled_at: done_at, sent_at: done_at, done_at, outcome, phases: Phases::default() }
    }

    fn counts(slices: &Slices) -> Vec<u64> {
        slices.recorders().iter().map(Recorder::count).collect()
    }

    fn ten_a_second(seconds: u64) -> Slices {
        let mut slices = Slices::default();
        for tenth in 0..seconds * 10 {
            slices.record(&sample(Duration::from_millis(tenth * 100 + 50)));
        }
        slices
    }

    #[test]
    fn the_number_of_slices_is_bounded_however_long_the_run() {
        for seconds in [1, 3, 4, 60, 3600] {
            let slices = ten_a_second(seconds);
            let count = slices.recorders().len();
            assert!(count <= MOST && (seconds < 4 || count > MOST / 2), "{seconds} s: {count}");
            assert_eq!(counts(&slices).iter().sum::<u64>(), seconds * 10);
            let end = slices.width() * u32::try_from(count).unwrap();
            assert!(
                end >= Duration::from_secs(seconds) && end < Duration::from_secs(seconds) + slices.width()
            );
        }
    }

    #[test]
    fn a_sample_that_is_late_finds_its_slice() {
        let mut slices = ten_a_second(1);
        slices.record(&sample(Duration::from_millis(150)));
        assert_eq!(counts(&slices), [1, 2, 1, 1, 1, 1, 1, 1, 1, 1]);
    }

    #[test]
    fn parts_of_different_lengths_are_merged_slice_by_slice() {
        let (mut short, long) = (ten_a_second(1), ten_a_second(60));
        short.merge(&long);
        assert_eq!(short.width(), long.width());
        assert_eq!(short.total_from(Duration::ZERO).count(), 610);
        let mut long = long;
        long.merge(&ten_a_second(1));
        assert_eq!(counts(&long), counts(&short));
    }

    #[test]
    fn a_total_leaves_out_what_was_before() {
        let slices = ten_a_second(2);
        assert_eq!(slices.total_from(Duration::from_millis(500)).count(), 15);
        assert_eq!(slices.total_from(Duration::from_secs(100)).count(), 0);
    }
}
