//! One block: a while of one build at a step, with the other at rest. Owns what is kept of it, and how long it is.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::turns::Side;
use crate::backend::{Backend, Service};
use crate::measure::{Found, MeasureError, read, readable, standstill};
use crate::step::Step;
use crate::stop::Stop;
use crate::tape::{STAGES, Tape};

/// Rounds of reading in a window: only its ends are made use of, and reading takes CPU from what is read.
const ROUNDS: f64 = 10.0;

/// A block in which a worker ends no two cycles within so many windows stands still.
const PATIENCE: f64 = 30.0;

/// The services of which a block tells the service time.
pub(super) const TIMED: [Service; 2] = [Service::Rng, Service::Hasher];

/// How long a block is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Timing {
    /// What is left out after workers have started.
    pub warm_up: Duration,
    /// What is measured; longer where a worker has not ended two cycles by then.
    pub window: Duration,
}

/// What a block has shown.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Block {
    /// Where.
    pub step: Step,
    /// Whose.
    pub side: Side,
    /// When its window began, in seconds since the Unix epoch.
    pub from_unix_seconds: f64,
    /// How long that was.
    pub seconds: f64,
    /// Hashes per second (X).
    pub throughput_per_second: f64,
    /// What a unit of work takes beside thinking (R).
    pub response_time_seconds: f64,
    /// Mean service time (S) of each service that has a station.
    pub service_time_seconds: BTreeMap<Service, f64>,
    /// Mean time that a unit of work spends in each stage of the worker's cycle, waiting included.
    pub stage_seconds: BTreeMap<String, f64>,
    /// Mean time that it waits at each service.
    pub queueing_time_seconds: BTreeMap<Service, f64>,
    /// The share of the time in which some process of the machine waited for a CPU.
    pub host_cpu_pressure_share: f64,
}

/// Measures `backend`, whose workers run at `step` with `clients` loops in all.
pub(super) async fn block<B: Backend>(
    backend: &B,
    whose: (Step, Side),
    clients: usize,
    timing: Timing,
    stop: &Stop,
) -> Result<Block, MeasureError> {
    tokio::select! {
        biased;
        () = stop.wait() => Err(MeasureError::Stopped),
        seen = observe(backend, whose, clients, timing) => seen,
    }
}

async fn observe<B: Backend>(
    backend: &B,
    whose: (Step, Side),
    clients: usize,
    timing: Timing,
) -> Result<Block, MeasureError> {
    let mut replicas = readable(backend).await?;
    let window = timing.window.as_secs_f64();
    let began_at = backend.now();
    let from = began_at + timing.warm_up.as_secs_f64();
    let mut tape = Tape::default();
    loop {
        if read(backend, &replicas, &mut tape).await? == Found::SomeMissing {
            replicas = readable(backend).await?;
        }
        let now = backend.now();
        if now >= from + window {
            if let Some(block) = Block::new(&tape, whose, clients, [from, now]) {
                return Ok(block);
            }
            if now > from + PATIENCE * window {
                return Err(standstill(backend, began_at).await);
            }
        }
        backend.sleep(timing.window.div_f64(ROUNDS)).await;
    }
}

impl Block {
    /// What `tape` shows from one instant to another; `None` as long as it does not tell everything.
    ///
    /// By the interactive response time law R = N/X − Z, with the think time Z as the workers have counted it.
    fn new(tape: &Tape, (step, side): (Step, Side), clients: usize, [from, to]: [f64; 2]) -> Option<Self> {
        let throughput = tape.rate_of_each(from)?;
        let workers = tape.added(Service::Worker, from, to);
        let cycles: f64 = workers.iter().map(|(_, added)| added.cycles).sum();
        let stage = |index: usize| workers.iter().map(|(_, added)| added.stages[index]).sum::<f64>() / cycles;
        let stages: BTreeMap<_, _> =
            STAGES.into_iter().enumerate().map(|(i, name)| (name.to_owned(), stage(i))).collect();
        let think = *stages.get("think")?;
        let mut service_time_seconds = BTreeMap::new();
        let mut queueing_time_seconds = BTreeMap::new();
        for service in TIMED {
            let added = tape.added(service, from, to);
            let sum = |of: fn(&crate::tape::Reading) -> f64| added.iter().map(|(_, it)| of(it)).sum::<f64>();
            let visits = sum(|it| it.visits);
            service_time_seconds.insert(service, sum(|it| it.served) / visits);
            queueing_time_seconds.insert(service, sum(|it| it.queued) / visits);
        }
        let pressure = workers.iter().map(|(_, added)| added.cpu_pressure / added.at).fold(0.0, f64::max);
        let seen = Self {
            step,
            side,
            from_unix_seconds: from,
            seconds: to - from,
            throughput_per_second: throughput,
            response_time_seconds: clients as f64 / throughput - think,
            service_time_seconds,
            stage_seconds: stages,
            queueing_time_seconds,
            host_cpu_pressure_share: pressure,
        };
        seen.is_whole().then_some(seen)
    }

    /// Whether something was counted of everything.
    fn is_whole(&self) -> bool {
        let sums = self.service_time_seconds.values().chain(self.stage_seconds.values());
        sums.chain([&self.throughput_per_second, &self.response_time_seconds]).all(|value| value.is_finite())
    }
}
