//! What was seen at one step, in the numbers that laws and people speak of. Computed from a [`Tape`], once the window is
//! known; units are in the names, since this is also what the JSON report holds.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::backend::{ProbeObservation, Service};
use crate::laws::little;
use crate::laws::units::{Seconds, Throughput};
use crate::tape::{Reading, STAGES, Tape, UPSTREAMS};
use loadgen_engine::statistics::batch::Interval;
use loadgen_engine::statistics::evenness::Evenness;

/// Batches of the window, before correlated neighbours are merged.
const BATCHES: usize = 40;

/// The steady part of a step.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Window {
    /// Its start, in seconds since the Unix epoch.
    pub from_unix_seconds: f64,
    /// Its end, likewise.
    pub to_unix_seconds: f64,
    /// What was cut off before it.
    pub warm_up_seconds: f64,
    /// Whether the end of the warm-up could be told from the data.
    pub steady: bool,
}

impl Window {
    /// Its length.
    pub fn seconds(&self) -> f64 {
        self.to_unix_seconds - self.from_unix_seconds
    }
}

/// What was seen at one step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Observation {
    /// Mining loops (N).
    pub clients: usize,
    /// When it was seen.
    pub window: Window,
    /// Hashes per second (X).
    pub throughput_per_second: f64,
    /// Half of its 95 % interval; `None` when there was too little to tell.
    pub throughput_half_width_per_second: Option<f64>,
    /// Whether the batches behind the interval depend on each other, which makes it too narrow.
    pub throughput_batches_correlated: bool,
    /// Throughput in equal parts of the window, from which the interval comes; empty when there was too little to tell.
    #[serde(default)]
    pub throughput_parts_per_second: Vec<f64>,
    /// Cycles finished in the window.
    pub cycles: f64,
    /// Mean time of a cycle, by stage.
    pub stages: Vec<Stage>,
    /// (N − X·(Z+ΣR)) / N: the share of the loops' time that no stage accounts for.
    pub dark_time_share: f64,
    /// The services that the cycle passes through.
    pub services: Vec<ServiceObservation>,
    /// What a probe of rng met.
    pub probe: Option<ProbeObservation>,
    /// Errors that workers met in the window.
    pub worker_errors: f64,
    /// The share of the time in which some process of a machine under the application waited for a CPU, where it was worst.
    pub host_cpu_pressure_share: f64,
    /// The share of its CPUs' time that a hypervisor kept from a machine under the application, where it was worst.
    #[serde(default)]
    pub host_cpu_stolen_share: f64,
    /// What the lab itself needed.
    pub lab: CpuObservation,
}

/// How a process fared for CPU during the window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CpuObservation {
    /// CPU used, in cores.
    pub cpu_cores: f64,
    /// The share of the time in which it was ready to run and waited for a CPU.
    pub cpu_waiting_share: f64,
    /// The share of the time in which its control group had used its CPU quota up.
    pub cpu_throttled_share: f64,
}

impl CpuObservation {
    fn new(added: &Reading) -> Self {
        Self {
            cpu_cores: added.cpu / added.at,
            cpu_waiting_share: added.cpu_waited / added.at,
            // A group is throttled on each CPU by itself.
            cpu_throttled_share: (added.cpu_throttled / added.at).min(1.0),
        }
    }
}

/// One stage of the worker's cycle.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stage {
    /// `think`, `rng`, `hasher` or `store`.
    pub stage: Cow<'static, str>,
    /// Mean per cycle, waiting included.
    pub seconds: f64,
}

/// One service during the window.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ServiceObservation {
    /// Its name.
    pub service: Service,
    /// Share of its slots that were busy (U); `None` without a limit on slots.
    pub utilisation: Option<f64>,
    /// Slots of all its replicas (m); `None` without a limit.
    pub slots: Option<f64>,
    /// Mean time that a visit kept a slot (S); `None` when there was no visit.
    pub service_time_seconds: Option<f64>,
    /// Mean time that a visit waited for one.
    pub queueing_time_seconds: Option<f64>,
    /// CPU used, in cores over all replicas.
    pub cpu_cores: f64,
    /// Each replica's part.
    pub replicas: Vec<ReplicaObservation>,
    /// Whether the visits were spread evenly; `None` for a single replica.
    pub evenness: Option<Evenness>,
    /// Connections that workers made to it for each cycle; `None` where they call nobody of it.
    pub connections_per_cycle: Option<f64>,
}

/// One replica during the window.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReplicaObservation {
    /// Its name.
    pub replica: String,
    /// Visits that it served.
    pub visits: f64,
    /// Its share of the service's visits; 0 when there were none.
    pub share: f64,
    /// Mean time that one of them kept a slot (S); `None` when there was none.
    pub service_time_seconds: Option<f64>,
    /// How it fared for CPU.
    #[serde(flatten)]
    pub cpu: CpuObservation,
    /// Resident memory at the end.
    pub resident_bytes: f64,
}

impl Observation {
    /// What `tape` shows of `window` with `clients` loops; `None` if no worker finished a cycle there.
    pub fn new(tape: &Tape, window: Window, clients: usize, probe: Option<ProbeObservation>) -> Option<Self> {
        let (from, to) = (window.from_unix_seconds, window.to_unix_seconds);
        let workers = tape.added(Service::Worker, from, to);
        let cycles: f64 = workers.iter().map(|(_, added)| added.cycles).sum();
        if cycles <= 0.0 {
            return None;
        }
        let rates = throughput_parts(tape, &window);
        let interval = Interval::of(&rates);
        let throughput = interval.map_or(cycles / window.seconds(), |interval| interval.mean);
        let stages = stages(&workers, cycles);
        let cycle = Seconds(stages.iter().map(|stage| stage.seconds).sum());
        let connections = |of| {
            let upstream = UPSTREAMS.iter().position(|upstream| *upstream == of)?;
            Some(workers.iter().map(|(_, added)| added.connections[upstream]).sum::<f64>() / cycles)
        };
        let service = |of| ServiceObservation {
            connections_per_cycle: connections(of),
            ..ServiceObservation::new(of, &tape.added(of, from, to))
        };
        Some(Self {
            clients,
            window,
            throughput_per_second: throughput,
            throughput_half_width_per_second: interval.map(|interval| interval.half_width),
            throughput_batches_correlated: interval.is_some_and(|interval| interval.is_correlated()),
            throughput_parts_per_second: rates,
            cycles,
            stages,
            dark_time_share: little::closure(clients, Throughput(throughput), cycle),
            services: [Service::Worker, Service::Rng, Service::Hasher, Service::Store].map(service).into(),
            probe,
            worker_errors: workers.iter().map(|(_, added)| added.errors).sum(),
            host_cpu_pressure_share: worst(tape, from, to, |added| added.cpu_pressure),
            host_cpu_stolen_share: worst(tape, from, to, |added| added.cpu_stolen),
            lab: tape.added_at_lab(from, to).as_ref().map(CpuObservation::new).unwrap_or_default(),
        })
    }

    /// What was seen of `service`.
    pub fn service(&self, service: Service) -> Option<&ServiceObservation> {
        self.services.iter().find(|seen| seen.service == service)
    }

    /// Mean time of a whole cycle.
    pub fn cycle(&self) -> Seconds {
        Seconds(self.stages.iter().map(|stage| stage.seconds).sum())
    }

    /// Mean time of a cycle in `stage`.
    pub fn stage(&self, stage: &str) -> Seconds {
        Seconds(self.stages.iter().filter(|it| it.stage == stage).map(|it| it.seconds).sum())
    }
}

/// Hashes per second in `window`, by batch means; `None` when there was too little to tell.
pub fn throughput_interval(tape: &Tape, window: &Window) -> Option<Interval> {
    Interval::of(&throughput_parts(tape, window))
}

/// Hashes per second in each of the equal parts of `window`; none when there was too little to tell.
fn throughput_parts(tape: &Tape, window: &Window) -> Vec<f64> {
    tape.rates(window.from_unix_seconds, window.to_unix_seconds, BATCHES).unwrap_or_default()
}

/// The largest share of the time that `of` is of, at any replica: those of one machine tell the same.
fn worst(tape: &Tape, from: f64, to: f64, of: fn(&Reading) -> f64) -> f64 {
    let all = Service::ALL.iter().flat_map(|service| tape.added(*service, from, to));
    all.map(|(_, added)| of(&added) / added.at).fold(0.0, f64::max)
}

fn stages(workers: &[(&str, Reading)], cycles: f64) -> Vec<Stage> {
    let total = |stage: usize| workers.iter().map(|(_, added)| added.stages[stage]).sum::<f64>();
    STAGES
        .iter()
        .enumerate()
        .map(|(index, stage)| Stage { stage: Cow::Borrowed(stage), seconds: total(index) / cycles })
        .collect()
}

impl ServiceObservation {
    fn new(service: Service, replicas: &[(&str, Reading)]) -> Self {
        let total = |of: fn(&Reading) -> f64| replicas.iter().map(|(_, added)| of(added)).sum::<f64>();
        let visits = total(|added| added.visits);
        let per_visit = |sum: f64| (visits > 0.0).then(|| sum / visits);
        // Thinking occupies a worker, not a slot that others could wait for.
        let slots = total(|added| added.slots);
        let limited = slots.is_finite() && slots > 0.0 && !replicas.is_empty();
        let busy = total(|added| added.busy / added.at) / slots;
        Self {
            service,
            utilisation: limited.then_some(busy),
            slots: limited.then_some(slots),
            service_time_seconds: per_visit(total(|added| added.served)),
            queueing_time_seconds: per_visit(total(|added| added.queued)),
            cpu_cores: total(|added| added.cpu / added.at),
            replicas: replicas
                .iter()
                .map(|(name, added)| ReplicaObservation::new(name, added, visits))
                .collect(),
            evenness: evenness(replicas),
            connections_per_cycle: None,
        }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "counts are whole and not negative"
)]
fn evenness(replicas: &[(&str, Reading)]) -> Option<Evenness> {
    let counts: Vec<u64> = replicas.iter().map(|(_, added)| added.visits as u64).collect();
    Evenness::of(&counts)
}

impl ReplicaObservation {
    fn new(replica: &str, added: &Reading, visits: f64) -> Self {
        Self {
            replica: replica.to_owned(),
            visits: added.visits,
            share: if visits > 0.0 { added.visits / visits } else { 0.0 },
            service_time_seconds: (added.visits > 0.0).then(|| added.served / added.visits),
            cpu: CpuObservation::new(added),
            resident_bytes: added.resident,
        }
    }
}
