//! From figures to places. Owns how long an axis is and which of its figures are written.

/// As many spaces between ticks as an axis has at most.
const SPACES: f64 = 5.0;

/// Beyond this there is no round figure to end at.
const LARGEST: f64 = 1e300;

/// How far an axis goes on beyond what must have room on it.
const BEYOND: f64 = 1.04;

/// A linear axis from 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Scale {
    step: f64,
    most: f64,
    /// Where 0 is, and where the last figure is.
    ends: (f64, f64),
}

impl Scale {
    /// An axis on which `largest` has room, drawn from one of `ends` to the other. Ticks are `least` apart, or more.
    pub(super) fn up_to(largest: f64, least: f64, ends: (f64, f64)) -> Self {
        let largest = if largest > 0.0 { largest.min(LARGEST) } else { least.max(1.0) };
        let step = round_up(largest / SPACES).max(least);
        Self { step, most: BEYOND * largest.max(least), ends }
    }

    /// Where `value` is, which is held to the axis.
    pub(super) fn at(&self, value: f64) -> f64 {
        let share = value / self.most;
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
            reason = "a few, and not negative"
        )]
        let (decimals, count) = (decimals as usize, (self.most / self.step).floor() as usize);
        let values = (0..=count).map(|index| index as f64 * self.step);
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
        assert_eq!([0.0, -1.0, f64::NAN].map(|largest| written(largest, 1.0)), ["0 1"; 3]);
    }

    #[test]
    fn figures_are_placed_in_proportion_and_stay_on_the_axis() {
        let scale = Scale::up_to(10.0, 0.0, (300.0, 100.0));
        let places = [0.0, 5.2, 10.4, 99.0, -1.0].map(|value| format!("{:.6}", scale.at(value)));
        assert_eq!(places.join(" "), "300.000000 200.000000 100.000000 100.000000 300.000000");
    }
}
