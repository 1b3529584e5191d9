//! How much longer probes of a service wait under load. A queue in a closed loop gathers at one service: there the waits grow
//! with the load by S/m for each client, and elsewhere they stay.

use serde::{Deserialize, Serialize};

use super::elasticity::Point;

/// From the lightest load to the step that is judged.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Growth {
    /// The service, by its place.
    #[serde(skip)]
    pub(super) what: usize,
    /// Its name.
    pub(super) of: String,
    /// Places of the two steps.
    pub(super) between_steps: [usize; 2],
    /// What a probe waits at each.
    pub(super) wait_seconds: [f64; 2],
    /// Their difference.
    #[serde(rename = "growth_seconds")]
    pub(super) seconds: f64,
    /// Half of its 95 % interval.
    #[serde(rename = "growth_half_width_seconds")]
    pub(super) half_width_seconds: Option<f64>,
    /// The growth over that of the time that a cycle takes; `None` if that is not known, or did not grow.
    #[serde(rename = "share_of_cycle_growth")]
    pub(super) share_of_cycle: Option<f64>,
}

/// Less than this share of a cycle is nothing that matters.
pub(crate) const MATTERS: f64 = 0.1;

/// Growth beyond this share of the largest is a rival.
const RIVAL: f64 = 0.5;

/// A queue that a cycle passes through once takes longer by as much as the cycle does: below this share there must be more.
const MOST_OF_IT: f64 = 0.5;

/// In units of 1/X, what probes wait at least where a single server is never idle is half a unit: D = 1/X there, of which half is
/// left on average (Kleinrock, Queueing Systems I, 1975, 5.2). Half of that again for what a unit visits twice.
const NEVER_IDLE: f64 = 0.25;

/// In the same units, what it must have grown by: a probe may take long without a queue.
const MORE_BUSY: f64 = 0.1;

impl Growth {
    /// From `light` to `heavy`; `None` unless the service was probed at both.
    pub(super) fn of(points: &[Point], name: &str, what: usize, light: usize, heavy: usize) -> Option<Self> {
        let wait = |step: usize| points[step].waits.get(what).copied().flatten();
        let (before, after) = (wait(light)?, wait(heavy)?);
        let growth = after.mean - before.mean;
        let half = before.half_width.zip(after.half_width).map(|(one, other)| one.hypot(other));
        let cycles = points[light].cycle.zip(points[heavy].cycle);
        let longer = cycles.map(|(light, heavy)| (heavy - light, heavy));
        let longer = longer.filter(|(longer, cycle)| *longer > MATTERS * cycle);
        Some(Self {
            what,
            of: name.to_owned(),
            between_steps: [light, heavy],
            wait_seconds: [before.mean, after.mean],
            seconds: growth,
            half_width_seconds: half,
            share_of_cycle: longer.map(|(longer, _)| growth / longer),
        })
    }

    /// Enough to matter to whoever waits for a whole cycle.
    pub(super) fn matters(&self, cycle: Option<f64>) -> bool {
        self.seconds >= cycle.map_or(self.wait_seconds[0], |cycle| MATTERS * cycle)
    }

    /// Beyond chance.
    pub(super) fn is_certain(&self) -> bool {
        self.half_width_seconds.is_some_and(|half| self.seconds - half > 0.0)
    }

    /// Whether there is nothing else that a cycle waits longer for, as far as that is known.
    pub(super) fn explains_the_cycle(&self) -> bool {
        self.share_of_cycle.is_none_or(|share| share > MOST_OF_IT)
    }

    /// Whether what is probed may never have been idle, at so many units a second.
    fn may_be_full(&self, throughput: f64) -> bool {
        self.wait_seconds[1] * throughput > NEVER_IDLE && self.seconds * throughput > MORE_BUSY
    }
}

/// Those of `growths` that matter beyond chance, at a step of that `cycle` and `throughput`, largest first, and whoever may be
/// what they wait for: who lets only a few at a time through to a service that is full keeps all others waiting itself.
pub(super) fn grown<'a>(
    growths: impl IntoIterator<Item = &'a Growth>,
    cycle: Option<f64>,
    throughput: f64,
) -> Vec<&'a Growth> {
    let mut grown: Vec<&Growth> = growths.into_iter().filter(|growth| growth.is_certain()).collect();
    grown.sort_by(|one, other| other.seconds.total_cmp(&one.seconds));
    let Some(most) = grown.first().filter(|first| first.matters(cycle)).map(|first| first.seconds) else {
        return Vec::new();
    };
    let is_rival =
        |it: &&Growth| (it.matters(cycle) && it.seconds > RIVAL * most) || it.may_be_full(throughput);
    grown.retain(is_rival);
    grown
}

#[cfg(test)]
mod tests {
    use super::super::elasticity::tests::point;
    use super::*;

    fn growths(light: &[f64], heavy: &[f64]) -> Vec<Growth> {
        let points = [point(&[1.0], 3.33, light), point(&[10.0], 10.0, heavy)];
        (0..light.len()).filter_map(|what| Growth::of(&points, "s", what, 0, 1)).collect()
    }

    fn grown_places(light: &[f64], heavy: &[f64]) -> Vec<usize> {
        grown(&growths(light, heavy), Some(1.0), 10.0).iter().map(|growth| growth.what).collect()
    }

    #[test]
    fn a_queue_explains_what_a_cycle_takes_longer() {
        let growths = growths(&[0.017, 0.001], &[0.75, 0.001]);
        let share = growths[0].share_of_cycle.unwrap();
        assert!((share - 1.047).abs() < 0.01, "{share}");
        assert!(growths[0].explains_the_cycle() && !growths[1].explains_the_cycle());
        assert_eq!(grown_places(&[0.017, 0.001], &[0.75, 0.001]), [0]);
    }

    #[test]
    fn growth_that_matters_to_nobody_is_none_and_equals_are_rivals() {
        assert!(grown_places(&[0.001, 0.001], &[0.004, 0.001]).is_empty());
        assert_eq!(grown_places(&[0.01, 0.01], &[0.3, 0.31]), [1, 0]);
        assert_eq!(grown_places(&[0.01, 0.001], &[0.02, 0.31]), [1]);
    }

    /// A pool that lets four at a time through to a database keeps the others waiting, and the database is full.
    #[test]
    fn a_shorter_queue_is_a_rival_where_the_service_may_be_full() {
        assert_eq!(grown_places(&[0.001, 0.01], &[0.9, 0.05]), [0, 1]);
    }
}
