//! A naive liveness probe under load: it asks for `/` on the port where requests queue. With how many workers it must fail, what it
//! waits, and when the restart comes.

use serde::{Deserialize, Serialize};

use super::driver::Driver;
use super::finding::Finding;
use super::liveness::Liveness;
use super::recording::Recording;
use crate::backend::{Operations, ProbeObservation, Service};
use crate::calibrate::Calibration;
use crate::laws::units::{Seconds, Utilisation};
use crate::measure::MeasureError;
use crate::step::Step;

/// More workers are not started only to see a probe fail.
const MOST_WORKERS: usize = 100;

/// How much longer than predicted a restart is waited for.
const PATIENCE: f64 = 4.0;

/// A restart that comes later than this, in seconds, never comes.
const NEVER: f64 = 3600.0;

/// What the probes meet.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Probes {
    /// The probe.
    pub liveness: Liveness,
    /// Whether the application is probed like that, as with the component naive-probes; else only the lab probes it.
    pub liveness_is_in_use: bool,
    /// From so many workers on a probe waits longer than its timeout, with the replicas of rng that there are; `None` if no number
    /// of workers does that.
    pub predicted_workers: Option<usize>,
    /// What was measured.
    pub levels: Vec<Level>,
    /// What became of rng with that many workers, where it is probed like that.
    pub restarts: Option<Restarts>,
}

/// Probes with one number of workers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Level {
    /// Replicas of each service.
    pub step: Step,
    /// What a probe should wait on average.
    pub predicted_wait_seconds: Option<f64>,
    /// What probes of the lab met, at random instants.
    pub probe: Option<ProbeObservation>,
    /// The share of them that waited for more than a second, or failed.
    pub failing_share: f64,
    /// When the restart would come on average; `None` if never.
    pub restart_after_seconds: Option<f64>,
}

/// Restarts that were seen.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Restarts {
    /// Workers meanwhile.
    pub workers: usize,
    /// How many.
    pub count: u64,
    /// Until the first, from the instant on at which the workers were ready.
    pub first_after_seconds: Option<f64>,
    /// How long was looked.
    pub observed_seconds: f64,
}

impl<B: Operations> Driver<'_, B> {
    /// Probes rng at `step`, and with as many workers as make a probe fail.
    pub(super) async fn probes(&mut self, step: Step) -> Result<Probes, MeasureError> {
        let found = self.backend.liveness(Service::Rng);
        let liveness = found.unwrap_or_default();
        self.begins(0, 2, &step.to_string());
        self.scale(step).await?;
        let seen = self.measure(step, self.probe_rate()).await?;
        let calibration = Calibration::new(step, &seen, &self.plan.setup);
        let model = calibration.as_ref().map(|times| times.model(step));
        let clients = model.as_ref().and_then(|model| liveness.fatal_clients(model));
        let workers = clients.map(|clients| clients.div_ceil(self.plan.setup.concurrency));
        let plan = self.plan;
        let level = |step: Step, probe: Option<ProbeObservation>| {
            let model = calibration.as_ref().map(|times| times.model(step));
            let predicted =
                model.and_then(|model| model.probe_wait_at(Service::Rng.name(), plan.clients(step)));
            Level::new(step, predicted, probe, &liveness)
        };
        let mut found = Probes {
            liveness,
            liveness_is_in_use: found.is_some(),
            predicted_workers: workers,
            levels: vec![level(step, seen.probe)],
            restarts: None,
        };
        self.so_far = Some(Finding::Probes(found.clone()));
        let fatal =
            workers.filter(|workers| *workers <= MOST_WORKERS).map(|workers| Step { workers, ..step });
        if let Some(fatal) = fatal {
            self.begins(1, 2, &fatal.to_string());
            if found.liveness_is_in_use {
                let (restarts, ended) = self.restarts(fatal, &liveness).await?;
                found.restarts = Some(restarts);
                self.so_far = Some(Finding::Probes(found.clone()));
                ended?;
            } else if fatal != step {
                self.scale(fatal).await?;
                let seen = self.measure(fatal, self.probe_rate()).await?;
                found.levels.push(level(fatal, seen.probe));
            }
        }
        Ok(found)
    }

    /// Without any there would be nothing to tell.
    fn probe_rate(&self) -> f64 {
        if self.plan.probe_rate > 0.0 { self.plan.probe_rate } else { 100.0 }
    }

    /// What was seen of restarts at `step`, and whether it was looked for as long as it should have been.
    async fn restarts(
        &mut self,
        step: Step,
        liveness: &Liveness,
    ) -> Result<(Restarts, Result<(), MeasureError>), MeasureError> {
        self.scale(step).await?;
        let patience = liveness.restart_after(1.0).map_or(60.0, |after| PATIENCE * after.0);
        let Self { backend, stop, watcher, .. } = self;
        let (backend, mut live) = (&**backend, |speed| watcher.speed(speed));
        let mut recording = Recording::start(backend).await?;
        let (from, before) = (backend.now(), backend.restarts(Service::Rng));
        let (mut first, mut count) = (None, 0);
        let enough = |_: &crate::tape::Tape, now: f64| {
            count = backend.restarts(Service::Rng).saturating_sub(before);
            first = first.or((count > 0).then_some(now - from));
            now - from > patience
        };
        let ended = recording.during(backend, async { Ok(()) }, stop, &mut live, enough).await;
        let observed_seconds = backend.now() - from;
        self.take_events();
        let seen = Restarts { workers: step.workers, count, first_after_seconds: first, observed_seconds };
        Ok((seen, ended))
    }
}

fn share(probe: ProbeObservation) -> f64 {
    probe.over_one_second as f64 / (probe.answered + probe.unanswered).max(1) as f64
}

impl Level {
    fn new(
        step: Step,
        predicted: Option<Seconds>,
        probe: Option<ProbeObservation>,
        liveness: &Liveness,
    ) -> Self {
        let failing_share = probe.map_or(0.0, share);
        Self {
            step,
            predicted_wait_seconds: predicted.map(|wait| wait.0),
            probe,
            failing_share,
            restart_after_seconds: liveness.restart_after(failing_share).map(|after| after.0),
        }
    }

    fn told(&self) -> String {
        let workers = self.step.workers;
        let wait = self.probe.map_or_else(
            || "no probe was answered".to_owned(),
            |probe| format!("a probe waits {} on average", Seconds(probe.mean_seconds)),
        );
        let failing = Utilisation(self.failing_share);
        let then = match self.restart_after_seconds.filter(|after| *after < NEVER) {
            Some(after) => format!("rng would be restarted after about {after:.0} s"),
            None => "rng would not be restarted".to_owned(),
        };
        format!("with worker={workers} {wait}, {failing} take over a second, and {then}")
    }
}

impl Probes {
    /// What it comes to.
    pub(super) fn sentence(&self) -> String {
        let Liveness { timeout_seconds, .. } = self.liveness;
        let rng = self.levels.first().map_or(1, |level| level.step.rng);
        let fails = match self.predicted_workers {
            Some(workers) => format!(
                "A liveness probe of `/` that waits {:.0} must fail from worker={workers} at rng={rng} on",
                Seconds(timeout_seconds)
            ),
            None => "No number of workers makes a probe fail".to_owned(),
        };
        let mut parts: Vec<String> = self.levels.iter().map(Level::told).collect();
        parts.extend(self.restarts.map(Restarts::told));
        format!("{fails}; {}.", parts.join("; "))
    }

    /// What to do about it.
    pub(super) fn advice(&self) -> Vec<String> {
        let advice = "Probe a port that never queues, such as the admin port's /healthz: being slow is no reason for a restart.";
        self.predicted_workers.map(|_| advice.to_owned()).into_iter().collect()
    }

    /// Why it is no answer.
    pub(super) fn doubts(&self) -> Vec<String> {
        let mut doubts = Vec::new();
        if let Some(workers) = self.predicted_workers.filter(|workers| *workers > MOST_WORKERS) {
            doubts.push(format!(
                "worker={workers} was not tried: the lab starts no more than {MOST_WORKERS} for this"
            ));
        }
        if self.restarts.is_some_and(|restarts| restarts.count == 0) {
            doubts.push("rng was not restarted, though its probes should fail".to_owned());
        }
        doubts
    }
}

impl Restarts {
    fn told(self) -> String {
        let Self { workers, count, observed_seconds, .. } = self;
        let times = if count == 1 { "once".to_owned() } else { format!("{count} times") };
        let first =
            self.first_after_seconds.map_or_else(String::new, |after| format!(", first after {after:.0} s"));
        format!("with worker={workers} rng was restarted {times} within {observed_seconds:.0} s{first}")
    }
}
