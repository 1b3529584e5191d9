//! A run as a series of equal steps of time. Owns its length: however long the run, there are few enough steps to keep, and
//! enough to see where the warm-up ends.

use std::time::Duration;

use super::chunk::{BIN, Bin, CHUNK, Chunk};

/// With one more, each two become one.
const MOST: usize = 4096;

/// Successes of one step of time after the other.
#[derive(Clone, Debug)]
pub struct Series {
    width: Duration,
    bins: Vec<Bin>,
}

impl Default for Series {
    fn default() -> Self {
        Self { width: BIN, bins: Vec::new() }
    }
}

impl Series {
    /// Adds a chunk of a thread, whose bins count from `offset`.
    pub(super) fn add(&mut self, chunk: &Chunk, origin: Duration) {
        for (k, bin) in (0_u32..).zip(chunk.bins()) {
            if bin.successes > 0
                && let Some(at) = (chunk.from() + BIN * k).checked_sub(origin)
            {
                self.add_bin(at, *bin);
            }
        }
        if let (Some(standing), Some(at)) = (chunk.standing(), chunk.from().checked_sub(origin)) {
            let outstanding = standing.in_flight + standing.waiting;
            self.add_bin(at, Bin { outstanding, ..Bin::default() });
        }
    }

    fn add_bin(&mut self, at: Duration, bin: Bin) {
        while index(at, self.width) >= MOST {
            self.coarsen();
        }
        let index = index(at, self.width);
        if index >= self.bins.len() {
            self.bins.resize(index + 1, Bin::default());
        }
        self.bins[index] = self.bins[index].plus(bin);
    }

    fn coarsen(&mut self) {
        self.bins = grouped(&self.bins, 2);
        self.width *= 2;
    }

    /// The steps between two instants; those that they cut are left out.
    #[must_use]
    pub fn range(&self, from: Duration, to: Duration) -> Self {
        let mut bins = self.bins.clone();
        bins.resize(index(to, self.width), Bin::default());
        let first = from.as_nanos().div_ceil(self.width.as_nanos());
        bins.drain(..usize::try_from(first).unwrap_or(usize::MAX).min(bins.len()));
        Self { width: self.width, bins }
    }

    /// How many successes it has.
    pub fn successes(&self) -> u64 {
        self.bins.iter().map(|bin| bin.successes).sum()
    }

    /// Whether requests have become due faster than they were done: in its last quarter clearly more were outstanding than in its
    /// first, by more than a tenth and more than chance alone makes of independent ones (99 %).
    pub fn backlog_grows(&self) -> bool {
        let quarter = self.bins.len() / 4;
        let span = self.width.as_secs_f64() * quarter as f64 / CHUNK.as_secs_f64();
        if span < 1.0 {
            return false;
        }
        let mean = |bins: &[Bin]| bins.iter().map(|bin| bin.outstanding).sum::<u64>() as f64 / span;
        let (first, last) = (mean(&self.bins[..quarter]), mean(&self.bins[self.bins.len() - quarter..]));
        last > 1.1 * first + 2.576 * first.max(1.0).sqrt()
    }

    /// Its steps in at most `most` groups of equally many, without those that are left over at the end; and the time that
    /// each group spans.
    pub fn groups(&self, most: usize) -> (Vec<Bin>, Duration) {
        let group = self.bins.len().div_ceil(most.max(1)).max(1);
        let whole = &self.bins[..self.bins.len() / group * group];
        (grouped(whole, group), self.width * u32::try_from(group).unwrap_or(u32::MAX))
    }
}

fn grouped(bins: &[Bin], group: usize) -> Vec<Bin> {
    bins.chunks(group).map(|bins| bins.iter().fold(Bin::default(), |sum, bin| sum.plus(*bin))).collect()
}

fn index(at: Duration, width: Duration) -> usize {
    usize::try_from(at.as_nanos() / width.as_nanos()).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn bin(successes: u64) -> Bin {
        Bin { successes, seconds: 0.5 * successes as f64, outstanding: successes }
    }

    #[test]
    fn a_long_run_has_no_more_steps_than_a_short_one() {
        let mut series = Series::default();
        for second in 0..86_400 {
            series.add_bin(Duration::from_secs(second), bin(1));
        }
        assert!(series.bins.len() <= MOST && series.bins.len() > MOST / 2, "{}", series.bins.len());
        assert_eq!(series.bins.iter().map(|bin| bin.successes).sum::<u64>(), 86_400);
    }

    #[test]
    fn groups_leave_out_what_the_ends_cut_short() {
        let mut series = Series::default();
        for k in 0..10 {
            series.add_bin(BIN * k, bin(u64::from(k)));
        }
        let counts = |from: u32, to: u32, most| {
            let (groups, width) = series.range(BIN * from / 2, BIN * to).groups(most);
            (groups.iter().map(|bin| bin.successes).collect::<Vec<_>>(), width.as_millis())
        };
        assert_eq!(counts(0, 10, 5), (vec![1, 5, 9, 13, 17], 20));
        assert_eq!(counts(0, 9, 4), (vec![3, 12, 21], 30));
        assert_eq!(counts(15, 12, 4), (vec![8, 9, 0, 0], 10));
        assert_eq!(counts(0, 12, 100).0.len(), 12);
        assert_eq!(counts(0, 0, 100).0.len(), 0);
        assert_eq!(counts(12, 3, 100).0.len(), 0);
    }

    #[test]
    fn a_backlog_that_grows_is_seen_and_one_that_wavers_is_not() {
        let grows = |outstanding: fn(u32) -> u64| {
            let mut series = Series::default();
            for tenth in 0..100 {
                series.add_bin(CHUNK * tenth, Bin { outstanding: outstanding(tenth), ..Bin::default() });
            }
            series.range(Duration::ZERO, CHUNK * 100).backlog_grows()
        };
        assert!(grows(u64::from) && grows(|tenth| 50 + u64::from(tenth)));
        assert!(!grows(|_| 64) && !grows(|tenth| 5 + u64::from(tenth) % 7) && !grows(|_| 0));
        assert!(!grows(|tenth| 100 - u64::from(tenth)));
    }

    proptest! {
        #[test]
        fn coarsening_loses_nothing(at in prop::collection::vec(0_u64..10_000_000, 1..200)) {
            let mut series = Series::default();
            for at in &at {
                series.add_bin(Duration::from_millis(*at), bin(1));
            }
            prop_assert_eq!(series.bins.iter().map(|bin| bin.successes).sum::<u64>(), at.len() as u64);
        }
    }
}
