//! Simulated probes: what they met, and the handle that the lab holds.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use super::unix_seconds;
use super::world::World;
use crate::backend::{Probe, ProbeObservation};
use loadgen_engine::statistics::batch::Interval;

/// Probes that go to some replicas, and what they met so far.
#[derive(Debug)]
pub(super) struct Probes {
    /// Names of the replicas.
    pub(super) targets: Vec<String>,
    /// Probes a second.
    pub(super) rate: f64,
    /// Whether another one is due.
    pub(super) running: bool,
    /// Due times and waits; `None` if nobody was there.
    pub(super) met: Vec<(Duration, Option<Duration>)>,
}

impl Probes {
    /// What the probes met that were due between two instants, in seconds since the Unix epoch, and by how
    /// much they were sent late.
    pub(super) fn observed(&self, from: f64, to: f64, lag: Duration) -> Option<ProbeObservation> {
        let inside = self.met.iter().filter(|(at, _)| (from..to).contains(&unix_seconds(*at)));
        let met: Vec<Option<Duration>> = inside.map(|(_, wait)| *wait).collect();
        let mut waits: Vec<f64> = met.iter().flatten().map(Duration::as_secs_f64).collect();
        let half_width = Interval::of(&waits).map(|interval| interval.half_width);
        let mean = waits.iter().sum::<f64>() / waits.len() as f64;
        waits.sort_by(f64::total_cmp);
        let late = waits.iter().filter(|wait| **wait > 1.0).count() + met.len() - waits.len();
        Some(ProbeObservation {
            answered: waits.len() as u64,
            unanswered: (met.len() - waits.len()) as u64,
            mean_seconds: mean,
            half_width_seconds: half_width,
            p99_seconds: *waits.get(waits.len() * 99 / 100)?,
            over_one_second: late as u64,
            lag_mean_seconds: Some(lag.as_secs_f64()),
            lag_p99_seconds: Some(lag.as_secs_f64()),
        })
    }
}

/// Probes under way; they end when it is dropped.
#[derive(Debug)]
pub(crate) struct FakeProbe {
    pub(super) world: Rc<RefCell<World>>,
    pub(super) index: usize,
}

impl Probe for FakeProbe {
    async fn finish(self, from: f64, to: f64) -> Option<ProbeObservation> {
        let world = self.world.borrow();
        world.probes[self.index].observed(from, to, world.app.lab_lag)
    }
}

impl Drop for FakeProbe {
    fn drop(&mut self) {
        self.world.borrow_mut().probes[self.index].running = false;
    }
}
