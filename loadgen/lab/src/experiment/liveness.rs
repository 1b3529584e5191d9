//! When a kubelet takes a service for dead that only makes its probes wait. Pure functions of the probe's settings and of the share
//! of probes that fail.

use serde::{Deserialize, Serialize};

use crate::backend::Service;
use crate::laws::bounds::Model;
use crate::laws::units::Seconds;

/// A liveness probe, as Kubernetes has it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Liveness {
    /// From one probe to the next.
    pub period_seconds: f64,
    /// A probe that waits longer has failed.
    pub timeout_seconds: f64,
    /// So many failures in a row are followed by a restart.
    pub failure_threshold: u32,
}

impl Default for Liveness {
    /// What `k8s/components/naive-probes` asks for.
    fn default() -> Self {
        Self { period_seconds: 3.0, timeout_seconds: 1.0, failure_threshold: 3 }
    }
}

/// No model is asked for more clients than this.
const MOST_CLIENTS: usize = 2000;

impl Liveness {
    /// The time until a restart if each probe fails by itself with the probability `failing` (p); `None` if it never comes.
    ///
    /// Until k failures in a row (1 − pᵏ) / ((1 − p)·pᵏ) probes are sent on average, and k if p is 1 (Feller, "An Introduction to
    /// Probability Theory and Its Applications", vol. 1, XIII.7). The first is due half a period from now on average, and the last
    /// one has failed only after the timeout.
    pub fn restart_after(&self, failing: f64) -> Option<Seconds> {
        if failing <= 0.0 {
            return None;
        }
        let in_a_row = failing.min(1.0).powi(self.failure_threshold.try_into().unwrap_or(i32::MAX));
        let probes = if failing >= 1.0 {
            f64::from(self.failure_threshold)
        } else {
            (1.0 - in_a_row) / ((1.0 - failing) * in_a_row)
        };
        Some(Seconds((probes - 0.5) * self.period_seconds + self.timeout_seconds))
    }

    /// The fewest clients (N) of the loop of `model` with which a probe of rng waits longer than the timeout on average;
    /// `None` if none do.
    pub fn fatal_clients(&self, model: &Model) -> Option<usize> {
        // Only a queue that grows with the clients ever lasts as long.
        model.bottleneck().filter(|station| station.name == Service::Rng.name())?;
        let wait = |clients: usize| model.probe_wait_at(Service::Rng.name(), clients);
        let too_long = |clients: &usize| wait(*clients).is_some_and(|wait| wait.0 > self.timeout_seconds);
        (1..=MOST_CLIENTS).find(too_long)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::laws::dispatch::design::model;

    #[test]
    fn thirteen_workers_are_too_many_for_one_rng_and_twenty_six_for_two() {
        let naive = Liveness::default();
        assert_eq!(naive.fatal_clients(&model(1)), Some(13));
        assert_eq!(naive.fatal_clients(&model(2)), Some(26));
        let patient = Liveness { timeout_seconds: 5.0, ..naive };
        assert_eq!(patient.fatal_clients(&model(1)), Some(53));
        assert_eq!(naive.fatal_clients(&Model { think_time: Seconds(0.2), stations: Vec::new() }), None);
    }

    #[test]
    fn a_restart_follows_so_many_failures_in_a_row() {
        let naive = Liveness::default();
        let after = |failing| naive.restart_after(failing).map(|after| after.0);
        assert_eq!(after(0.0), None);
        assert_eq!(after(1.0), Some(2.5 * 3.0 + 1.0));
        // 14 tosses of a coin until three heads in a row.
        assert_eq!(after(0.5), Some(13.5 * 3.0 + 1.0));
        assert!(after(0.01).unwrap() > 1e6);
    }
}
