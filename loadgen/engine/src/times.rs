//! Times of requests of which some were not waited for to the end. Owns what those still tell.

use std::time::Duration;

use hdrhistogram::Histogram;

use crate::distribution::Distribution;

/// Response times: of requests that ended, and what the others waited at least.
#[derive(Clone, Debug, Default)]
pub struct Times {
    ended: Distribution,
    censored: Distribution,
    /// The censored ones are not like those that ended before them.
    informative: bool,
}

/// A quantile, as far as it is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quantile {
    /// The quantile, or what it is at least.
    pub time: Duration,
    /// It is at least so much: too few of the longest requests were waited for to say more.
    pub lower_bound: bool,
}

impl Times {
    /// Of requests that ended, and of those that were given up after so long.
    pub fn new(ended: Distribution, censored: Distribution) -> Self {
        Self { ended, censored, informative: false }
    }

    /// With censoring that may be informative: what was given up would have taken longer than what ended before, as in a queue
    /// that grows.
    #[must_use]
    pub fn with_informative_censoring(self, informative: bool) -> Self {
        Self { informative, ..self }
    }

    /// Whether what was given up may have taken longer than what ended before.
    pub fn is_censoring_informative(&self) -> bool {
        self.informative
    }

    /// Adds a request that ended after `time`.
    pub fn record(&mut self, time: Duration) {
        self.ended.record(time);
    }

    /// Adds a request that had not ended after `time`.
    pub fn record_censored(&mut self, time: Duration) {
        self.censored.record(time);
    }

    /// Adds all of `other`.
    pub fn merge(&mut self, other: &Self) {
        self.ended.merge(&other.ended);
        self.censored.merge(&other.censored);
        self.informative |= other.informative;
    }

    /// Forgets everything, and keeps the memory.
    pub fn clear(&mut self) {
        self.ended.clear();
        self.censored.clear();
        self.informative = false;
    }

    /// How many requests there are.
    pub fn count(&self) -> u64 {
        self.ended.count() + self.censored.count()
    }

    /// Of the requests that ended.
    pub fn ended(&self) -> &Distribution {
        &self.ended
    }

    /// What the others waited at least.
    pub fn censored(&self) -> &Distribution {
        &self.censored
    }

    /// Both together: every number of it is exact without censored requests, and a lower bound with them.
    pub fn at_least(&self) -> Distribution {
        let mut all = self.ended.clone();
        all.merge(&self.censored);
        all
    }

    /// The time that a share `quantile` (0 to 1) of all stay within; `None` without requests.
    pub fn quantile(&self, quantile: f64) -> Option<Quantile> {
        self.quantiles(&[quantile]).pop()
    }

    /// The quantiles of these shares, which rise; none without requests.
    ///
    /// A request that was given up after c says nothing about times below c, and only that much about those above: the
    /// product-limit estimate S(t) = Π(1 − dᵢ/nᵢ) over the times tᵢ ≤ t at which dᵢ of the nᵢ requests still waited for
    /// ended is the share that takes longer than t. It is 1 less the plain share where nothing was given up. Where S never
    /// falls to 1 − quantile, the longest time seen is a lower bound.
    ///
    /// The estimate supposes that requests given up after c go on like others that took so long. Where they may not (informative
    /// censoring), they may be arbitrarily late: the quantile is known only where so many requests ended within it, as many as
    /// chance may make too few (2.58·√(n·q·(1 − q)) of n, 99 %) aside. The others are bounds: what the quantile would be if
    /// everything that was given up had ended just then.
    ///
    /// Source: E. L. Kaplan and P. Meier, "Nonparametric Estimation from Incomplete Observations", 1958; for the bounds, C. F.
    /// Manski, "Partial Identification of Probability Distributions", 2003, ch. 1.
    pub fn quantiles(&self, quantiles: &[f64]) -> Vec<Quantile> {
        let Some(longest) = self.ended.max().max(self.censored.max()) else { return Vec::new() };
        let mut found = Vec::with_capacity(quantiles.len());
        let (mut survival, mut ended) = (Survival::of(self.count()), 0);
        for step in steps(self.ended.histogram(), self.censored.histogram()) {
            let longer = survival.step(step.ended, step.censored);
            ended += step.ended;
            let reached = |quantile: f64| step.ended > 0 && 1.0 - longer + ROUNDING >= quantile;
            while let Some(quantile) = quantiles.get(found.len())
                && reached(*quantile)
            {
                if !self.is_known(*quantile, ended) {
                    self.add_bounds(quantiles, longest, &mut found);
                    return found;
                }
                let time = self.ended.within_extremes(step.time);
                found.push(Quantile { time, lower_bound: false });
            }
        }
        self.add_bounds(quantiles, longest, &mut found);
        found
    }

    fn add_bounds(&self, quantiles: &[f64], longest: Duration, found: &mut Vec<Quantile>) {
        if !self.informative {
            return found.resize(quantiles.len(), Quantile { time: longest, lower_bound: true });
        }
        let all = self.at_least();
        let least = found.last().map(|it| it.time).unwrap_or_default();
        for quantile in &quantiles[found.len()..] {
            let time = all.quantile(*quantile).unwrap_or(longest).max(least);
            found.push(Quantile { time, lower_bound: true });
        }
    }

    /// Whether the `ended` requests that took no longer are so many of all that the quantile is no longer either.
    fn is_known(&self, quantile: f64, ended: u64) -> bool {
        if !self.informative {
            return true;
        }
        let count = self.count() as f64;
        let chance = NORMAL_99 * (count * quantile * (1.0 - quantile)).sqrt();
        ended as f64 + chance + ROUNDING >= count * quantile
    }

    /// The share of all from which on quantiles are lower bounds; `None` if all are exact.
    pub fn lower_bound_from(&self) -> Option<f64> {
        let (mut survival, mut ended, mut from) = (Survival::of(self.count()), 0, None);
        for step in steps(self.ended.histogram(), self.censored.histogram()) {
            let reached = 1.0 - survival.step(step.ended, step.censored);
            ended += step.ended;
            if !self.is_known(reached, ended) {
                return Some(from.unwrap_or_default());
            }
            from = Some(reached);
        }
        from.filter(|reached| 1.0 - reached > ROUNDING)
    }
}

/// Differences below this are rounding.
const ROUNDING: f64 = 1e-12;

/// What a normal variable stays within 99 times in 100.
const NORMAL_99: f64 = 2.576;

/// S(t), step by step. The product is kept as one quotient as long as nothing is censored, so that it is exact there.
struct Survival {
    waited_for: u64,
    /// S at the last censored request, and how many were waited for after it.
    base: (f64, u64),
}

impl Survival {
    fn of(count: u64) -> Self {
        Self { waited_for: count, base: (1.0, count) }
    }

    /// S after `ended` requests ended, and `censored` more were given up at the same time.
    fn step(&mut self, ended: u64, censored: u64) -> f64 {
        self.waited_for -= ended;
        let (share, of) = self.base;
        let survival = share * self.waited_for as f64 / of.max(1) as f64;
        if censored > 0 {
            self.waited_for -= censored;
            self.base = (survival, self.waited_for);
        }
        survival
    }
}

/// What happened at one time, in nanoseconds.
struct Step {
    time: u64,
    ended: u64,
    censored: u64,
}

/// The times of both, in order.
fn steps<'a>(ended: &'a Histogram<u64>, censored: &'a Histogram<u64>) -> impl Iterator<Item = Step> + 'a {
    let recorded = |histogram: &'a Histogram<u64>| {
        histogram.iter_recorded().map(|it| (it.value_iterated_to(), it.count_at_value())).peekable()
    };
    let (mut ended, mut censored) = (recorded(ended), recorded(censored));
    std::iter::from_fn(move || {
        let next = [ended.peek(), censored.peek()].into_iter().flatten().map(|(time, _)| *time).min()?;
        let ended = ended.next_if(|(time, _)| *time == next).map_or(0, |(_, count)| count);
        let censored = censored.next_if(|(time, _)| *time == next).map_or(0, |(_, count)| count);
        Some(Step { time: next, ended, censored })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const fn ms(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    fn times(ended: &[u64], censored: &[u64]) -> Times {
        let mut times = Times::default();
        for millis in ended {
            times.record(ms(*millis));
        }
        for millis in censored {
            times.record_censored(ms(*millis));
        }
        times
    }

    /// To the histogram's three digits.
    fn assert_near(quantile: Quantile, millis: u64) {
        let off = quantile.time.as_secs_f64() / ms(millis).as_secs_f64() - 1.0;
        assert!(off.abs() < 1e-3 && !quantile.lower_bound, "{quantile:?} is not {millis} ms");
    }

    #[test]
    fn requests_given_up_early_do_not_make_the_service_look_fast() {
        // One takes 100 ms, half of the others were given up at 10 ms: nothing says that those were any faster.
        let times = times(&[100; 50], &[10; 50]);
        assert_near(times.quantile(0.01).unwrap(), 100);
        assert_eq!(times.lower_bound_from(), None);
    }

    #[test]
    fn the_textbook_estimate_is_met() {
        // Ended at 1, 3, 4; given up at 2 and 5. S: 4/5 after 1, 4/5·2/3 after 3, 4/5·1/3 after 4.
        let times = times(&[1, 3, 4], &[2, 5]);
        assert_near(times.quantile(0.2).unwrap(), 1);
        assert_near(times.quantile(0.21).unwrap(), 3);
        assert_near(times.quantile(0.46).unwrap(), 3);
        assert_near(times.quantile(0.47).unwrap(), 4);
        let beyond = times.quantile(0.74).unwrap();
        assert_eq!(beyond, Quantile { time: ms(5), lower_bound: true });
        assert!((times.lower_bound_from().unwrap() - 11.0 / 15.0).abs() < 1e-9);
    }

    #[test]
    fn timeouts_hold_the_upper_quantiles_up() {
        let times = times(&[1; 99], &[20_000]);
        assert_near(times.quantile(0.99).unwrap(), 1);
        assert_eq!(times.quantile(0.995), Some(Quantile { time: ms(20_000), lower_bound: true }));
    }

    /// One request each 50 ms at a server that takes 100 ms for each, for 10 s: half of them have their answer by then.
    fn growing_queue() -> Times {
        let (mut times, second) = (Times::default(), ms(1000));
        for k in 0..200 {
            let (due, done) = (ms(50 * k), ms(100 * (k + 1)));
            if done <= 10 * second {
                times.record(done.saturating_sub(due));
            } else {
                times.record_censored((10 * second).saturating_sub(due));
            }
        }
        times.with_informative_censoring(true)
    }

    #[test]
    fn in_a_growing_queue_quantiles_are_bounds_below_what_they_would_have_been() {
        let times = growing_queue();
        // All answered, they would have taken from 0.1 s to 10.05 s.
        for (quantile, truth) in [(0.5, 5_050), (0.9, 9_050), (0.99, 9_950), (1.0, 10_050)] {
            let found = times.quantile(quantile).unwrap();
            assert!(found.lower_bound && found.time <= ms(truth) && found.time >= ms(2000), "{found:?}");
        }
        assert!(times.lower_bound_from().unwrap() < 0.5);
    }

    #[test]
    fn a_few_in_flight_leave_quantiles_known_even_if_they_may_be_late() {
        let mut times = Times::default().with_informative_censoring(true);
        for k in 0..100_000_u64 {
            times.record(Duration::from_micros(1000 + k * 7919 % 5000));
        }
        (0..64).for_each(|k| times.record_censored(Duration::from_micros(60 * k)));
        for quantile in [0.5, 0.99] {
            assert!(!times.quantile(quantile).unwrap().lower_bound, "{quantile}");
        }
        assert!(times.quantile(1.0).unwrap().lower_bound);
    }

    #[test]
    fn nothing_has_no_quantile_and_only_censored_requests_a_bound() {
        assert_eq!(Times::default().quantile(0.5), None);
        let waiting = times(&[], &[7, 9]);
        assert_eq!(waiting.quantile(0.5), Some(Quantile { time: ms(9), lower_bound: true }));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn without_censoring_it_is_the_plain_quantile(
            millis in prop::collection::vec(1u64..10_000, 1..100), quantile in 0.0..=1.0,
        ) {
            let times = times(&millis, &[]);
            let plain = times.ended().quantile(quantile);
            prop_assert_eq!(times.quantile(quantile).map(|it| it.time), plain);
            prop_assert_eq!(times.lower_bound_from(), None);
        }

        #[test]
        fn a_censored_request_never_lowers_a_quantile(
            ended in prop::collection::vec(1u64..1000, 1..50),
            censored in prop::collection::vec(1u64..1000, 0..50),
            quantile in 0.0..=1.0,
        ) {
            let with = times(&ended, &censored);
            let all: Vec<u64> = ended.iter().chain(&censored).copied().collect();
            let (with, plain) = (with.quantile(quantile).unwrap(), times(&all, &[]).quantile(quantile).unwrap());
            prop_assert!(with.time.as_secs_f64() * 1.001 >= plain.time.as_secs_f64(), "{with:?} {plain:?}");
        }
    }
}
