//! How steady a rate is. Owns the stick that all tools are measured by: the instants at which requests reached the server,
//! against a grid of the rate that was asked for.

use std::time::Duration;

use crate::spread::quantile;

/// How far instants lie from their places on a grid.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fit {
    /// Instants that were looked at.
    pub count: usize,
    /// Instants a second.
    pub rate_per_second: f64,
    /// Half of them lie no farther from their places, early or late.
    pub median: Duration,
    /// 99 of 100 lie no farther.
    pub p99: Duration,
    /// None lies farther.
    pub max: Duration,
}

impl Fit {
    /// Of `instants`, in order, against a grid of `rate_per_second`. The i-th instant, `a_i`, belongs to `o + i / rate`, and the
    /// offset `o` is the median of `a_i − i / rate`, which makes the sum of the distances as small as it can be. So a request
    /// that was left out, or a rate that is not the one asked for, puts all later ones in the wrong place. `None` of fewer
    /// than two.
    pub fn of(instants: &[Duration], rate_per_second: f64) -> Option<Self> {
        let (first, last) = (instants.first()?, instants.last()?);
        let took = last.saturating_sub(*first).as_secs_f64();
        if took <= 0.0 {
            return None;
        }
        let places = (0u32..).map(|index| f64::from(index) / rate_per_second);
        let mut shifts: Vec<f64> =
            instants.iter().zip(places).map(|(at, place)| at.as_secs_f64() - place).collect();
        shifts.sort_by(f64::total_cmp);
        let offset = quantile(&shifts, 0.5);
        let mut distances: Vec<f64> = shifts.iter().map(|shift| (shift - offset).abs()).collect();
        distances.sort_by(f64::total_cmp);
        let at = |share| Duration::from_secs_f64(quantile(&distances, share));
        Some(Self {
            count: instants.len(),
            rate_per_second: (instants.len() - 1) as f64 / took,
            median: at(0.5),
            p99: at(0.99),
            max: at(1.0),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn micros(instants: impl IntoIterator<Item = u64>) -> Vec<Duration> {
        instants.into_iter().map(Duration::from_micros).collect()
    }

    #[test]
    fn a_steady_rate_lies_on_the_grid_wherever_it_began() {
        let fit = Fit::of(&micros((0..1000).map(|index| 123_456 + 1000 * index)), 1000.0).unwrap();
        assert!(fit.max < Duration::from_nanos(10), "{fit:?}");
        assert!((fit.rate_per_second - 1000.0).abs() < 0.01, "{fit:?}");
    }

    #[test]
    fn lateness_shows_as_what_it_is() {
        let late = |index: u64| if index.is_multiple_of(50) { 700 } else { 0 };
        let fit = Fit::of(&micros((0..1000).map(|index| 1000 * index + late(index))), 1000.0).unwrap();
        assert!(fit.median < Duration::from_nanos(10), "{fit:?}");
        assert!(fit.p99.abs_diff(Duration::from_micros(700)) < Duration::from_nanos(10), "{fit:?}");
    }

    #[test]
    fn requests_that_were_left_out_are_missed() {
        let fit =
            Fit::of(&micros((0..1000).map(|index| 1000 * index + 5000 * (index / 500))), 1000.0).unwrap();
        assert!(fit.p99 >= Duration::from_micros(2500), "{fit:?}");
        assert_eq!(Fit::of(&micros([5]), 1000.0), None);
    }
}
