//! A replica dies without warning: how long until throughput is back, and what that cost.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::driver::Driver;
use super::finding::Finding;
use super::recording::Recording;
use super::recovery::{Before, Recovery};
use crate::backend::{BackendError, Operations, Service};
use crate::laws::units::{Seconds, Throughput};
use crate::measure::MeasureError;
use crate::step::Step;
use crate::tape::Tape;

/// Throughput that is not back after this will not come back.
const PATIENCE: Duration = Duration::from_secs(90);

/// What a killed replica did to throughput.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Kill {
    /// Replicas of each service.
    pub step: Step,
    /// The one that was killed.
    pub replica: String,
    /// What it was a replica of.
    pub service: Service,
    /// Hashes per second before.
    pub throughput_before_per_second: f64,
    /// Half of its 95 % interval; `None` when there was too little to tell.
    pub throughput_before_half_width_per_second: Option<f64>,
    /// What became of it.
    #[serde(flatten)]
    pub recovery: Recovery,
    /// From the strike until throughput was back, or was not waited for any longer.
    #[serde(default)]
    pub watched_seconds: f64,
    /// Requests of workers that failed meanwhile; each was sent again.
    pub worker_errors: f64,
}

impl<B: Operations> Driver<'_, B> {
    /// Kills a replica of `service` at `step`.
    pub(super) async fn kill(&mut self, step: Step, service: Service) -> Result<Kill, MeasureError> {
        self.begins(0, 2, &format!("{step}, as it is"));
        self.scale(step).await?;
        let seen = self.measure(step, 0.0).await?;
        let victim = self.backend.replicas(service).await?.into_iter().next();
        let victim = victim.ok_or_else(|| BackendError::new(format!("no {service} is ready")))?;
        self.begins(1, 2, &format!("{step}, {} is killed", victim.name));
        let window = self.window();
        let Self { backend, stop, watcher, .. } = self;
        let (backend, mut live) = (&**backend, |speed| watcher.speed(speed));
        let mut recording = Recording::start(backend).await?;
        let from = backend.now();
        recording.lasting(backend, window, stop, &mut live).await?;
        let struck_at = backend.now();
        let before = Before { from, struck_at, throughput: seen.throughput_per_second };
        let mut found = None;
        let enough = |tape: &Tape, now: f64| {
            found = Recovery::of(tape.counted(), before, now);
            found.is_some() || now - struck_at > PATIENCE.as_secs_f64()
        };
        let ended = recording.during(backend, backend.kill(&victim), stop, &mut live, enough).await;
        let now = backend.now();
        let kill = Kill {
            step,
            replica: victim.name,
            service,
            throughput_before_per_second: seen.throughput_per_second,
            throughput_before_half_width_per_second: seen.throughput_half_width_per_second,
            recovery: found.unwrap_or_else(|| Recovery::missed(recording.tape.counted(), before, now)),
            watched_seconds: now - struck_at,
            worker_errors: recording.errors(struck_at, now),
        };
        self.take_events();
        // Who stops it may want to know how it went until then.
        self.so_far = Some(Finding::Kill(kill.clone()));
        ended.map(|()| kill)
    }
}

impl Kill {
    /// What it comes to.
    pub(super) fn sentence(&self) -> String {
        let (before, recovery) = (Throughput(self.throughput_before_per_second), &self.recovery);
        let lost = match recovery.hashes_not_mined.round() {
            lost if lost < 0.5 => "no hash less was mined".to_owned(),
            lost if lost < 1.5 => "one hash was not mined".to_owned(),
            lost => format!("{lost:.0} hashes were not mined"),
        };
        let failed = match self.worker_errors {
            failed if failed < 0.5 => "no request failed".to_owned(),
            failed if failed < 1.5 => "one request failed and was sent again".to_owned(),
            failed => format!("{failed:.0} requests failed and were sent again"),
        };
        match recovery.recovered_after_seconds {
            None => format!(
                "{} was killed, and throughput was not back at {before} within {:.0}: {lost}, {failed}.",
                self.replica,
                Seconds(self.watched_seconds)
            ),
            Some(_) if !recovery.was_felt() => {
                format!("{} was killed, and throughput stayed at {before}: {failed}.", self.replica)
            }
            Some(after) => format!(
                "{} was killed: after {} throughput was back at {before}; {lost} in the meantime, {failed}.",
                self.replica,
                Seconds(after)
            ),
        }
    }

    /// Why it is no answer.
    pub(super) fn doubts(&self) -> Vec<String> {
        let gone = self.recovery.recovered_after_seconds.is_none();
        gone.then(|| "throughput did not come back".to_owned()).into_iter().collect()
    }
}
