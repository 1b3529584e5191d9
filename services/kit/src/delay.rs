//! How long a visit takes: a mean and the law it is drawn from.

use std::time::Duration;

use rand::{Rng, RngExt};
use serde::{Deserialize, Serialize};

/// The law that service times are drawn from, at a given mean.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Distribution {
    /// Always the mean.
    #[default]
    Constant,
    /// Evenly spread between 0 and twice the mean.
    Uniform,
    /// Memoryless: `-mean · ln(u)`, coefficient of variation 1.
    Exponential,
}

impl Distribution {
    /// Draws one service time with this `mean`.
    pub fn draw(self, mean: Duration, random: &mut impl Rng) -> Duration {
        match self {
            Self::Constant => mean,
            Self::Uniform => mean.mul_f64(2.0 * random.random::<f64>()),
            // 1 - u lies in (0, 1], so the logarithm is finite.
            Self::Exponential => mean.mul_f64(-(1.0 - random.random::<f64>()).ln()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;
    use rand::rngs::SmallRng;

    #[test]
    fn every_distribution_has_the_mean_it_was_given() {
        let mut random = SmallRng::seed_from_u64(7);
        for law in [Distribution::Constant, Distribution::Uniform, Distribution::Exponential] {
            let total: Duration =
                (0..20_000).map(|_| law.draw(Duration::from_millis(100), &mut random)).sum();
            let mean = total.as_secs_f64() / 20_000.0;
            assert!((mean - 0.1).abs() < 0.003, "{law:?}: {mean}");
        }
    }
}
