//! A load step, and what a `HorizontalPodAutoscaler` makes of it.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::driver::Driver;
use super::finding::Finding;
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
    /// After the load step, and whatever the autoscaler did; `None` if it was not waited for.
    pub after: Option<Level>,
    /// Workers from the load step on.
    pub workers: usize,
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
        let mut found = Autoscale {
            autoscaler,
            service,
            before,
            after: None,
            workers: last.workers,
            answered_after_seconds: None,
            changes: Vec::new(),
            watched_seconds: 0.0,
        };
        let ended = self.watch(from, &mut found).await;
        self.so_far = Some(Finding::Autoscale(found.clone()));
        ended?;
        self.begins(2, 3, &format!("worker={}, as it is now", last.workers));
        found.after = Some(self.level(last, service).await?);
        Ok(found)
    }

    async fn level(&mut self, step: Step, service: Service) -> Result<Level, MeasureError> {
        self.scale_one(Service::Worker, step.workers).await?;
        let seen = self.measure(step, 0.0).await?;
        let replicas = self.backend.replicas(service).await?.len();
        Ok(Level { workers: step.workers, replicas, throughput_per_second: seen.throughput_per_second })
    }

    /// Notes in `found` what the autoscaler does from `from` on, in seconds since the Unix epoch, until it is done.
    async fn watch(&mut self, from: f64, found: &mut Autoscale) -> Result<(), MeasureError> {
        loop {
            tokio::select! {
                () = self.backend.sleep(BETWEEN_LOOKS) => {}
                () = self.stop.wait() => return Err(MeasureError::Stopped),
            }
            let now = self.backend.now() - from;
            found.note(now, self.backend.replicas(found.service).await?.len());
            self.take_events();
            if found.is_over() {
                return Ok(());
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
    /// So many `replicas` are ready `after_seconds` after the load step.
    fn note(&mut self, after_seconds: f64, replicas: usize) {
        if replicas != self.changes.last().map_or(self.before.replicas, |change| change.replicas) {
            self.changes.push(Change { after_seconds, replicas });
            self.answered_after_seconds.get_or_insert(after_seconds);
        }
        self.watched_seconds = after_seconds;
    }

    /// Whether the autoscaler will do nothing more.
    fn is_over(&self) -> bool {
        let quiet = self.watched_seconds - self.changes.last().map_or(0.0, |change| change.after_seconds);
        let patience = if self.changes.is_empty() { ANSWERS_WITHIN } else { SETTLED };
        quiet > patience || self.watched_seconds > LONGEST
    }

    /// What it comes to.
    pub(super) fn sentence(&self) -> String {
        let before = &self.before;
        let replicas = self.changes.last().map_or(before.replicas, |change| change.replicas);
        let load = format!("worker={} → worker={}", before.workers, self.workers);
        let speed = self.after.map_or_else(String::new, |after| {
            let [from, to] = [before, &after].map(|level| Throughput(level.throughput_per_second));
            format!(", and throughput went from {from} to {to}")
        });
        let (name, service) = (&self.autoscaler, self.service);
        match self.answered_after_seconds {
            Some(answered) => format!(
                "After {load} the HorizontalPodAutoscaler {name} answered in {:.0}: {service}={} → {service}={replicas}{speed}.",
                Seconds(answered),
                before.replicas,
            ),
            None => format!(
                "After {load} the HorizontalPodAutoscaler {name} did nothing within {:.0}: {service} stayed at {replicas}{speed}.",
                Seconds(self.watched_seconds),
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
