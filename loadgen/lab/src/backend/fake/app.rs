//! What the simulated application is like, and what goes wrong with it. Instants count from the start of the simulation.

use std::time::Duration;

use super::super::Service;
use crate::experiment::liveness::Liveness;

/// How requests find a replica.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dispatch {
    /// All of them in turn.
    RoundRobin,
    /// Each by itself, at random.
    Random,
    /// Each loop stays with the replica that it reached first, as live connections do.
    Sticky,
}

/// The law of service times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Law {
    /// Always the mean.
    Constant,
    /// Without memory.
    Exponential,
}

/// Something that goes wrong.
#[derive(Clone, Debug)]
pub(crate) enum Fault {
    /// The replica dies, with its counters and its visits, and comes back by itself.
    Crash {
        /// Its name.
        replica: &'static str,
        /// The first time.
        at: Duration,
        /// How long it is away.
        down_for: Duration,
        /// From one crash to the next; `None` if it happens once.
        every: Option<Duration>,
    },
    /// The replica's admin port does not answer.
    Unreadable {
        /// Its name.
        replica: &'static str,
        /// From then on.
        from: Duration,
        /// Until then.
        to: Duration,
    },
    /// The replica takes so many times as long for everything.
    Slow {
        /// Its name.
        replica: &'static str,
        /// How many times.
        factor: f64,
    },
    /// The replica may run for only a part of each tenth of a second: it has used its CPU quota up for the rest.
    Throttled {
        /// Its name.
        replica: &'static str,
        /// The rest, from 0 to 1.
        share: f64,
    },
    /// The service cannot be brought to so many replicas.
    ScaleFails(Service, usize),
    /// No loop begins a cycle from then on.
    Standstill(Duration),
}

/// The application and the machine under it.
#[derive(Clone, Debug)]
pub(crate) struct App {
    /// Two runs with the same seed are the same.
    pub(crate) seed: u64,
    /// Loops in each worker.
    pub(crate) concurrency: usize,
    /// Think time (Z).
    pub(crate) think_time: Duration,
    /// Mean service time of rng (S).
    pub(crate) rng_time: Duration,
    /// Mean service time of hasher.
    pub(crate) hasher_time: Duration,
    /// Slots of each rng replica.
    pub(crate) rng_slots: Option<usize>,
    /// Slots of each hasher replica.
    pub(crate) hasher_slots: Option<usize>,
    /// Mean overhead of a cycle (ε): half of it on the way to rng, half on the way to hasher.
    pub(crate) overhead: Duration,
    /// The overhead is even between 1 − this and 1 + this times its mean.
    pub(crate) jitter: f64,
    /// Time between two cycles that no stage accounts for.
    pub(crate) dark_time: Duration,
    /// How requests find a replica.
    pub(crate) dispatch: Dispatch,
    /// The law of service times at rng and hasher.
    pub(crate) law: Law,
    /// Cores that a busy slot of rng uses.
    pub(crate) rng_cores: f64,
    /// Time that each cycle asks of the store.
    pub(crate) store_time: Duration,
    /// Cycles that the store serves at once.
    pub(crate) store_slots: Option<usize>,
    /// Cores that the store uses while it serves one.
    pub(crate) store_cores: f64,
    /// What each loop more adds to the overhead of all.
    pub(crate) crowding: Duration,
    /// Mean time for which a cycle waits for CPUs of the host.
    pub(crate) cpu_wait: Duration,
    /// Share of the time in which somebody on the host waits for a CPU.
    pub(crate) cpu_pressure: f64,
    /// Share of its CPUs' time that a hypervisor keeps from the host.
    pub(crate) cpu_stolen: f64,
    /// Cores that the lab itself uses.
    pub(crate) lab_cores: f64,
    /// Share of the time in which the lab has used its CPU quota up.
    pub(crate) lab_throttled: f64,
    /// By how much the lab sends each probe late.
    pub(crate) lab_lag: Duration,
    /// Time that one reading of an admin port takes.
    pub(crate) reading_time: Duration,
    /// The liveness probe of rng, if it queues; what becomes of it is a fault's.
    pub(crate) liveness: Option<Liveness>,
    /// When rng comes to how many replicas without the lab's doing.
    pub(crate) autoscaler: Option<(Duration, usize)>,
    /// What goes wrong.
    pub(crate) faults: Vec<Fault>,
}

impl Default for App {
    /// The application as it is meant: Z = 0.1 s, 0.1 s at hasher, S = 0.1 s in the one slot of rng, and 1 ms of overhead.
    fn default() -> Self {
        let tenth = Duration::from_millis(100);
        Self {
            seed: 1,
            concurrency: 1,
            think_time: tenth,
            rng_time: tenth,
            hasher_time: tenth,
            rng_slots: Some(1),
            hasher_slots: None,
            overhead: Duration::from_millis(1),
            jitter: 0.2,
            dark_time: Duration::ZERO,
            dispatch: Dispatch::RoundRobin,
            law: Law::Constant,
            rng_cores: 0.01,
            store_time: Duration::ZERO,
            store_slots: None,
            store_cores: 0.01,
            crowding: Duration::ZERO,
            cpu_wait: Duration::ZERO,
            cpu_pressure: 0.0,
            cpu_stolen: 0.0,
            lab_cores: 0.05,
            lab_throttled: 0.0,
            lab_lag: Duration::ZERO,
            reading_time: Duration::from_micros(300),
            liveness: None,
            autoscaler: None,
            faults: Vec::new(),
        }
    }
}
