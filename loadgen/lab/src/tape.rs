//! The readings of a step. Owns what is kept of each scrape and the differences between two instants, across restarts.

use std::collections::BTreeMap;

use crate::backend::{Replica, Service};
use crate::scrape::Metrics;
use crate::statistics::series::{EventCount, batch_rates};

/// What is kept of one scrape.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Reading {
    /// When it was read, in seconds since the Unix epoch.
    pub at: f64,
    /// When its process was started, in seconds since the Unix epoch.
    pub started_at: f64,
    /// CPU seconds used.
    pub cpu: f64,
    /// Resident bytes.
    pub resident: f64,
    /// Seconds that it was ready to run and waited for a CPU.
    pub cpu_waited: f64,
    /// Seconds that its control group had used its CPU quota up.
    pub cpu_throttled: f64,
    /// Seconds in which some process of its machine waited for a CPU.
    pub cpu_pressure: f64,
    /// Seconds for which a hypervisor ran something else on the CPUs of its machine, a mean over them.
    pub cpu_stolen: f64,
    /// Visits to the station that took service time.
    pub visits: f64,
    /// Seconds that those had waited.
    pub queued: f64,
    /// Seconds that those had been served.
    pub served: f64,
    /// Integral of busy slots over time.
    pub busy: f64,
    /// Slots of the station now; infinite without a limit, 0 without a station.
    pub slots: f64,
    /// Cycles that a worker has finished.
    pub cycles: f64,
    /// When it finished the last of them, in seconds since the Unix epoch.
    pub last_cycle_at: f64,
    /// Seconds of those cycles by stage, in the order of [`STAGES`].
    pub stages: [f64; 4],
    /// Errors that a worker has met.
    pub errors: f64,
    /// Connections that a worker has made, in the order of [`UPSTREAMS`].
    pub connections: [f64; 2],
    /// Loops that a worker runs side by side.
    pub loops: f64,
}

/// The services that a worker calls.
pub const UPSTREAMS: [Service; 2] = [Service::Rng, Service::Hasher];

/// The stages of a worker's cycle.
pub const STAGES: [&str; 4] = ["think", "rng", "hasher", "store"];

impl Reading {
    /// What `metrics`, read at `at`, say.
    pub fn new(at: f64, metrics: &Metrics) -> Self {
        let timed = |name| metrics.get(name, &[("work", "timed")]).unwrap_or_default();
        let stage = |stage| {
            metrics.get("dockercoins_worker_stage_seconds_total", &[("stage", stage)]).unwrap_or_default()
        };
        let connections = |to: Service| {
            let labels = [("upstream", to.name())];
            metrics.get("dockercoins_worker_upstream_connections_total", &labels).unwrap_or_default()
        };
        Self {
            at,
            started_at: metrics.sum("process_start_time_seconds"),
            cpu: metrics.sum("process_cpu_seconds_total"),
            resident: metrics.sum("process_resident_memory_bytes"),
            cpu_waited: metrics.sum("process_cpu_waiting_seconds_total"),
            cpu_throttled: metrics.sum("process_cpu_throttled_seconds_total"),
            cpu_pressure: metrics.sum("node_pressure_cpu_waiting_seconds_total"),
            cpu_stolen: metrics.sum("node_cpu_stolen_seconds_total"),
            visits: timed("dockercoins_station_completions_total"),
            queued: timed("dockercoins_station_queue_seconds_total"),
            served: timed("dockercoins_station_service_seconds_total"),
            busy: metrics.sum("dockercoins_station_busy_seconds_total"),
            slots: metrics.sum("dockercoins_station_slots"),
            cycles: metrics.sum("dockercoins_worker_cycles_total"),
            last_cycle_at: metrics.sum("dockercoins_worker_last_cycle_timestamp_seconds"),
            stages: STAGES.map(stage),
            errors: metrics.sum("dockercoins_worker_errors_total"),
            connections: UPSTREAMS.map(connections),
            loops: metrics.sum("dockercoins_worker_loops"),
        }
    }

    /// What has been added since `before`; since the restart, if there was one in between.
    fn since(&self, before: &Self) -> Self {
        let restarted = self.started_at > before.started_at;
        let added = |now: f64, then: f64| if restarted { now } else { (now - then).max(0.0) };
        Self {
            at: self.at - before.at,
            started_at: self.started_at,
            cpu: added(self.cpu, before.cpu),
            resident: self.resident,
            cpu_waited: added(self.cpu_waited, before.cpu_waited),
            // Group and machine outlive the process.
            cpu_throttled: (self.cpu_throttled - before.cpu_throttled).max(0.0),
            cpu_pressure: (self.cpu_pressure - before.cpu_pressure).max(0.0),
            cpu_stolen: (self.cpu_stolen - before.cpu_stolen).max(0.0),
            visits: added(self.visits, before.visits),
            queued: added(self.queued, before.queued),
            served: added(self.served, before.served),
            busy: added(self.busy, before.busy),
            slots: self.slots,
            cycles: added(self.cycles, before.cycles),
            last_cycle_at: self.last_cycle_at,
            stages: std::array::from_fn(|stage| added(self.stages[stage], before.stages[stage])),
            errors: added(self.errors, before.errors),
            connections: std::array::from_fn(|to| added(self.connections[to], before.connections[to])),
            loops: self.loops,
        }
    }

    fn plus(&self, more: &Self) -> Self {
        Self {
            at: self.at + more.at,
            started_at: more.started_at,
            cpu: self.cpu + more.cpu,
            resident: more.resident,
            cpu_waited: self.cpu_waited + more.cpu_waited,
            cpu_throttled: self.cpu_throttled + more.cpu_throttled,
            cpu_pressure: self.cpu_pressure + more.cpu_pressure,
            cpu_stolen: self.cpu_stolen + more.cpu_stolen,
            visits: self.visits + more.visits,
            queued: self.queued + more.queued,
            served: self.served + more.served,
            busy: self.busy + more.busy,
            slots: more.slots,
            cycles: self.cycles + more.cycles,
            last_cycle_at: more.last_cycle_at,
            stages: std::array::from_fn(|stage| self.stages[stage] + more.stages[stage]),
            errors: self.errors + more.errors,
            connections: std::array::from_fn(|to| self.connections[to] + more.connections[to]),
            loops: more.loops,
        }
    }
}

/// The readings of each replica in the order in which they were taken.
#[derive(Clone, Debug, Default)]
pub struct Tape {
    tracks: BTreeMap<(Service, String), Vec<Reading>>,
    /// Of the process that reads all others.
    lab: Vec<Reading>,
    cycles: BTreeMap<String, EventCount>,
    merged: EventCount,
    /// Whether some worker runs several loops.
    loops_share_workers: bool,
}

impl Tape {
    /// Adds a reading of `replica`.
    pub fn record(&mut self, replica: &Replica, reading: Reading) {
        if replica.service == Service::Worker {
            let cycles = self.cycles.entry(replica.name.clone()).or_default();
            cycles.record(reading.last_cycle_at, reading.cycles);
            self.loops_share_workers |= reading.loops > 1.0;
        }
        self.tracks.entry((replica.service, replica.name.clone())).or_default().push(reading);
    }

    /// Adds a reading of the lab itself.
    pub fn record_lab(&mut self, reading: Reading) {
        self.lab.push(reading);
    }

    /// What was added at the lab itself, as [`Tape::added`] has it.
    pub fn added_at_lab(&self, from: f64, to: f64) -> Option<Reading> {
        added(&self.lab, from, to)
    }

    /// Every replica has been read once more.
    pub fn end_round(&mut self) {
        let spans: Vec<(f64, f64)> = self.cycles.values().filter_map(EventCount::span).collect();
        let last = spans.iter().map(|(_, last)| *last).fold(0.0, f64::max);
        let counts = self.cycles.values().filter_map(|count| count.at(count.span()?.1));
        self.merged.record(last, counts.sum());
    }

    /// When the first and the last cycle known ended, in seconds since the Unix epoch.
    pub fn span(&self) -> Option<(f64, f64)> {
        self.merged.span()
    }

    /// From when to when every worker's cycles are known; `None` if there is no such time.
    pub fn complete_span(&self) -> Option<(f64, f64)> {
        let spans: Option<Vec<(f64, f64)>> = self.cycles.values().map(EventCount::span).collect();
        let all = spans?.into_iter().reduce(|all, next| (all.0.max(next.0), all.1.min(next.1)));
        all.filter(|(first, last)| first < last)
    }

    /// Cycles of all workers together that have ended, at any instant of [`Tape::span`].
    pub fn counted(&self) -> &EventCount {
        &self.merged
    }

    /// Cycles per second over the last two seconds that are known, as of `now`.
    pub fn recent_rate(&self, now: f64) -> f64 {
        let Some((first, last)) = self.span() else { return 0.0 };
        let from = first.max(now - 2.0).min(last);
        self.rates(from, last, 1).and_then(|rates| rates.first().copied()).unwrap_or_default()
    }

    /// Cycles per second in each of `parts` equal parts of the time from `from` to `to`.
    ///
    /// From each worker's own cycles where they span the time; else, as with many workers whose cycles are longer than
    /// it, from the stream of all of them together, whose rounds are read within milliseconds instead of at once. The
    /// stream comes first where loops share a worker: their cycles end in bursts, between which there is no straight line.
    pub fn rates(&self, from: f64, to: f64, parts: usize) -> Option<Vec<f64>> {
        let merged = || batch_rates(std::slice::from_ref(&self.merged), from, to, parts);
        if let Some(rates) = self.loops_share_workers.then(merged).flatten() {
            return Some(rates);
        }
        let each: Vec<EventCount> = self.cycles.values().cloned().collect();
        batch_rates(&each, from, to, parts).or_else(merged)
    }

    /// Cycles per second of all workers, each counted between the first and the last cycle that it is known to have ended from
    /// `from` on: whole cycles, so that it does not matter when between two of them reading began. `None` as long as one of the
    /// workers has ended no two.
    pub fn rate_of_each(&self, from: f64) -> Option<f64> {
        let rates: Option<Vec<f64>> =
            self.cycles.values().map(|count| Some(count.rate_since(from)?.0)).collect();
        rates.filter(|rates| !rates.is_empty()).map(|rates| rates.iter().sum())
    }

    /// What was added at each replica of `service` between the first reading from `from` on and the last one up to
    /// `to`, with the time between the two in `at`. Replicas with fewer than two readings there are left out.
    pub fn added(&self, service: Service, from: f64, to: f64) -> Vec<(&str, Reading)> {
        let of_service = |((of, _), _): &(&(Service, String), &Vec<Reading>)| *of == service;
        let tracks = self.tracks.iter().filter(of_service);
        tracks.filter_map(|((_, name), track)| Some((name.as_str(), added(track, from, to)?))).collect()
    }
}

fn added(track: &[Reading], from: f64, to: f64) -> Option<Reading> {
    let inside: Vec<&Reading> = track.iter().filter(|reading| (from..=to).contains(&reading.at)).collect();
    let steps = inside.windows(2).map(|pair| pair[1].since(pair[0]));
    steps.reduce(|sum, step| sum.plus(&step))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reading(at: f64, started_at: f64, visits: f64) -> Reading {
        Reading { at, started_at, visits, slots: 1.0, ..Reading::default() }
    }

    #[test]
    fn only_readings_inside_the_window_count() {
        let track = [
            reading(0.0, 0.0, 0.0),
            reading(1.0, 0.0, 10.0),
            reading(2.0, 0.0, 30.0),
            reading(3.0, 0.0, 60.0),
        ];
        let added = added(&track, 0.5, 2.5).unwrap();
        assert!((added.visits - 20.0).abs() < 1e-9 && (added.at - 1.0).abs() < 1e-9, "{added:?}");
    }

    #[test]
    fn a_restart_in_the_window_loses_only_what_nobody_read() {
        let track = [
            reading(0.0, 0.0, 100.0),
            reading(1.0, 0.0, 110.0),
            reading(2.0, 1.5, 4.0),
            reading(3.0, 1.5, 14.0),
        ];
        let added = added(&track, 0.0, 3.0).unwrap();
        assert!((added.visits - 24.0).abs() < 1e-9, "{added:?}");
    }

    #[test]
    fn one_reading_says_nothing() {
        assert_eq!(added(&[reading(0.0, 0.0, 0.0)], 0.0, 1.0), None);
    }
}
