//! A new version rolls out under load, and back; then once more without what spares requests from it. How many are lost?

use std::cell::Cell;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::driver::Driver;
use super::finding::Finding;
use super::recording::Recording;
use super::recovery::{Before, Recovery};
use crate::backend::{Operations, Probe, ProbeObservation, Replica, Service};
use crate::laws::units::Seconds;
use crate::measure::MeasureError;
use crate::step::Step;
use crate::tape::Tape;

/// Probes a second, through the service's own address.
const PROBE_RATE: f64 = 20.0;

/// What is lost by the end of a replica shows within this, in seconds.
const AFTERMATH: f64 = 2.0;

/// Throughput that is not back after this, in seconds, once all is replaced, is not waited for.
const PATIENCE: f64 = 30.0;

/// What replacing all replicas of a service costs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RollingUpdate {
    /// Replicas of each service.
    pub step: Step,
    /// The one that is replaced.
    pub service: Service,
    /// Hashes per second before.
    pub throughput_before_per_second: f64,
    /// Update, rollback, and an update without protection.
    pub phases: Vec<Phase>,
}

/// All replicas replaced once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Phase {
    /// What was done.
    pub kind: PhaseKind,
    /// What was taken away before, as a list.
    pub without: Option<String>,
    /// Until the last of the old replicas was gone.
    pub duration_seconds: f64,
    /// Requests of workers that failed; each was sent again.
    pub worker_errors: f64,
    /// Probes of the service as a whole; `None` where it has no address of its own.
    pub probes: Option<ProbeObservation>,
    /// What it did to throughput.
    #[serde(flatten)]
    pub recovery: Recovery,
}

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PhaseKind {
    /// To a new version.
    Update,
    /// Back to the one before.
    Rollback,
    /// To a new version, without what spares requests from it.
    UnprotectedUpdate,
}

impl PhaseKind {
    /// As people call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Update => "update",
            Self::Rollback => "rollback",
            Self::UnprotectedUpdate => "unprotected update",
        }
    }
}

impl<B: Operations> Driver<'_, B> {
    /// Replaces the replicas of `service` at `step`, three times.
    pub(super) async fn rolling_update(
        &mut self,
        step: Step,
        service: Service,
    ) -> Result<RollingUpdate, MeasureError> {
        self.begins(0, 4, &format!("{step}, as it is"));
        self.scale(step).await?;
        let throughput = self.measure(step, 0.0).await?.throughput_per_second;
        let mut found =
            RollingUpdate { step, service, throughput_before_per_second: throughput, phases: Vec::new() };
        for kind in [PhaseKind::Update, PhaseKind::Rollback, PhaseKind::UnprotectedUpdate] {
            self.begins(found.phases.len() + 1, 4, &format!("{step}, {} of {service}", kind.name()));
            let without = match kind {
                PhaseKind::UnprotectedUpdate => Some(self.unprotect(service).await?),
                _ => None,
            };
            let phase = self.phase(kind, service, throughput).await?;
            found.phases.push(Phase { without, ..phase });
            self.so_far = Some(Finding::RollingUpdate(found.clone()));
        }
        Ok(found)
    }

    async fn unprotect(&mut self, service: Service) -> Result<String, MeasureError> {
        let without = tokio::select! {
            without = self.backend.unprotect(service) => without?,
            () = self.stop.wait() => return Err(MeasureError::Stopped),
        };
        self.take_events();
        Ok(without)
    }

    async fn phase(
        &mut self,
        kind: PhaseKind,
        service: Service,
        throughput: f64,
    ) -> Result<Phase, MeasureError> {
        let window = self.window().min(Duration::from_secs(3));
        let Self { backend, stop, watcher, .. } = self;
        let (backend, mut live) = (&**backend, |speed| watcher.speed(speed));
        let mut recording = Recording::start(backend).await?;
        // They take turns away from the workers: what was before must be seen with them.
        let probe = front(backend, service).map(|front| backend.probe(&[front], PROBE_RATE));
        let from = backend.now();
        recording.lasting(backend, window, stop, &mut live).await?;
        let throughput = recording.throughput_from(from).unwrap_or(throughput);
        let before = Before { from, struck_at: backend.now(), throughput };
        let done_at = Cell::new(f64::INFINITY);
        let doing = async {
            match kind {
                PhaseKind::Rollback => backend.roll_back(service).await?,
                PhaseKind::Update | PhaseKind::UnprotectedUpdate => backend.roll_out(service).await?,
            }
            done_at.set(backend.now());
            Ok(())
        };
        let mut found = None;
        let enough = |tape: &Tape, now: f64| {
            let waited = now - done_at.get();
            found = Recovery::of(tape.counted(), before, now).filter(|_| waited > AFTERMATH);
            if found.is_none() && waited > PATIENCE {
                found = Some(Recovery::missed(tape.counted(), before, now));
            }
            found.is_some()
        };
        recording.during(backend, doing, stop, &mut live, enough).await?;
        let worker_errors = recording.errors(before.struck_at, backend.now());
        let probes = match probe {
            Some(probe) => probe.finish(before.struck_at, backend.now()).await,
            None => None,
        };
        self.take_events();
        Ok(Phase {
            kind,
            without: None,
            duration_seconds: done_at.get() - before.struck_at,
            worker_errors,
            probes,
            recovery: found.ok_or(MeasureError::Stopped)?,
        })
    }
}

/// The service as a whole, as if it were a replica.
fn front<B: Operations>(backend: &B, service: Service) -> Option<Replica> {
    let address = backend.address(service)?;
    Some(Replica { name: service.to_string(), service, address: Some(address), admin: address, pid: None })
}

impl Phase {
    /// Requests that failed, of workers and probes.
    pub(crate) fn failed(&self) -> f64 {
        self.worker_errors + self.probes.map_or(0.0, |probes| probes.unanswered as f64)
    }

    /// `none of 246 probes and none of the workers' requests failed`
    fn losses(&self) -> String {
        let none = |count: f64| if count < 0.5 { "none".to_owned() } else { format!("{count:.0}") };
        let workers = none(self.worker_errors);
        match self.probes {
            Some(probes) => {
                let sent = probes.answered + probes.unanswered;
                let failed = none(probes.unanswered as f64);
                format!("{failed} of {sent} probes and {workers} of the workers' requests failed")
            }
            None => format!("{workers} of the workers' requests failed"),
        }
    }
}

impl RollingUpdate {
    /// What it comes to.
    pub(super) fn sentence(&self) -> String {
        let part = |phase: &Phase| {
            let took = format!("took {}", Seconds(phase.duration_seconds));
            let what = match (phase.kind, &phase.without) {
                (PhaseKind::Update, _) => format!("Replacing {} at {} {took}", self.service, self.step),
                (PhaseKind::Rollback, _) => format!("the rollback {took}"),
                (_, Some(without)) => format!("without {without} it {took}"),
                (_, None) => format!("without protection it {took}"),
            };
            format!("{what}, {}", phase.losses())
        };
        let parts: Vec<String> = self.phases.iter().map(part).collect();
        format!("{}.", parts.join("; "))
    }

    /// What to do about it.
    pub(super) fn advice(&self) -> Vec<String> {
        let of = |kind| self.phases.iter().find(|phase| phase.kind == kind);
        let (update, unprotected) = (of(PhaseKind::Update), of(PhaseKind::UnprotectedUpdate));
        let cost = |phase: &Phase| phase.recovery.hashes_not_mined;
        let mut advice = Vec::new();
        if let (Some(update), Some(unprotected)) = (update, unprotected)
            && unprotected.failed() > update.failed()
        {
            let requests = unprotected.failed() - update.failed();
            let hashes = (cost(unprotected) - cost(update)).round();
            let hashes = if hashes < 1.0 { String::new() } else { format!(", and {hashes:.0} hashes") };
            advice.push(format!("What was taken away had spared {requests:.0} failed requests{hashes}."));
        }
        advice
    }

    /// Why it is no answer.
    pub(super) fn doubts(&self) -> Vec<String> {
        let gone = self.phases.iter().filter(|phase| phase.recovery.recovered_after_seconds.is_none());
        gone.map(|phase| format!("throughput did not come back after the {}", phase.kind.name())).collect()
    }
}
