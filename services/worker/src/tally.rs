//! What the worker counts of itself. All of it is read in one instant: cycles, the seconds that they took, the instant
//! at which the last one ended, and what redis has been told.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use dockercoins_kit::metrics::{Readings, snapshot};
use prometheus::Registry;

/// What a cycle's time goes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    Think,
    Rng,
    Hasher,
    Store,
}

impl Stage {
    const ALL: [Self; 4] = [Self::Think, Self::Rng, Self::Hasher, Self::Store];

    const fn label(self) -> &'static str {
        match self {
            Self::Think => "think",
            Self::Rng => "rng",
            Self::Hasher => "hasher",
            Self::Store => "store",
        }
    }
}

/// The time of one cycle, stage by stage. The clock is read once between two stages, so that no time falls between them,
/// and a cycle begins at the instant at which the one before ended.
#[derive(Debug)]
pub(crate) struct Laps {
    began_at: Instant,
    last: Instant,
    stages: [Duration; 4],
}

impl Laps {
    /// A cycle that began at `now`.
    pub(crate) fn start(now: Instant) -> Self {
        Self { began_at: now, last: now, stages: [Duration::ZERO; 4] }
    }

    /// Puts the time since the last lap down to `stage`; returns this instant.
    pub(crate) fn lap(&mut self, stage: Stage) -> Instant {
        let now = Instant::now();
        self.stages[stage as usize] += now - self.last;
        self.last = now;
        now
    }
}

/// The sums, as of one instant.
#[derive(Clone, Debug, Default)]
pub(crate) struct Counts {
    pub(crate) cycles: u64,
    pub(crate) cycle_time: Duration,
    pub(crate) last_cycle_at: Option<Instant>,
    pub(crate) stages: [Duration; 4],
    pub(crate) coins: u64,
    pub(crate) errors: [u64; 4],
    pub(crate) connections: [u64; 4],
    pub(crate) sent: u64,
}

/// The counters of a worker.
#[derive(Debug)]
pub(crate) struct Tally {
    loops: u32,
    /// One instant on both clocks: timestamps never jump when somebody sets the wall clock.
    anchor: (Instant, SystemTime),
    counts: Mutex<Counts>,
}

impl Tally {
    /// The counters of a worker with so many loops.
    pub(crate) fn new(loops: u32) -> Self {
        Self { loops, anchor: (Instant::now(), SystemTime::now()), counts: Mutex::default() }
    }

    /// A cycle has ended at its last lap.
    pub(crate) fn cycle(&self, laps: &Laps) {
        let mut counts = self.lock();
        counts.cycles += 1;
        counts.cycle_time += laps.last - laps.began_at;
        counts.last_cycle_at = counts.last_cycle_at.max(Some(laps.last));
        for (sum, time) in counts.stages.iter_mut().zip(laps.stages) {
            *sum += time;
        }
    }

    /// A coin was found.
    pub(crate) fn coin(&self) {
        self.lock().coins += 1;
    }

    /// A try of `stage` has failed.
    pub(crate) fn error(&self, stage: Stage) {
        self.lock().errors[stage as usize] += 1;
    }

    /// A connection to the upstream of `stage` was made.
    pub(crate) fn connection(&self, stage: Stage) {
        self.lock().connections[stage as usize] += 1;
    }

    /// Redis has been told of so many loops.
    pub(crate) fn sent(&self, loops: u64) {
        self.lock().sent += loops;
    }

    /// The sums as of now.
    pub(crate) fn counts(&self) -> Counts {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, Counts> {
        // Sums stay worth reading whoever panicked.
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn unix_seconds(&self, at: Instant) -> f64 {
        let (instant, time) = self.anchor;
        let since_anchor = at.saturating_duration_since(instant);
        (time.duration_since(UNIX_EPOCH).unwrap_or_default() + since_anchor).as_secs_f64()
    }

    fn read(&self, readings: &mut Readings) {
        let counts = self.counts();
        self.read_cycles(readings, &counts);
        read_stages(readings, &counts);
        read_loops(readings, &counts, self.loops);
    }

    fn read_cycles(&self, readings: &mut Readings, counts: &Counts) {
        let cycles = "Units of work done.";
        readings.counter("dockercoins_worker_cycles_total", cycles, &[], counts.cycles as f64);
        let time = "Time that they took.";
        let seconds = counts.cycle_time.as_secs_f64();
        readings.counter("dockercoins_worker_cycle_seconds_total", time, &[], seconds);
        let last = "Unix time at which the last unit of work was done; 0 before the first.";
        let at = counts.last_cycle_at.map_or(0.0, |at| self.unix_seconds(at));
        readings.gauge("dockercoins_worker_last_cycle_timestamp_seconds", last, &[], at);
        readings.counter("dockercoins_worker_coins_total", "Coins found.", &[], counts.coins as f64);
    }
}

fn read_stages(readings: &mut Readings, counts: &Counts) {
    for stage in Stage::ALL {
        let labels = [("stage", stage.label())];
        let time = "Time of the units of work done, by what it went to.";
        let seconds = counts.stages[stage as usize].as_secs_f64();
        readings.counter("dockercoins_worker_stage_seconds_total", time, &labels, seconds);
        let errors = counts.errors[stage as usize] as f64;
        readings.counter("dockercoins_worker_errors_total", "Tries that failed.", &labels, errors);
    }
    for stage in [Stage::Rng, Stage::Hasher] {
        let connections = counts.connections[stage as usize] as f64;
        let labels = [("upstream", stage.label())];
        let help = "Connections made.";
        readings.counter("dockercoins_worker_upstream_connections_total", help, &labels, connections);
    }
}

fn read_loops(readings: &mut Readings, counts: &Counts, loops: u32) {
    readings.gauge("dockercoins_worker_loops", "Loops that run side by side.", &[], f64::from(loops));
    let sent = "Units of work that redis has counted.";
    readings.counter("dockercoins_worker_sent_loops_total", sent, &[], counts.sent as f64);
    let unsent = "Units of work that redis has yet to count.";
    let difference = counts.cycles.saturating_sub(counts.sent) as f64;
    readings.gauge("dockercoins_worker_unsent_loops", unsent, &[], difference);
}

/// Registers the counters, each scrape one reading.
pub(crate) fn register(tally: &Arc<Tally>, registry: &Registry) -> Result<(), prometheus::Error> {
    let tally = tally.clone();
    snapshot(registry, "dockercoins_worker", move |readings| tally.read(readings))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stages_add_up_to_the_cycle_exactly() {
        let tally = Tally::new(1);
        for _ in 0..100 {
            let mut laps = Laps::start(Instant::now());
            for stage in [Stage::Store, Stage::Think, Stage::Rng, Stage::Hasher, Stage::Store] {
                laps.lap(stage);
            }
            tally.cycle(&laps);
        }
        let counts = tally.counts();
        assert_eq!(counts.cycles, 100);
        assert_eq!(counts.stages.iter().sum::<Duration>(), counts.cycle_time);
    }

    #[test]
    fn a_scrape_has_every_series_from_the_start() {
        let registry = Registry::new();
        register(&Arc::new(Tally::new(3)), &registry).unwrap();
        let text = dockercoins_kit::metrics::scrape(&registry);
        for series in [
            "dockercoins_worker_cycles_total 0",
            "dockercoins_worker_cycle_seconds_total 0",
            "dockercoins_worker_last_cycle_timestamp_seconds 0",
            "dockercoins_worker_stage_seconds_total{stage=\"think\"} 0",
            "dockercoins_worker_stage_seconds_total{stage=\"store\"} 0",
            "dockercoins_worker_errors_total{stage=\"rng\"} 0",
            "dockercoins_worker_coins_total 0",
            "dockercoins_worker_loops 3",
            "dockercoins_worker_unsent_loops 0",
            "dockercoins_worker_sent_loops_total 0",
            "dockercoins_worker_upstream_connections_total{upstream=\"hasher\"} 0",
        ] {
            assert!(text.contains(&format!("{series}\n")), "`{series}` is missing in\n{text}");
        }
    }

    #[test]
    fn the_last_cycle_is_told_in_unix_time() {
        let tally = Tally::new(1);
        let mut laps = Laps::start(Instant::now());
        laps.lap(Stage::Think);
        tally.cycle(&laps);
        let told = tally.unix_seconds(tally.counts().last_cycle_at.unwrap());
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs_f64();
        assert!((now - told).abs() < 1.0, "{told} at {now}");
    }
}
