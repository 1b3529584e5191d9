//! What more of one thing has bought: how throughput follows the number of replicas of one service, or the load, while all
//! else stays. A pure function of what was seen.

use serde::{Deserialize, Serialize};

/// A figure with half of its 95 % interval; `None` if too little was seen to tell.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Figure {
    pub(super) mean: f64,
    pub(super) half_width: Option<f64>,
}

/// A step as it is judged.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Point {
    /// Replicas of each service; the load generator's amount last. `None` where there is none.
    pub(super) amounts: Vec<Option<f64>>,
    /// Clients (N), or requests a second.
    pub(super) load: Option<f64>,
    /// N/X by Little's law in a closed loop, in seconds; the mean response time in an open one.
    pub(super) cycle: Option<f64>,
    pub(super) throughput: Figure,
    /// What a probe of each service waits, in seconds.
    pub(super) waits: Vec<Option<Figure>>,
}

/// e = ln(X₂/X₁) / ln(k₂/k₁) for two steps that differ in one amount k only: 1 where throughput follows it, 0 where it does
/// not care. The arc elasticity of economics, taken in logarithms (Allen, 1934); its half width is that of ln(X₂/X₁), to first
/// order √((h₁/X₁)² + (h₂/X₂)²), over ln(k₂/k₁).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Elasticity {
    /// What differs, by its place: a service, or after them the load generator's amount.
    #[serde(skip)]
    pub(super) what: usize,
    /// Its name.
    pub(super) of: String,
    /// Places of the two steps; the first has less of it.
    pub(super) between_steps: [usize; 2],
    /// How much there was of it.
    pub(super) amounts: [f64; 2],
    /// X₂/X₁.
    pub(super) throughput_ratio: f64,
    /// Half of its 95 % interval.
    pub(super) throughput_ratio_half_width: Option<f64>,
    /// e.
    #[serde(rename = "elasticity")]
    pub(super) value: f64,
    /// Half of its 95 % interval.
    #[serde(rename = "elasticity_half_width")]
    pub(super) half_width: Option<f64>,
}

/// Below this, interval included, more has bought nothing.
const NOTHING: f64 = 0.2;

/// Above this, interval included, more has bought throughput.
const SOMETHING: f64 = 0.5;

/// Above this throughput follows.
const FOLLOWS: f64 = 0.9;

impl Elasticity {
    /// More of it left throughput as it was.
    pub(super) fn bought_nothing(&self) -> bool {
        self.half_width.is_some_and(|half| self.value + half < NOTHING)
    }

    /// More of it gave more throughput.
    pub(super) fn bought(&self) -> bool {
        self.half_width.is_some_and(|half| self.value - half > SOMETHING)
    }

    /// Too little was seen to tell.
    pub(super) fn is_vague(&self) -> bool {
        self.half_width.is_none_or(|half| half >= NOTHING)
    }

    /// Throughput went up as it did.
    pub(super) fn was_followed(&self) -> bool {
        !self.is_vague() && self.value > FOLLOWS
    }

    /// Between two steps that differ in `what`; `None` if there is none of it.
    pub(super) fn of(points: &[Point], names: &[String], what: usize, mut pair: [usize; 2]) -> Option<Self> {
        let amount = |step: usize| points[step].amounts[what];
        if amount(pair[0]) > amount(pair[1]) {
            pair.reverse();
        }
        let amounts = [amount(pair[0])?, amount(pair[1])?];
        let [less, more] = pair.map(|step| points[step].throughput);
        let (ratio, factor) = (more.mean / less.mean, (amounts[1] / amounts[0]).ln());
        let share = |figure: Figure| figure.half_width.map(|half| half / figure.mean);
        let spread = share(less).zip(share(more)).map(|(one, other)| one.hypot(other));
        Some(Self {
            what,
            of: names.get(what)?.clone(),
            between_steps: pair,
            amounts,
            throughput_ratio: ratio,
            throughput_ratio_half_width: spread.map(|spread| spread * ratio),
            value: ratio.ln() / factor,
            half_width: spread.map(|spread| spread / factor),
        })
    }
}

/// The elasticity between each step and the nearest one before it that differs in one amount only, for each such amount.
pub(super) fn elasticities(points: &[Point], names: &[String]) -> Vec<Elasticity> {
    let mut found: Vec<Elasticity> = Vec::new();
    for later in 1..points.len() {
        let mut known = Vec::new();
        for earlier in (0..later).rev() {
            let Some(what) = only_difference(&points[earlier], &points[later]) else { continue };
            if !known.contains(&what) {
                known.push(what);
                found.extend(Elasticity::of(points, names, what, [earlier, later]));
            }
        }
    }
    found
}

fn only_difference(one: &Point, other: &Point) -> Option<usize> {
    let mut differ =
        one.amounts.iter().zip(&other.amounts).enumerate().filter(|(_, (one, other))| one != other);
    let (what, _) = differ.next()?;
    differ.next().is_none().then_some(what)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A step with `amounts` and what came of it.
    pub(in crate::blackbox) fn point(amounts: &[f64], throughput: f64, waits: &[f64]) -> Point {
        let load = amounts.last().copied();
        let figure = |mean: f64| Figure { mean, half_width: Some(mean / 100.0) };
        Point {
            amounts: amounts.iter().copied().map(Some).collect(),
            load,
            cycle: load.map(|load| load / throughput),
            throughput: figure(throughput),
            waits: waits.iter().map(|wait| Some(figure(*wait))).collect(),
        }
    }

    fn names() -> Vec<String> {
        ["rng", "worker"].map(str::to_owned).into()
    }

    #[test]
    fn steps_that_differ_in_one_amount_are_compared_with_the_nearest_before() {
        let points =
            [point(&[1.0, 1.0], 3.3, &[]), point(&[1.0, 10.0], 10.0, &[]), point(&[2.0, 10.0], 20.0, &[])];
        let found = elasticities(&points, &names());
        let pairs: Vec<_> = found.iter().map(|it| (it.of.as_str(), it.between_steps)).collect();
        assert_eq!(pairs, [("worker", [0, 1]), ("rng", [1, 2])]);
        assert!((found[1].value - 1.0).abs() < 1e-9 && found[1].bought() && found[1].was_followed());
        assert!(!found[0].bought_nothing() && !found[0].was_followed());
    }

    #[test]
    fn what_bought_nothing_is_known_only_with_an_interval() {
        let mut points = [point(&[1.0, 4.0], 50.0, &[]), point(&[2.0, 4.0], 50.2, &[])];
        assert!(elasticities(&points, &names())[0].bought_nothing());
        points[1].throughput.half_width = None;
        let unknown = &elasticities(&points, &names())[0];
        assert!(!unknown.bought_nothing() && !unknown.bought() && !unknown.was_followed());
    }

    #[test]
    fn scaling_down_is_the_same_pair_the_other_way_round() {
        let points = [point(&[3.0, 10.0], 30.0, &[]), point(&[1.0, 10.0], 10.0, &[])];
        let found = &elasticities(&points, &names())[0];
        assert_eq!((found.between_steps, found.amounts), ([1, 0], [1.0, 3.0]));
        assert!((found.value - 1.0).abs() < 1e-9);
    }
}
