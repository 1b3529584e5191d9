//! What the process itself costs, CPU time and resident memory, and what keeps it from a CPU, under the names that Prometheus'
//! clients and exporters share or would give.

use std::time::{SystemTime, UNIX_EPOCH};

use prometheus::Registry;
use rustix::time::{ClockId, clock_gettime};

use crate::contention::Contention;
use crate::metrics::{self, Readings};

/// Registers the process' own counters.
pub(crate) fn register(registry: &Registry) -> Result<(), prometheus::Error> {
    let started = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |since| since.as_secs_f64());
    metrics::snapshot(registry, "process", move |readings| read(readings, started))
}

fn read(readings: &mut Readings, started: f64) {
    readings.counter("process_cpu_seconds_total", "User and system CPU time.", &[], cpu_seconds());
    if let Some(bytes) = resident_bytes() {
        readings.gauge("process_resident_memory_bytes", "Resident memory.", &[], bytes);
    }
    readings.gauge("process_start_time_seconds", "Start, since the Unix epoch.", &[], started);
    read_contention(readings, Contention::read());
}

fn read_contention(readings: &mut Readings, contention: Contention) {
    let sums = [
        (
            "process_cpu_waiting_seconds_total",
            "Time that the main thread was ready to run and waited for a CPU.",
            contention.waiting,
        ),
        (
            "process_cpu_throttled_seconds_total",
            "Time that the control group had used its CPU quota up.",
            contention.throttled,
        ),
        (
            "node_pressure_cpu_waiting_seconds_total",
            "Time in which some process of the machine waited for a CPU.",
            contention.pressure,
        ),
        (
            "node_cpu_stolen_seconds_total",
            "Time for which the hypervisor ran something else on the machine's CPUs, a mean over them.",
            contention.stolen,
        ),
    ];
    for (name, help, sum) in sums {
        if let Some(sum) = sum {
            readings.counter(name, help, &[], sum.as_secs_f64());
        }
    }
}

/// From the process' own clock, which counts nanoseconds where `/proc` counts hundredths of a second.
fn cpu_seconds() -> f64 {
    let used = clock_gettime(ClockId::ProcessCPUTime);
    used.tv_sec as f64 + used.tv_nsec as f64 / 1e9
}

/// `None` where there is no `/proc`.
fn resident_bytes() -> Option<f64> {
    let statm = std::fs::read_to_string("/proc/self/statm").ok()?;
    let pages: f64 = statm.split(' ').nth(1)?.parse().ok()?;
    Some(pages * rustix::param::page_size() as f64)
}
