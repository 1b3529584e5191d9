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
#[path = "times_tests.rs"]
mod tests;
