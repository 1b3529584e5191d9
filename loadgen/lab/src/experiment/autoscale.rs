//! A load step, and what a `HorizontalPodAutoscaler` makes of it.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::driver::Driver;
use crate::backend::{BackendError, Operations, Service};
use crate::laws::units::{Seconds, Throughput};
use crate::measure::MeasureError;
use crate::step::Step;

/// From one look to the next.
const BETWEEN_LOOKS: Duration = Duration::from_secs(1);

/// An autoscaler that does nothing for so long, in seconds, will not: it looks every 15 s, at metrics of the last minute or so.
const ANSWERS_WITHIN: f64 = 180.0;

/// One that has done nothing more for so long, in seconds, is done.
const SETTLED: f64 = 75.0;

/// No longer than this, in seconds.
const LONGEST: f64 = 600.0;

/// What the autoscaler did.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Autoscale {
    /// Its name.
    pub autoscaler: String,
    /// The service that it scales.
    pub service: Service,
    /// Before the load step.
    pub before: Level,
    /// After the load step, and whatever the autoscaler did.
    pub after: Level,
    /// From the load step to its first answer that was ready; `None` if it did nothing.
    pub answered_after_seconds: Option<f64>,
    /// What it did, in order.
    pub changes: Vec<Change>,
    /// How long it was watched.
    pub watched_seconds: f64,
}

/// Throughput with so many replicas.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Level {
    /// Workers.
    pub workers: usize,
    /// Replicas of the service that is scaled.
    pub replicas: usize,
    /// Hashes per second.
    pub throughput_per_second: f64,
}

/// Another number of replicas.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// From the load step.
    pub after_seconds: f64,
    /// Replicas that were ready then.
    pub replicas: usize,
}

impl<B: Operations> Driver<'_, B> {
    /// Goes from the first to the last number of workers in `steps` and watches what becomes of `service`.
    pub(super) async fn autoscale(
        &mut self,
        steps: &[Step],
        service: Service,
    ) -> Result<Autoscale, MeasureError> {
        let (Some(&first), Some(&last)) = (steps.first(), steps.last()) else {
            return Err(MeasureError::Stopped);
        };
        let Some(autoscaler) = self.backend.autoscaler(service).await? else {
            return Err(none(service).into());
        };
        self.begins(0, 3, &format!("worker={}", first.workers));
        let before = self.level(first, service).await?;
        self.begins(1, 3, &format!("worker={}, watching {autoscaler}", last.workers));
        self.scale_one(Service::Worker, last.workers).await?;
        let from = self.backend.now();
        let changes = self.watch(service, before.replicas, from).await?;
        let watched_seconds = self.backend.now() - from;
        self.begins(2, 3, &format!("worker={}, as it is now", last.workers));
        let after = self.level(last, service).await?;
        let answered_after_seconds = changes.first().map(|change| change.after_seconds);
        Ok(Autoscale { autoscaler, service, before, after, answered_after_seconds, changes, watched_seconds })
    }

    async fn level(&mut self, step: Step, service: Service) -> Result<Level, MeasureError> {
        self.scale_one(Service::Worker, step.workers).await?;
        let seen = self.measure(step, 0.0).await?;
        let replicas = self.backend.replicas(service).await?.len();
        Ok(Level { workers: step.workers, replicas, throughput_per_second: seen.throughput_per_second })
    }

    async fn watch(
        &mut self,
        service: Service,
        found: usize,
        from: f64,
    ) -> Result<Vec<Change>, MeasureError> {
        let mut changes: Vec<Change> = Vec::new();
        loop {
            tokio::select! {
                () = self.backend.sleep(BETWEEN_LOOKS) => {}
                () = self.stop.wait() => return Err(MeasureError::Stopped),
            }
            let (after_seconds, replicas) =
                (self.backend.now() - from, self.backend.replicas(service).await?.len());
            if replicas != changes.last().map_or(found, |change| change.replicas) {
                changes.push(Change { after_seconds, replicas });
            }
            self.take_events();
            let quiet = after_seconds - changes.last().map_or(0.0, |change| change.after_seconds);
            let patience = if changes.is_empty() { ANSWERS_WITHIN } else { SETTLED };
            if quiet > patience || after_seconds > LONGEST {
                return Ok(changes);
            }
        }
    }
}

fn none(service: Service) -> BackendError {
    BackendError::new(format!(
        "no HorizontalPodAutoscaler scales {service} here: add the component hpa-cpu or hpa-latency of k8s/components"
    ))
}

impl Autoscale {
    /// What it comes to.
    pub(super) fn sentence(&self) -> String {
        let (before, after) = (&self.before, &self.after);
        let load = format!("worker={} → worker={}", before.workers, after.workers);
        let speed = format!(
            "throughput went from {} to {}",
            Throughput(before.throughput_per_second),
            Throughput(after.throughput_per_second)
        );
        let (name, service) = (&self.autoscaler, self.service);
        match self.answered_after_seconds {
            Some(answered) => format!(
                "After {load} the HorizontalPodAutoscaler {name} answered in {:.0}: {service}={} → {service}={}, and {speed}.",
                Seconds(answered),
                before.replicas,
                after.replicas
            ),
            None => format!(
                "After {load} the HorizontalPodAutoscaler {name} did nothing within {:.0}: {service} stayed at {}, and {speed}.",
                Seconds(self.watched_seconds),
                after.replicas
            ),
        }
    }

    /// What to do about it.
    pub(super) fn advice(&self) -> Vec<String> {
        let idle = self.answered_after_seconds.is_none() && self.service == Service::Rng;
        let advice = "rng waits, it does not compute: one that looks at CPU never scales it, one that looks at how long answers take does, such as the component hpa-latency.";
        idle.then(|| advice.to_owned()).into_iter().collect()
    }
}
