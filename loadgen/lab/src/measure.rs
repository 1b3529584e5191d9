//! Measuring one step: read every replica's counters over and over, probe rng meanwhile, stop when the steady part is
//! long enough. Scaling is the sweep's; what the numbers mean is the verdict's.

use std::time::Duration;

use crate::backend::{Backend, BackendError, Probe, Replica, Service};
use crate::observation::{Observation, Window, throughput_interval};
use crate::scrape::Metrics;
use crate::stop::Stop;
use crate::tape::{Reading, Tape};
use crate::window;

/// The services whose counters a step needs.
const READ: [Service; 4] = [Service::Worker, Service::Rng, Service::Hasher, Service::Store];

/// Rounds of reading in a window; MSER-5 wants many, the machine few.
const ROUNDS: f64 = 60.0;

/// A replica that takes longer than this to answer, in seconds, hangs, and so would every round with it.
const LONGEST_ANSWER: f64 = 3.0;

/// Time that a round may take of the machine for each replica read.
const ROUND_PER_REPLICA: Duration = Duration::from_millis(3);

/// How often a step that is not steady yet is prolonged, by half a window each time.
const EXTENSIONS: u32 = 2;

/// The warm-up lasts until each loop has been round once, but no longer than this, in seconds.
const LONGEST_LAP: f64 = 60.0;

/// A warm-up shorter by less than this factor than such a round will do.
const LAP_SLACK: f64 = 1.1;

/// How a step is measured.
#[derive(Clone, Copy, Debug)]
pub struct Timing {
    /// The least warm-up.
    pub warm_up: Duration,
    /// The window aimed at.
    pub window: Duration,
    /// The longest window; it is used where the throughput's interval is not tight enough before.
    pub longest: Duration,
    /// Half the width of the throughput's interval that is tight enough, as a share of the throughput.
    pub precision: f64,
    /// Probes of rng a second; 0 for none.
    pub probe_rate: f64,
}

/// Why a step has no observation.
#[derive(Debug, thiserror::Error)]
pub enum MeasureError {
    /// The application could not be read.
    #[error(transparent)]
    Backend(#[from] BackendError),
    /// No worker finished a cycle.
    #[error("no worker finished a cycle within {0:.1} s; the last line that one logged: {1}")]
    Standstill(f64, String),
    /// ^C.
    #[error("stopped")]
    Stopped,
}

/// Measures the application as it stands, with `clients` mining loops; `live` is told the throughput now and then.
pub async fn measure<B: Backend>(
    backend: &B,
    clients: usize,
    timing: Timing,
    stop: &Stop,
    live: &mut dyn FnMut(f64),
) -> Result<Observation, MeasureError> {
    // Also while a replica makes the lab wait for its answer.
    tokio::select! {
        biased;
        () = stop.wait() => Err(MeasureError::Stopped),
        seen = observe(backend, clients, timing, live) => seen,
    }
}

async fn observe<B: Backend>(
    backend: &B,
    clients: usize,
    timing: Timing,
    live: &mut dyn FnMut(f64),
) -> Result<Observation, MeasureError> {
    let mut replicas = readable(backend).await?;
    let probed: Vec<Replica> = replicas.iter().filter(|it| it.service == Service::Rng).cloned().collect();
    let probe = (timing.probe_rate > 0.0).then(|| backend.probe(&probed, timing.probe_rate));
    let began_at = backend.now();
    let tick = interval(timing, replicas.len());
    let mut tape = Tape::default();
    let mut course = Course::new(began_at, clients, timing);
    let window = loop {
        if read(backend, &replicas, &mut tape).await? == Found::SomeMissing {
            replicas = readable(backend).await?;
        }
        live(tape.recent_rate(backend.now()));
        match course.next(&tape, backend.now()) {
            Next::GoOn => {}
            Next::Enough(window) => break window,
            Next::StandsStill(since) => return Err(standstill(backend, since).await),
        }
        backend.sleep(tick).await;
    };
    let met = match probe {
        Some(probe) => probe.finish(window.from_unix_seconds, window.to_unix_seconds).await,
        None => None,
    };
    match Observation::new(&tape, window, clients, met) {
        Some(observation) => Ok(observation),
        None => Err(standstill(backend, began_at).await),
    }
}

/// How long a step goes on.
struct Course {
    began_at: f64,
    clients: usize,
    timing: Timing,
    warm_up: f64,
    ends_at: f64,
    extensions: u32,
}

enum Next {
    GoOn,
    Enough(Window),
    /// No cycle has ended since that instant.
    StandsStill(f64),
}

impl Course {
    fn new(began_at: f64, clients: usize, timing: Timing) -> Self {
        let warm_up = timing.warm_up.as_secs_f64();
        let ends_at = began_at + warm_up + timing.window.as_secs_f64();
        Self { began_at, clients, timing, warm_up, ends_at, extensions: 0 }
    }

    fn next(&mut self, tape: &Tape, now: f64) -> Next {
        if now < self.ends_at {
            return Next::GoOn;
        }
        let lap = self.lap(tape).unwrap_or_default();
        if let Some((_, last)) = tape.span().filter(|(_, last)| now - last > self.patience(lap)) {
            return Next::StandsStill(last.max(self.began_at));
        }
        if self.warm_up < LONGEST_LAP.min(lap / LAP_SLACK) {
            return self.warm_up_for(lap.min(LONGEST_LAP));
        }
        let found = window::find(tape, self.began_at, self.warm_up);
        let may_settle = self.extensions < EXTENSIONS;
        match found {
            None if !may_settle => Next::StandsStill(self.began_at),
            Some(window) if self.is_enough(&window) || !may_settle => self.tighten(tape, window),
            _ => self.extend(),
        }
    }

    /// N/X, the time that a cycle takes by Little's law, over the latest half of what is known.
    fn lap(&self, tape: &Tape) -> Option<f64> {
        let (first, last) = tape.span()?;
        let rate = *tape.rates(f64::midpoint(first, last), last, 1)?.first()?;
        (rate > 0.0).then(|| self.clients as f64 / rate)
    }

    /// For how long no cycle may end before that is a standstill, in seconds.
    fn patience(&self, lap: f64) -> f64 {
        (self.timing.window.as_secs_f64() / 2.0).max(2.0 * lap)
    }

    /// Until each loop has been round once, the cycles that end are those that met a shorter queue.
    fn warm_up_for(&mut self, lap: f64) -> Next {
        self.warm_up = lap;
        self.ends_at = self.began_at + lap + self.timing.window.as_secs_f64();
        Next::GoOn
    }

    fn extend(&mut self) -> Next {
        self.extensions += 1;
        self.ends_at += self.timing.window.as_secs_f64() / 2.0;
        Next::GoOn
    }

    /// Goes on while the throughput is not known well enough and the window is not as long as it may be.
    fn tighten(&mut self, tape: &Tape, window: Window) -> Next {
        let interval = throughput_interval(tape, &window);
        let tight = interval.is_some_and(|it| it.half_width <= self.timing.precision * it.mean);
        let most = self.began_at + self.warm_up + self.timing.longest.as_secs_f64();
        if tight || self.ends_at >= most {
            return Next::Enough(window);
        }
        self.ends_at = most.min(self.ends_at + self.timing.window.as_secs_f64() / 2.0);
        Next::GoOn
    }

    fn is_enough(&self, window: &Window) -> bool {
        window.steady && window.seconds() >= 0.7 * self.timing.window.as_secs_f64()
    }
}

fn interval(timing: Timing, replicas: usize) -> Duration {
    let rounds = timing.window.div_f64(ROUNDS);
    rounds.max(ROUND_PER_REPLICA * u32::try_from(replicas).unwrap_or(u32::MAX))
}

/// The replicas that a step needs to read.
pub(crate) async fn readable<B: Backend>(backend: &B) -> Result<Vec<Replica>, BackendError> {
    let mut replicas = Vec::new();
    for service in READ {
        replicas.extend(backend.replicas(service).await?);
    }
    Ok(replicas)
}

/// Whom a round of reading found.
#[derive(PartialEq, Eq)]
pub(crate) enum Found {
    AllRead,
    SomeMissing,
}

/// One round. A replica that does not answer is passed over: it may just have been restarted, at another address.
pub(crate) async fn read<B: Backend>(
    backend: &B,
    replicas: &[Replica],
    tape: &mut Tape,
) -> Result<Found, BackendError> {
    let mut outcome = Found::AllRead;
    for replica in replicas {
        let asked_at = backend.now();
        match backend.admin_get(replica, "/metrics").await {
            Ok(text) => tape.record(replica, Reading::new(backend.now(), &Metrics::parse(&text))),
            Err(error) if backend.now() - asked_at > LONGEST_ANSWER => return Err(error),
            Err(_) => outcome = Found::SomeMissing,
        }
    }
    tape.record_lab(backend.lab());
    tape.end_round();
    Ok(outcome)
}

/// The error that no worker has finished a cycle since `began_at`.
pub(crate) async fn standstill<B: Backend>(backend: &B, began_at: f64) -> MeasureError {
    let lines = backend.logs(Service::Worker, 1).await.unwrap_or_default();
    let last = lines.last().cloned().unwrap_or_else(|| "(no log)".to_owned());
    MeasureError::Standstill(backend.now() - began_at, last)
}
