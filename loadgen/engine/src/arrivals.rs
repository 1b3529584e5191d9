//! When requests are due. Owns pacing as a pure sequence of offsets; waiting for them is the drivers' business.

use std::time::Duration;

use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};

use crate::rate::Rate;
use crate::stages::Stages;

/// How arrivals are spaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrivals {
    /// Arrival k at k/λ, from k = 0: equal gaps.
    Uniform,
    /// Independent exponential gaps of mean 1/λ, the first one before the first arrival. Such arrivals see a queue as
    /// it is on average over time (Wolff 1982), while equal gaps may fall into step with what they measure.
    Poisson,
}

impl Arrivals {
    /// The endless schedule at `rate`; the same `seed` gives the same schedule.
    pub fn schedule(self, rate: Rate, seed: u64) -> Schedule {
        self.scheduled(Profile::Constant(rate), seed)
    }

    /// The schedule over `stages`, which ends with them; the same `seed` gives the same schedule.
    pub fn schedule_over(self, stages: Stages, seed: u64) -> Schedule {
        self.scheduled(Profile::Stages(stages), seed)
    }

    fn scheduled(self, profile: Profile, seed: u64) -> Schedule {
        let pace = match self {
            Self::Uniform => Pace::Uniform { arrivals: 0 },
            Self::Poisson => Pace::Poisson { units: 0.0, rng: SmallRng::seed_from_u64(seed) },
        };
        Schedule { profile, pace }
    }
}

/// The instants at which requests are due, as offsets from the start of the run, never decreasing.
///
/// An offset depends on no clock, so a late send never shifts the ones after it. Ends with its stages, or where a
/// [`Duration`] does.
///
/// Arrivals are spaced at a rate of one, and then put where the integral of the real rate has come as far: at u/λ for a
/// constant rate λ, at [`Stages::instant`] for one that changes. Equal gaps stay exact so, and exponential ones make a
/// Poisson process of the changing rate (Çinlar 1975, time-scale transformation).
#[derive(Clone, Debug)]
pub struct Schedule {
    profile: Profile,
    pace: Pace,
}

#[derive(Clone, Debug)]
enum Profile {
    Constant(Rate),
    Stages(Stages),
}

#[derive(Clone, Debug)]
enum Pace {
    /// How many have been due. Each offset is computed from the count, since a sum of rounded gaps would drift.
    Uniform { arrivals: u64 },
    /// Where the last arrival was at a rate of one.
    Poisson { units: f64, rng: SmallRng },
}

impl Pace {
    fn next(&mut self) -> f64 {
        match self {
            Self::Uniform { arrivals } => {
                let due = *arrivals as f64;
                *arrivals += 1;
                due
            }
            Self::Poisson { units, rng } => {
                // u is uniform in [0, 1), and -ln(1 - u) exponential of mean 1.
                let u: f64 = rng.random();
                *units -= (-u).ln_1p();
                *units
            }
        }
    }
}

impl Iterator for Schedule {
    type Item = Duration;

    fn next(&mut self) -> Option<Duration> {
        let units = self.pace.next();
        match &self.profile {
            Profile::Constant(rate) => Duration::try_from_secs_f64(rate.seconds_for(units)).ok(),
            Profile::Stages(stages) => stages.instant(units),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn rate(per_second: f64) -> Rate {
        Rate::per_second(per_second).unwrap()
    }

    fn gaps(rate: Rate, seed: u64, count: usize) -> Vec<f64> {
        let due: Vec<_> =
            Arrivals::Poisson.schedule(rate, seed).take(count).map(|due| due.as_secs_f64()).collect();
        std::iter::once(due[0]).chain(due.windows(2).map(|pair| pair[1] - pair[0])).collect()
    }

    #[test]
    fn uniform_arrivals_stand_at_multiples_of_the_interval() {
        for (per_second, k, millis) in
            [(1.0, 0, 0), (1.0, 7, 7_000), (4.0, 3, 750), (1_000.0, 86_400_000, 86_400_000)]
        {
            let pace = Pace::Uniform { arrivals: k };
            let schedule = Schedule { profile: Profile::Constant(rate(per_second)), pace };
            assert_eq!(schedule.clone().next(), Some(Duration::from_millis(millis)), "{schedule:?}");
        }
    }

    #[test]
    fn uniform_arrivals_do_not_drift() {
        let third = Arrivals::Uniform.schedule(rate(3.0), 0);
        let due = third.take(3_000_001).last().unwrap();
        assert_eq!(due, Duration::from_secs(1_000_000));
    }

    #[test]
    fn a_seed_repeats_its_schedule_and_another_does_not() {
        assert_eq!(gaps(rate(10.0), 1, 50), gaps(rate(10.0), 1, 50));
        assert_ne!(gaps(rate(10.0), 1, 50), gaps(rate(10.0), 2, 50));
    }

    #[test]
    fn a_schedule_ends_where_durations_end() {
        let glacial = rate(f64::MIN_POSITIVE);
        assert_eq!(Arrivals::Uniform.schedule(glacial, 0).count(), 1);
    }

    fn stages(texts: &[&str]) -> Stages {
        Stages::new(texts.iter().map(|text| text.parse().unwrap()).collect()).unwrap()
    }

    #[test]
    fn a_rate_that_is_held_in_stages_is_that_rate() {
        let constant: Vec<_> = Arrivals::Uniform.schedule(rate(8.0), 0).take(40).collect();
        let staged: Vec<_> = Arrivals::Uniform.schedule_over(stages(&["2s:8", "3s:8"]), 0).collect();
        assert_eq!(staged, constant);
    }

    #[test]
    fn a_seed_repeats_its_stages() {
        let due = |seed| Arrivals::Poisson.schedule_over(stages(&["5s:2..20"]), seed).collect::<Vec<_>>();
        assert_eq!(due(1), due(1));
        assert_ne!(due(1), due(2));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        /// A ramp from nothing: half of the time has a quarter of the arrivals, and each part a Poisson number of them.
        #[test]
        fn poisson_arrivals_follow_a_ramp(seed: u64) {
            let due: Vec<_> = Arrivals::Poisson.schedule_over(stages(&["10s:0..4000"]), seed).collect();
            let early = due.iter().filter(|due| **due < Duration::from_secs(5)).count() as f64;
            let late = due.len() as f64 - early;
            prop_assert!((early - 5_000.0).abs() < 6.0 * f64::sqrt(5_000.0), "{early} early");
            prop_assert!((late - 15_000.0).abs() < 6.0 * f64::sqrt(15_000.0), "{late} late");
            prop_assert!(due.is_sorted());
        }

        /// Exponential gaps: mean 1/λ with standard error 1/(λ√n), variance 1/λ² with standard error √8/(λ²√n).
        #[test]
        fn poisson_gaps_have_the_mean_and_variance_of_the_exponential(seed: u64, per_second in 0.1..1e4) {
            let n = 20_000.0;
            let gaps = gaps(rate(per_second), seed, 20_000);
            let mean = gaps.iter().sum::<f64>() / n * per_second;
            let variance = gaps.iter().map(|gap| (gap * per_second - mean).powi(2)).sum::<f64>() / n;
            prop_assert!((mean - 1.0).abs() < 6.0 / f64::sqrt(n), "mean {mean}");
            prop_assert!((variance - 1.0).abs() < 7.0 * f64::sqrt(8.0 / n), "variance {variance}");
        }

        /// Counts in equal windows: variance equals mean, whatever the window.
        #[test]
        fn poisson_counts_are_as_variable_as_they_are_many(seed: u64) {
            let windows = 4_000;
            let mut counts = vec![0.0; windows];
            for due in Arrivals::Poisson.schedule(rate(5.0), seed) {
                let Some(count) = counts.get_mut(usize::try_from(due.as_secs()).unwrap()) else { break };
                *count += 1.0;
            }
            let mean = counts.iter().sum::<f64>() / windows as f64;
            let variance = counts.iter().map(|count| (count - mean).powi(2)).sum::<f64>() / windows as f64;
            prop_assert!((variance / mean - 1.0).abs() < 0.15, "index of dispersion {}", variance / mean);
        }

        #[test]
        fn schedules_never_go_back(seed: u64, per_second in 0.01..1e6) {
            for arrivals in [Arrivals::Uniform, Arrivals::Poisson] {
                let due: Vec<_> = arrivals.schedule(rate(per_second), seed).take(1_000).collect();
                prop_assert!(due.is_sorted());
            }
        }
    }
}
