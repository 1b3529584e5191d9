//! A simulated replica and its admin port: the counters as the services render them.

use std::fmt::Write;
use std::time::Duration;

use super::miner::Mined;
use super::station::{Counts, Station};
use super::unix_seconds;
use crate::backend::{Replica, Service};
use crate::tape::STAGES;

/// What a replica uses of a core for nothing.
const IDLE_CORES: f64 = 1e-4;

/// What a start costs, in CPU seconds.
const START: f64 = 0.005;

/// One running copy of a service.
#[derive(Debug)]
pub(super) struct FakeReplica {
    pub(super) service: Service,
    /// 1 is the first of its service.
    pub(super) ordinal: usize,
    /// Is sent nothing any more, and goes when nobody is left.
    pub(super) draining: bool,
    pub(super) started_at: Duration,
    pub(super) station: Station,
    pub(super) mined: Mined,
    /// Cores that a busy slot uses.
    pub(super) cores: f64,
    /// Time that it has waited for a CPU.
    pub(super) cpu_waited: Duration,
    /// Share of the time in which somebody on its host waits for one.
    pub(super) cpu_pressure: f64,
    /// Share of its CPUs' time that its host does not get.
    pub(super) cpu_stolen: f64,
    /// Loops of a worker; 0 for any other.
    pub(super) loops: usize,
}

impl FakeReplica {
    pub(super) fn name(&self) -> String {
        format!("{}-{}", self.service, self.ordinal)
    }

    /// As the lab knows it; the ports differ between replicas, and nothing listens there.
    pub(super) fn described(&self, id: super::agenda::Id) -> Replica {
        let port = |offset: u64| u16::try_from(1024 + (2 * id + offset) % 60_000).unwrap_or(1);
        let has_address = self.service != Service::Worker;
        Replica {
            name: self.name(),
            service: self.service,
            address: has_address.then(|| ([127, 0, 0, 1], port(0)).into()),
            admin: ([127, 0, 0, 1], port(1)).into(),
            pid: None,
        }
    }

    /// `GET /metrics`.
    pub(super) fn metrics(&mut self, now: Duration) -> String {
        let mut text = String::new();
        let counts = self.station.counts(now);
        if matches!(self.service, Service::Rng | Service::Hasher | Service::Worker) {
            self.station_metrics(&mut text, &counts);
        }
        if self.service == Service::Worker {
            self.worker_metrics(&mut text);
        }
        let up = now.saturating_sub(self.started_at).as_secs_f64();
        let cpu = START + up * IDLE_CORES + counts.busy.as_secs_f64() * self.cores;
        sample(&mut text, "process_cpu_seconds_total", cpu);
        sample(&mut text, "process_resident_memory_bytes", 4.0 * 1024.0 * 1024.0);
        sample(&mut text, "process_cpu_waiting_seconds_total", seconds(self.cpu_waited));
        sample(&mut text, "process_cpu_throttled_seconds_total", up * self.station.throttled);
        sample(&mut text, "node_pressure_cpu_waiting_seconds_total", seconds(now) * self.cpu_pressure);
        sample(&mut text, "node_cpu_stolen_seconds_total", seconds(now) * self.cpu_stolen);
        sample(&mut text, "process_start_time_seconds", unix_seconds(self.started_at));
        text
    }

    fn station_metrics(&self, text: &mut String, counts: &Counts) {
        let timed = [
            counts.arrivals as f64,
            counts.completions as f64,
            seconds(counts.queue),
            seconds(counts.service),
        ];
        let probes = counts.probes as f64;
        for (work, [arrivals, completions, queue, service]) in
            [("timed", timed), ("free", [probes, probes, 0.0, 0.0])]
        {
            let mut labelled = |name: &str, value: f64| {
                sample(text, &format!("dockercoins_station_{name}_total{{work=\"{work}\"}}"), value);
            };
            labelled("arrivals", arrivals);
            labelled("completions", completions);
            labelled("queue_seconds", queue);
            labelled("service_seconds", service);
        }
        sample(text, "dockercoins_station_busy_seconds_total", seconds(counts.busy));
        sample(text, "dockercoins_station_waited_seconds_total", seconds(counts.waited));
        sample(text, "dockercoins_station_slots", self.station.slots());
        sample(text, "dockercoins_station_service_time_seconds", seconds(self.station.service_time));
    }

    fn worker_metrics(&self, text: &mut String) {
        let mined = &self.mined;
        sample(text, "dockercoins_worker_cycles_total", mined.cycles as f64);
        sample(text, "dockercoins_worker_loops", self.loops as f64);
        let last = mined.last_cycle_at.map_or(0.0, unix_seconds);
        sample(text, "dockercoins_worker_last_cycle_timestamp_seconds", last);
        for (index, stage) in STAGES.iter().enumerate() {
            let labels = format!("{{stage=\"{stage}\"}}");
            let time = format!("dockercoins_worker_stage_seconds_total{labels}");
            sample(text, &time, seconds(mined.stages[index]));
            let errors = format!("dockercoins_worker_errors_total{labels}");
            sample(text, &errors, mined.errors[index] as f64);
            let connections =
                format!("dockercoins_worker_upstream_connections_total{{upstream=\"{stage}\"}}");
            sample(text, &connections, mined.connections[index] as f64);
        }
    }
}

fn seconds(time: Duration) -> f64 {
    time.as_secs_f64()
}

fn sample(text: &mut String, series: &str, value: f64) {
    let value = if value.is_infinite() { "+Inf".to_owned() } else { value.to_string() };
    let _ = writeln!(text, "{series} {value}");
}
