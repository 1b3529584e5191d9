//! From figures to places. Owns how long an axis is and which of its figures are written.

/// As many spaces between ticks as an axis has at most.
const SPACES: f64 = 5.0;

/// Beyond these there is no round figure to end at.
const SMALLEST: f64 = 1e-300;
const LARGEST: f64 = 1e300;

/// How far an axis goes on beyond what must have room on it.
const BEYOND: f64 = 1.04;

/// A linear axis, from 0 or on both sides of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Scale {
    step: f64,
    least: f64,
    most: f64,
    /// Where the least figure is, and where the most.
    ends: (f64, f64),
}

impl Scale {
    /// An axis on which `largest` has room, drawn from one of `ends` to the other. Ticks are `least` apart, or more.
    pub(super) fn up_to(largest: f64, least: f64, ends: (f64, f64)) -> Self {
        let largest = if largest > SMALLEST { largest.min(LARGEST) } else { least.max(1.0) };
        let step = round_up(largest / SPACES).max(least);
        Self { step, least: 0.0, most: BEYOND * largest.max(least), ends }
    }

    /// An axis on which 0 has room, and everything from `low` to `high`.
    pub(super) fn across([low, high]: [f64; 2], ends: (f64, f64)) -> Self {
        let held = |end: f64| if end.is_nan() { 0.0 } else { end.clamp(-LARGEST, LARGEST) };
        let (low, high) = (held(low).min(0.0), held(high).max(0.0));
        let span = if high - low > SMALLEST { high - low } else { 1.0 };
        let room = (BEYOND - 1.0) * span;
        Self { step: round_up(span / SPACES), least: low - room, most: high + room, ends }
    }

    /// Where `value` is, which is held to the axis.
    pub(super) fn at(&self, value: f64) -> f64 {
        let share = (value - self.least) / (self.most - self.least);
        // Of what is no number there is nothing.
        let share = if share.is_nan() { 0.0 } else { share.clamp(0.0, 1.0) };
        self.ends.0 + share * (self.ends.1 - self.ends.0)
    }

    /// The figures to write, and where.
    pub(super) fn ticks(&self) -> Vec<(String, f64)> {
        let decimals = if self.step < 1.0 { -self.step.log10().floor() } else { 0.0 };
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a few, and decimals are not negative"
        )]
        let (decimals, first, last) = (
            decimals as usize,
            (self.least / self.step).ceil() as i32,
            (self.most / self.step).floor() as i32,
        );
        let values = (first..=last).map(|index| f64::from(index) * self.step);
        values.map(|value| (format!("{value:.decimals$}"), self.at(value))).collect()
    }
}

/// The least of 1, 2, 5, 10, 20, … and their tenths that is not below `value`, which is above 0.
fn round_up(value: f64) -> f64 {
    let power = 10_f64.powf(value.log10().floor());
    let steps = [1.0, 2.0, 5.0, 10.0].map(|digit| digit * power);
    steps.into_iter().find(|step| *step >= value * (1.0 - 1e-9)).unwrap_or(10.0 * power)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(largest: f64, least: f64) -> String {
        let ticks = Scale::up_to(largest, least, (0.0, 100.0)).ticks();
        ticks.into_iter().map(|(text, _)| text).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn ticks_are_at_round_figures_up_to_the_largest() {
        assert_eq!(written(30.0, 0.0), "0 10 20 30");
        assert_eq!(written(33.2, 0.0), "0 10 20 30");
        assert_eq!(written(10.0, 1.0), "0 2 4 6 8 10");
        assert_eq!(written(0.75, 0.0), "0.0 0.2 0.4 0.6");
        assert_eq!(written(0.042, 0.0), "0.00 0.01 0.02 0.03 0.04");
        assert_eq!(written(1000.0, 1.0), "0 200 400 600 800 1000");
    }

    #[test]
    fn counts_have_whole_ticks_and_nothing_still_has_an_axis() {
        assert_eq!(written(2.0, 1.0), "0 1 2");
        assert_eq!([0.0, -1.0, f64::NAN, 5e-324].map(|largest| written(largest, 1.0)), ["0 1"; 4]);
        assert!(written(5e-324, 0.0).starts_with("0.0 0.2") && written(f64::INFINITY, 0.0).starts_with("0 "));
    }

    #[test]
    fn an_axis_across_nothing_has_ticks_on_both_of_its_sides() {
        let written = |ends| {
            let ticks = Scale::across(ends, (0.0, 100.0)).ticks();
            ticks.into_iter().map(|(text, _)| text).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(written([-5.2, 3.0]), "-4 -2 0 2");
        assert_eq!(written([0.5, 3.0]), "0 1 2 3");
        assert_eq!(written([-0.3, -0.1]), "-0.3 -0.2 -0.1 0.0");
        assert_eq!([[0.0, 0.0], [f64::NAN, f64::NAN]].map(written), ["0.0"; 2]);
        assert!(written([f64::NEG_INFINITY, f64::INFINITY]).contains(" 0 "));
        let scale = Scale::across([-1.0, 1.0], (0.0, 108.0));
        assert_eq!(
            [-1.04, 0.0, 1.04].map(|value| format!("{:.3}", scale.at(value))),
            ["2.000", "54.000", "106.000"]
        );
    }

    #[test]
    fn figures_are_placed_in_proportion_and_stay_on_the_axis() {
        let scale = Scale::up_to(10.0, 0.0, (300.0, 100.0));
        let places = [0.0, 5.2, 10.4, 99.0, -1.0].map(|value| format!("{:.6}", scale.at(value)));
        assert_eq!(places.join(" "), "300.000000 200.000000 100.000000 100.000000 300.000000");
    }
}
