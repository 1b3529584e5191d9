//! What experiments do again and again: scale, measure, and keep what happens meanwhile.

use std::time::Duration;

use super::finding::Finding;
use crate::backend::{Event, Operations, Service};
use crate::measure::{MeasureError, Timing, measure};
use crate::observation::Observation;
use crate::plan::Plan;
use crate::step::Step;
use crate::stop::Stop;
use crate::sweep::Watcher;

/// How often a measurement during which something happened to a replica is made anew.
const RETRIES: u32 = 1;

/// An application, and who watches what is done to it.
pub(super) struct Driver<'a, B> {
    pub(super) backend: &'a mut B,
    pub(super) plan: &'a Plan,
    pub(super) stop: &'a Stop,
    pub(super) watcher: &'a mut dyn Watcher,
    pub(super) events: Vec<Event>,
    /// What an experiment in several parts has found so far.
    pub(super) so_far: Option<Finding>,
}

impl<B: Operations> Driver<'_, B> {
    /// The `index`-th of `count` parts begins.
    pub(super) fn begins(&mut self, index: usize, count: usize, what: &str) {
        self.watcher.begins(index, count, what);
    }

    /// Brings rng, hasher and the workers to the counts of `step`.
    pub(super) async fn scale(&mut self, step: Step) -> Result<(), MeasureError> {
        let counts =
            [(Service::Rng, step.rng), (Service::Hasher, step.hasher), (Service::Worker, step.workers)];
        for (service, replicas) in counts {
            self.scale_one(service, replicas).await?;
        }
        Ok(())
    }

    /// Brings one service to so many replicas.
    pub(super) async fn scale_one(&mut self, service: Service, replicas: usize) -> Result<(), MeasureError> {
        tokio::select! {
            scaled = self.backend.scale(service, replicas) => scaled?,
            () = self.stop.wait() => return Err(MeasureError::Stopped),
        }
        self.take_events();
        Ok(())
    }

    /// What is seen at `step`, to which the application has been brought, with `probe_rate` probes of rng a second.
    pub(super) async fn measure(&mut self, step: Step, probe_rate: f64) -> Result<Observation, MeasureError> {
        // Contrasts are large here, so that chance needs no longer windows to even out.
        let Plan { warm_up, window, precision, .. } = *self.plan;
        let timing = Timing { warm_up, window, longest: window, precision, probe_rate };
        let clients = self.plan.clients(step);
        let mut attempts = 0;
        loop {
            let watcher = &mut *self.watcher;
            let mut live = |speed| watcher.speed(speed);
            let seen = measure(&*self.backend, clients, timing, self.stop, &mut live).await;
            let disturbed = self.take_events();
            if !disturbed || attempts == RETRIES || matches!(seen, Err(MeasureError::Stopped)) {
                return seen;
            }
            attempts += 1;
        }
    }

    /// Keeps what has happened; whether there was anything.
    pub(super) fn take_events(&mut self) -> bool {
        let events = self.backend.events();
        for event in &events {
            self.watcher.happened(event);
        }
        let any = !events.is_empty();
        self.events.extend(events);
        any
    }

    /// How long the application is looked at before something is done to it.
    pub(super) fn window(&self) -> Duration {
        self.plan.window
    }
}
