//! A histogram as Prometheus has them. Owns its edges, and how a finer one is sorted into them.

use std::time::Duration;

use crate::distribution::Distribution;

/// Of 1, 2 and 5 in every decade, from 100 µs to 100 s.
const EDGES: usize = 19;

/// How many durations are not over each edge and over the one before, how many there are, and their sum.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Buckets {
    counts: [u64; EDGES],
    count: u64,
    sum: f64,
}

/// The upper edge of this bucket.
fn edge(index: usize) -> Duration {
    let decade = 10_u64.pow(u32::try_from(index / 3).unwrap_or_default());
    Duration::from_micros(100 * [1, 2, 5][index % 3] * decade)
}

impl Buckets {
    /// Adds all of `distribution`, each to the histogram's three digits.
    pub(super) fn add(&mut self, distribution: &Distribution) {
        let (histogram, mut index) = (distribution.histogram(), 0);
        for step in histogram.iter_recorded() {
            // The lowest of the values that the histogram takes for the same: an edge belongs to its bucket.
            let time = Duration::from_nanos(histogram.lowest_equivalent(step.value_iterated_to()));
            while index < EDGES && time > edge(index) {
                index += 1;
            }
            if let Some(count) = self.counts.get_mut(index) {
                *count += step.count_at_value();
            }
        }
        self.count += distribution.count();
        self.sum += distribution.sum_nanos() as f64 / 1e9;
    }

    /// Edges in seconds, and how many are not over them.
    pub(super) fn cumulative(&self) -> impl Iterator<Item = (f64, u64)> {
        let sums = self.counts.iter().scan(0, |sum, count| {
            *sum += count;
            Some(*sum)
        });
        (0..EDGES).map(|index| edge(index).as_secs_f64()).zip(sums)
    }

    /// How many there are.
    pub(super) fn count(&self) -> u64 {
        self.count
    }

    /// All of them together, in seconds.
    pub(super) fn sum(&self) -> f64 {
        self.sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(micros: &[u64]) -> Buckets {
        let mut all = Distribution::new();
        for micros in micros {
            all.record(Duration::from_micros(*micros));
        }
        let mut buckets = Buckets::default();
        buckets.add(&all);
        buckets
    }

    #[test]
    fn edges_are_one_two_and_five_of_every_decade() {
        let edges: Vec<f64> = Buckets::default().cumulative().map(|(edge, _)| edge).collect();
        assert_eq!(edges[..5], [0.0001, 0.0002, 0.0005, 0.001, 0.002]);
        assert_eq!((edges.len(), edges[EDGES - 1].to_bits()), (EDGES, 100_f64.to_bits()));
    }

    #[test]
    fn what_is_as_long_as_an_edge_is_not_over_it() {
        let below = |micros: u64, edge: f64| {
            of(&[micros]).cumulative().find(|(it, _)| (it - edge).abs() < 1e-9).unwrap().1
        };
        for (micros, edge) in [(100, 0.0001), (1000, 0.001), (50_000, 0.05), (100_000_000, 100.0)] {
            assert_eq!((below(micros, edge), below(micros + micros / 100, edge)), (1, 0), "{edge}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        #[test]
        fn counts_rise_and_none_is_lost(micros in prop::collection::vec(0..1_000_000_000_u64, 0..50)) {
            let buckets = of(&micros);
            prop_assert!(buckets.cumulative().map(|(_, count)| count).is_sorted());
            // What is over the last edge by less than three digits tell may be counted on either side of it.
            let at_most = |limit: u64| micros.iter().filter(|it| **it <= limit).count() as u64;
            let (_, within) = buckets.cumulative().last().unwrap();
            prop_assert!((at_most(100_000_000)..=at_most(100_100_000)).contains(&within));
            prop_assert_eq!(buckets.count(), micros.len() as u64);
            prop_assert!((buckets.sum() - micros.iter().sum::<u64>() as f64 / 1e6).abs() < 1e-6);
        }
    }
}
