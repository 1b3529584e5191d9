//! How much longer probes of a service wait under load. A queue in a closed loop gathers at one service: there the waits grow
//! with the load by S/m for each client, and elsewhere they stay.

use serde::Serialize;

use super::elasticity::Point;

/// From the lightest load to the step that is judged.
#[derive(Clone, Debug, PartialEq, Serialize)]
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
const MATTERS: f64 = 0.1;

/// Growth beyond this share of the largest is a rival.
const RIVAL: f64 = 0.5;

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

    /// Beyond chance, and enough to matter to whoever waits for a whole cycle.
    fn matters(&self, cycle: Option<f64>) -> bool {
        let least = match cycle {
            Some(cycle) => MATTERS * cycle,
            None => self.wait_seconds[0],
        };
        let certain = self.half_width_seconds.is_some_and(|half| self.seconds - half > 0.0);
        certain && self.seconds >= least
    }
}

/// Those whose waits grow, largest first: that where they grow most, and its rivals.
pub(super) fn grown(growths: &[Growth], cycle: Option<f64>) -> Vec<&Growth> {
    let mut grown: Vec<&Growth> = growths.iter().filter(|growth| growth.matters(cycle)).collect();
    grown.sort_by(|one, other| other.seconds.total_cmp(&one.seconds));
    let most = grown.first().map_or(0.0, |first| first.seconds);
    grown.retain(|growth| growth.seconds > RIVAL * most);
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

    #[test]
    fn a_queue_explains_what_a_cycle_takes_longer() {
        let growths = growths(&[0.017, 0.001], &[0.75, 0.001]);
        let share = growths[0].share_of_cycle.unwrap();
        assert!((share - 1.047).abs() < 0.01, "{share}");
        let grown = grown(&growths, Some(1.0));
        assert_eq!(grown.iter().map(|growth| growth.what).collect::<Vec<_>>(), [0]);
    }

    #[test]
    fn growth_that_matters_to_nobody_is_none_and_equals_are_rivals() {
        assert!(grown(&growths(&[0.001, 0.001], &[0.004, 0.001]), Some(1.0)).is_empty());
        assert_eq!(grown(&growths(&[0.01, 0.01], &[0.3, 0.31]), Some(1.0)).len(), 2);
        assert_eq!(grown(&growths(&[0.01, 0.01], &[0.1, 0.31]), Some(1.0)).len(), 1);
    }
}
