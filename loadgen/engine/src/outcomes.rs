//! How many requests ended how. Owns counting them fast: nearly all of a run end alike.

use std::collections::BTreeMap;

use crate::outcome::Outcome;

/// Requests by how they ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcomes {
    /// The outcome of the last request, and how many had it since it was last another.
    run: Option<(Outcome, u64)>,
    counts: BTreeMap<Outcome, u64>,
}

impl Outcomes {
    /// Counts `count` requests that ended like this.
    pub fn add(&mut self, outcome: Outcome, count: u64) {
        if let Some((last, counted)) = &mut self.run
            && *last == outcome
        {
            *counted += count;
        } else if let Some((last, counted)) = self.run.replace((outcome, count)) {
            *self.counts.entry(last).or_default() += counted;
        }
    }

    /// Adds all of `other`.
    pub fn merge(&mut self, other: &Self) {
        other.iter().for_each(|(outcome, count)| self.add(outcome, count));
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// How many ended like this.
    pub fn of(&self, outcome: Outcome) -> u64 {
        self.count(|other| other == outcome)
    }

    /// How many ended in a way that `which` is true of.
    pub fn count(&self, which: impl Fn(Outcome) -> bool) -> u64 {
        self.parts().filter(|(outcome, _)| which(*outcome)).map(|(_, count)| count).sum()
    }

    /// How many there are.
    pub fn total(&self) -> u64 {
        self.count(|_| true)
    }

    /// Each outcome once, in order, and how many had it.
    pub fn iter(&self) -> impl Iterator<Item = (Outcome, u64)> {
        let mut counts = self.counts.clone();
        if let Some((last, counted)) = self.run {
            *counts.entry(last).or_default() += counted;
        }
        counts.into_iter()
    }

    fn parts(&self) -> impl Iterator<Item = (Outcome, u64)> {
        self.counts.iter().map(|(outcome, count)| (*outcome, *count)).chain(self.run)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::{Censoring, Failure};
    use http::StatusCode;
    use proptest::prelude::*;

    const KINDS: [Outcome; 3] = [
        Outcome::Answered(StatusCode::OK),
        Outcome::Failed(Failure::Reset),
        Outcome::Censored(Censoring::TimedOut),
    ];

    proptest! {
        #[test]
        fn each_is_counted_once_in_whatever_order_and_in_parts(
            ended in prop::collection::vec(0..KINDS.len(), 0..60), cut in 0..60_usize,
        ) {
            let count = |part: &[usize]| {
                let mut outcomes = Outcomes::default();
                for kind in part {
                    outcomes.add(KINDS[*kind], 1);
                }
                outcomes
            };
            let (first, second) = ended.split_at(cut.min(ended.len()));
            let mut merged = count(first);
            merged.merge(&count(second));
            for (kind, outcome) in KINDS.into_iter().enumerate() {
                let expected = ended.iter().filter(|it| **it == kind).count() as u64;
                prop_assert_eq!((merged.of(outcome), count(&ended).of(outcome)), (expected, expected));
            }
            prop_assert_eq!(merged.total(), ended.len() as u64);
            prop_assert!(merged.iter().map(|(outcome, _)| outcome).is_sorted());
        }
    }
}
