//! How long a visit takes: the law that service times are drawn from, and what it needs to know.

use std::time::Duration;

use rand::{Rng, RngExt};
use serde::{Deserialize, Serialize};

use crate::settings::as_milliseconds;
use crate::share::Share;

/// The law that service times are drawn from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Distribution {
    /// Always the service time.
    #[default]
    Constant,
    /// Evenly spread between 0 and twice the service time.
    Uniform,
    /// Memoryless: `-service_time · ln(u)`, coefficient of variation 1.
    Exponential,
    /// The service time mostly, the slow time for a share of all.
    Bimodal,
}

/// The slow ones of a bimodal law.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Slow {
    /// How long each of them takes.
    #[serde(rename = "slow_time_ms", serialize_with = "as_milliseconds")]
    pub time: Duration,
    /// How many they are.
    #[serde(rename = "slow_share")]
    pub share: Share,
}

impl Slow {
    /// Unless it is set: one in a hundred takes 100 ms.
    pub const DEFAULT: Self = Self { time: Duration::from_millis(100), share: Share::percent(1) };
}

impl Distribution {
    /// Draws one service time.
    pub fn draw(self, service_time: Duration, slow: Slow, random: &mut impl Rng) -> Duration {
        match self {
            Self::Constant => service_time,
            _ => self.quantile(random.random(), service_time, slow),
        }
    }

    /// The service time that a share `u` of all does not exceed, for `u` in [0, 1).
    pub fn quantile(self, u: f64, service_time: Duration, slow: Slow) -> Duration {
        match self {
            Self::Uniform => service_time.mul_f64(2.0 * u),
            Self::Exponential => service_time.mul_f64(-(1.0 - u).ln()),
            Self::Bimodal if slow.is_hit(u, service_time) => slow.time,
            Self::Constant | Self::Bimodal => service_time,
        }
    }

    /// The mean of all service times.
    pub fn mean(self, service_time: Duration, slow: Slow) -> Duration {
        match self {
            Self::Constant | Self::Uniform | Self::Exponential => service_time,
            Self::Bimodal => {
                let share = slow.share.get();
                service_time.mul_f64(1.0 - share) + slow.time.mul_f64(share)
            }
        }
    }
}

impl Slow {
    /// The slow ones stand at the upper end, unless they are faster than the others.
    fn is_hit(self, u: f64, service_time: Duration) -> bool {
        if self.time >= service_time { u >= 1.0 - self.share.get() } else { u < self.share.get() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;
    use rand::rngs::SmallRng;

    const MS: Duration = Duration::from_millis(1);
    const SLOW: Slow = Slow { time: Duration::from_millis(600), share: Share::percent(10) };

    #[test]
    fn every_distribution_has_the_mean_that_it_tells() {
        let laws = [
            (Distribution::Constant, 100),
            (Distribution::Uniform, 100),
            (Distribution::Exponential, 100),
            (Distribution::Bimodal, 150),
        ];
        let mut random = SmallRng::seed_from_u64(7);
        for (law, mean) in laws {
            let total: Duration = (0..20_000).map(|_| law.draw(100 * MS, SLOW, &mut random)).sum();
            assert_eq!(law.mean(100 * MS, SLOW), mean * MS, "{law:?}");
            let off = (total / 20_000).as_secs_f64() / (mean * MS).as_secs_f64() - 1.0;
            assert!(off.abs() < 0.03, "{law:?}: {off}");
        }
    }

    #[test]
    fn each_choice_has_its_service_time() {
        use Distribution::{Bimodal, Constant, Exponential, Uniform};
        let half_life = (100 * MS).mul_f64(std::f64::consts::LN_2);
        let choices = [
            (Constant, 0.99, 100 * MS),
            (Uniform, 0.0, Duration::ZERO),
            (Uniform, 0.75, 150 * MS),
            (Exponential, 0.0, Duration::ZERO),
            (Exponential, 0.5, half_life),
            (Bimodal, 0.0, 100 * MS),
            (Bimodal, 0.899, 100 * MS),
            (Bimodal, 0.9, 600 * MS),
            (Bimodal, 0.999_999, 600 * MS),
        ];
        for (law, u, time) in choices {
            let off = law.quantile(u, 100 * MS, SLOW).abs_diff(time);
            assert!(off < Duration::from_nanos(10), "{law:?} at {u}: off by {off:?}");
        }
    }

    #[test]
    fn a_share_of_nothing_or_of_all_is_kept_and_slow_ones_may_be_fast() {
        let at = |u, share, time| Distribution::Bimodal.quantile(u, 100 * MS, Slow { time, share });
        assert_eq!(at(0.999_999, Share::percent(0), 600 * MS), 100 * MS);
        assert_eq!(at(0.0, Share::percent(100), 600 * MS), 600 * MS);
        assert_eq!([at(0.05, Share::percent(10), MS), at(0.5, Share::percent(10), MS)], [MS, 100 * MS]);
    }
}
