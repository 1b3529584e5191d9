//! What one replica has answered. Owns that a name of few answers takes little memory: a histogram is made for many only.

use std::time::Duration;

use crate::distribution::Distribution;
use crate::sample::Sample;

/// Response times that are kept one by one: a histogram takes a hundred times as much.
const FEW: usize = 64;

/// Answers, and the response times of the successes among them.
#[derive(Clone, Debug, Default)]
pub struct Served {
    requests: u64,
    errors: u64,
    few: Vec<Duration>,
    many: Option<Box<Distribution>>,
}

impl Served {
    /// Adds an answer.
    pub(super) fn record(&mut self, sample: &Sample) {
        self.requests += 1;
        if sample.outcome.is_success() {
            self.take(sample.response_time());
        } else {
            self.errors += 1;
        }
    }

    /// Adds all of `other`.
    pub(super) fn merge(&mut self, other: &Self) {
        self.requests += other.requests;
        self.errors += other.errors;
        other.few.iter().for_each(|time| self.take(*time));
        if let Some(times) = &other.many {
            self.histogram().merge(times);
        }
    }

    /// How many answers.
    pub fn requests(&self) -> u64 {
        self.requests
    }

    /// Those with a status of 400 and more.
    pub fn errors(&self) -> u64 {
        self.errors
    }

    /// The response times of the successes.
    pub fn times(&self) -> Distribution {
        let mut times = self.many.as_deref().cloned().unwrap_or_default();
        self.few.iter().for_each(|time| times.record(*time));
        times
    }

    fn take(&mut self, time: Duration) {
        if self.many.is_none() && self.few.len() < FEW {
            self.few.push(time);
        } else {
            self.histogram().record(time);
        }
    }

    /// Made when it is needed first, from what was kept one by one.
    fn histogram(&mut self) -> &mut Distribution {
        let few = &mut self.few;
        self.many.get_or_insert_with(|| {
            let mut times = Distribution::new();
            for time in std::mem::take(few) {
                times.record(time);
            }
            Box::new(times)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::Outcome;
    use crate::sample::Phases;
    use http::StatusCode;

    /// So many answers, the first after 1 ms, each 1 ms slower than the one before; every tenth is an error.
    fn served(answers: u64) -> Served {
        let mut served = Served::default();
        for answer in 1..=answers {
            let status = if answer.is_multiple_of(10) { StatusCode::NOT_FOUND } else { StatusCode::OK };
            served.record(&Sample {
                scheduled_at: Duration::ZERO,
                sent_at: Duration::ZERO,
                done_at: Duration::from_millis(answer),
                outcome: Outcome::Answered(status),
                phases: Phases::default(),
            });
        }
        served
    }

    #[test]
    fn few_answers_and_many_tell_the_same() {
        for (answers, has_histogram) in [(0, false), (60, false), (1000, true)] {
            let served = served(answers);
            let times = served.times();
            assert_eq!((served.requests(), served.errors()), (answers, answers / 10));
            assert_eq!((times.count(), served.many.is_some()), (answers - answers / 10, has_histogram));
            assert_eq!(times.min(), (answers > 0).then_some(Duration::from_millis(1)));
        }
    }

    #[test]
    fn merged_ones_add_up() {
        for (one, other) in [(10, 20), (60, 60), (500, 10), (10, 500)] {
            let mut merged = served(one);
            merged.merge(&served(other));
            let mut times = served(one).times();
            times.merge(&served(other).times());
            assert_eq!((merged.requests(), merged.errors()), (one + other, one / 10 + other / 10));
            assert_eq!(merged.times().histogram(), times.histogram());
        }
    }
}
