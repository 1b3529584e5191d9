//! A light, steady look at a service from outside while something else loads it. Owns sending probes at Poisson
//! instants, each to a target picked at random; what they found is the business of [`report`].
//!
//! It is an open loop: each probe is a task of its own, so one that waits never delays the next. And it is Poisson,
//! because a probe once a second falls into step with a service time of 0.1 s and reads 795 instead of 750 ms.

use std::time::{Duration, Instant};

use dockercoins_timer::Alarm;
use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};
use tokio::sync::oneshot;
use tokio::task::{JoinHandle, JoinSet};

use crate::arrivals::Arrivals;
use crate::call::Call;
use crate::rate::Rate;
use crate::timeline::Timeline;

pub mod report;
mod target;
#[cfg(test)]
mod tests;

pub use report::{ProbeReport, ProbeSample, ProbeSummary};
pub use target::ProbeTarget;

/// Probes that may wait at the same time; each holds a file descriptor of the lab's.
const MAX_IN_FLIGHT: usize = 256;

/// A running prober; it stops when it is finished or dropped.
#[derive(Debug)]
pub struct Prober {
    timeline: Timeline,
    targets: Vec<ProbeTarget>,
    stop: oneshot::Sender<()>,
    driver: JoinHandle<Findings>,
}

/// What a prober has found so far.
#[derive(Debug, Default)]
struct Findings {
    samples: Vec<ProbeSample>,
    /// Target and due time of the probes that were not sent, because too many were waiting.
    overflowed: Vec<(usize, Duration)>,
    /// When the last probe could have been due.
    ended_at: Duration,
}

impl Prober {
    /// Starts sending `rate` probes a second over all `targets` together, on the tokio runtime that this is called in.
    /// Each probe waits `timeout` for its answer. Without targets, or with a rate that is not positive, none is sent.
    ///
    /// # Panics
    /// Outside of a tokio runtime.
    pub fn start(targets: Vec<ProbeTarget>, rate: f64, timeout: Duration) -> Self {
        let timeline = Timeline::start();
        let (stop, stopped) = oneshot::channel();
        let calls = targets.iter().map(|target| target.call(timeout)).collect();
        let driver = Driver::new(calls, timeline);
        let driver = tokio::spawn(driver.run(Rate::per_second(rate).ok(), stopped));
        Self { timeline, targets, stop, driver }
    }

    /// The instant that the report's offsets count from.
    pub fn started_at(&self) -> Instant {
        self.timeline.started_at()
    }

    /// Sends no more probes and waits for those under way: at most for their timeout, then they are censored samples.
    pub async fn finish(self) -> ProbeReport {
        // The driver cannot be gone: it ends only after this message.
        let _ = self.stop.send(());
        let findings = self.driver.await.unwrap_or_else(|error| match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(_) => Findings::default(),
        });
        ProbeReport::new(self.timeline.started_at(), self.targets, findings)
    }
}

struct Driver {
    calls: Vec<Call>,
    timeline: Timeline,
    rng: SmallRng,
    in_flight: JoinSet<ProbeSample>,
    findings: Findings,
}

impl Driver {
    fn new(calls: Vec<Call>, timeline: Timeline) -> Self {
        let rng = SmallRng::seed_from_u64(rand::random());
        Self { calls, timeline, rng, in_flight: JoinSet::new(), findings: Findings::default() }
    }

    /// Probes until `stopped`, which a dropped prober is too.
    async fn run(mut self, rate: Option<Rate>, mut stopped: oneshot::Receiver<()>) -> Findings {
        let rate = rate.filter(|_| !self.calls.is_empty());
        let schedule = rate.map(|rate| Arrivals::Poisson.schedule(rate, self.rng.random()));
        let mut alarm = Alarm::new();
        for due in schedule.into_iter().flatten() {
            let Some(instant) = self.timeline.at(due) else { break };
            tokio::select! {
                () = alarm.until(instant) => self.launch(due),
                _ = &mut stopped => return self.land().await,
            }
        }
        let _ = stopped.await;
        self.land().await
    }

    fn launch(&mut self, due: Duration) {
        let target = self.rng.random_range(0..self.calls.len());
        self.collect();
        if self.in_flight.len() >= MAX_IN_FLIGHT {
            return self.findings.overflowed.push((target, due));
        }
        let (call, timeline) = (self.calls[target].clone(), self.timeline);
        self.in_flight
            .spawn(async move { ProbeSample { target, sample: call.make(due, timeline).await.sample } });
    }

    /// Takes in what has come back.
    fn collect(&mut self) {
        while let Some(landed) = self.in_flight.try_join_next() {
            self.findings.samples.extend(landed);
        }
    }

    async fn land(mut self) -> Findings {
        self.findings.ended_at = self.timeline.now();
        while let Some(landed) = self.in_flight.join_next().await {
            self.findings.samples.extend(landed);
        }
        self.findings
    }
}
