//! Simulated servers with one slot, and the trial of a rate against them. Instant, and the same for the same seed.

use std::convert::Infallible;

use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};

use super::search::{Trial, Tried};

/// A server that serves one request after the other, in order of arrival; requests come at equal gaps.
#[derive(Debug)]
pub(super) struct Simulated {
    /// Mean service time in seconds.
    pub(super) service: f64,
    /// Whether service times are exponential, or all the same.
    pub(super) exponential: bool,
    /// The part of trials that fail for no reason.
    pub(super) noise: f64,
    /// What the 99th percentile must stay below, in seconds.
    pub(super) p99: f64,
    /// The rate from which on the load generator is the limit.
    pub(super) limit: f64,
    /// After so many trials somebody presses ^C.
    pub(super) patience: usize,
    /// The rates that were tried, and whether for longer.
    pub(super) tried: Vec<(f64, bool)>,
    pub(super) random: SmallRng,
}

/// Seconds that a trial measures.
const TRIAL: f64 = 5.0;

/// How much longer a validation is.
const LONGER: f64 = 3.0;

impl Simulated {
    pub(super) fn new(service: f64, p99: f64) -> Self {
        Self {
            service,
            exponential: false,
            noise: 0.0,
            p99,
            limit: f64::INFINITY,
            patience: usize::MAX,
            tried: Vec::new(),
            random: SmallRng::seed_from_u64(1),
        }
    }

    /// The 99th percentile of response times, in seconds.
    fn p99_at(&mut self, rate: f64, seconds: f64) -> f64 {
        let (mut free_at, mut times) = (0.0_f64, Vec::new());
        let mut due = 0.0;
        while due < seconds {
            let service = if self.exponential {
                -self.service * (-self.random.random::<f64>()).ln_1p()
            } else {
                self.service
            };
            free_at = free_at.max(due) + service;
            times.push(free_at - due);
            due += 1.0 / rate;
        }
        times.sort_by(f64::total_cmp);
        times[times.len() * 99 / 100]
    }
}

impl Trial for Simulated {
    type Error = Infallible;

    fn run(&mut self, rate: f64, validation: bool) -> Result<Tried, Infallible> {
        self.tried.push((rate, validation));
        if self.tried.len() > self.patience {
            return Ok(Tried::Interrupted);
        }
        let seconds = if validation { TRIAL * LONGER } else { TRIAL };
        let spoilt = self.random.random::<f64>() < self.noise;
        let held = self.p99_at(rate, seconds) < self.p99 && !spoilt;
        Ok(match (held, rate >= self.limit) {
            (true, false) => Tried::Held,
            (true, true) => Tried::HeldAtItsLimit,
            (false, false) => Tried::Failed,
            (false, true) => Tried::FailedAtItsLimit,
        })
    }
}
