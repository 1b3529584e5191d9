//! Counters in Prometheus' terms. Owns how a snapshot of several values, read in one instant, becomes a scrape: values
//! that belong together, such as a count and the instant of its last event, must never be read apart.

use std::fmt;

use prometheus::core::{Collector, Desc};
use prometheus::proto::{Counter, Gauge, LabelPair, Metric, MetricFamily, MetricType};
use prometheus::{Encoder, Registry, TextEncoder};

use crate::station::{Counters, Station, Tally};

/// What one reading of a snapshot consists of.
#[derive(Debug, Default)]
pub struct Readings(Vec<MetricFamily>);

impl Readings {
    /// Adds a value that only grows.
    pub fn counter(&mut self, name: &str, help: &str, labels: &[(&str, &str)], value: f64) {
        let mut metric = Metric::from_label(labels.iter().map(label).collect());
        let mut counter = Counter::default();
        counter.set_value(value);
        metric.set_counter(counter);
        self.add(name, help, MetricType::COUNTER, metric);
    }

    /// Adds a value that comes and goes.
    pub fn gauge(&mut self, name: &str, help: &str, labels: &[(&str, &str)], value: f64) {
        let mut metric = Metric::from_label(labels.iter().map(label).collect());
        let mut gauge = Gauge::default();
        gauge.set_value(value);
        metric.set_gauge(gauge);
        self.add(name, help, MetricType::GAUGE, metric);
    }

    fn add(&mut self, name: &str, help: &str, kind: MetricType, metric: Metric) {
        if let Some(family) = self.0.iter_mut().find(|family| family.name() == name) {
            family.mut_metric().push(metric);
            return;
        }
        let mut family = MetricFamily::default();
        family.set_name(name.to_owned());
        family.set_help(help.to_owned());
        family.set_field_type(kind);
        family.set_metric(vec![metric]);
        self.0.push(family);
    }
}

fn label((name, value): &(&str, &str)) -> LabelPair {
    let mut pair = LabelPair::default();
    pair.set_name((*name).to_owned());
    pair.set_value((*value).to_owned());
    pair
}

struct Snapshot<F> {
    desc: Desc,
    read: F,
}

impl<F: Fn(&mut Readings) + Send + Sync> Collector for Snapshot<F> {
    fn desc(&self) -> Vec<&Desc> {
        vec![&self.desc]
    }

    fn collect(&self) -> Vec<MetricFamily> {
        let mut readings = Readings::default();
        (self.read)(&mut readings);
        readings.0
    }
}

/// Has every scrape of `registry` call `read`; `name` tells this snapshot from others.
pub fn snapshot(
    registry: &Registry,
    name: &'static str,
    read: impl Fn(&mut Readings) + Send + Sync + 'static,
) -> Result<(), prometheus::Error> {
    let desc = Desc::new(name.to_owned(), name.to_owned(), Vec::new(), std::collections::HashMap::new())?;
    registry.register(Box::new(Snapshot { desc, read }))
}

impl<F> fmt::Debug for Snapshot<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Snapshot").field("desc", &self.desc).finish_non_exhaustive()
    }
}

/// The scrape: everything registered, in Prometheus' text format.
pub fn scrape(registry: &Registry) -> String {
    let mut text = Vec::new();
    // Encoding into memory fails only for a family without metrics, and then the rest is there.
    let _ = TextEncoder::new().encode(&registry.gather(), &mut text);
    String::from_utf8_lossy(&text).into_owned()
}

/// Registers the counters of `station`.
pub fn station(registry: &Registry, station: &Station) -> Result<(), prometheus::Error> {
    let station = station.clone();
    snapshot(registry, "dockercoins_station", move |readings| read_station(readings, &station.counters()))
}

fn read_station(readings: &mut Readings, counters: &Counters) {
    read_tally(readings, "timed", &counters.timed);
    read_tally(readings, "free", &counters.free);
    let slots = counters.settings.slots.map_or(f64::INFINITY, |slots| slots.get() as f64);
    let service_time = counters.settings.mean_service_time().as_secs_f64();
    let busy = "Integral of the number of busy slots over time.";
    readings.counter("dockercoins_station_busy_seconds_total", busy, &[], counters.busy.as_secs_f64());
    let waited = "Integral of the number of waiting visits over time.";
    readings.counter("dockercoins_station_waited_seconds_total", waited, &[], counters.waited.as_secs_f64());
    readings.gauge("dockercoins_station_slots", "Visits served at once.", &[], slots);
    readings.gauge("dockercoins_station_service_time_seconds", "Mean service time set.", &[], service_time);
    readings.gauge("dockercoins_station_in_service", "Busy slots.", &[], counters.in_service as f64);
    readings.gauge("dockercoins_station_waiting", "Visits waiting for a slot.", &[], counters.waiting as f64);
}

fn read_tally(readings: &mut Readings, work: &str, tally: &Tally) {
    let labels = [("work", work)];
    let [arrivals, completions] = [tally.arrivals as f64, tally.completions as f64];
    readings.counter("dockercoins_station_arrivals_total", "Visits that came.", &labels, arrivals);
    readings.counter("dockercoins_station_completions_total", "Visits served.", &labels, completions);
    let queue = "Time that served visits had waited for a slot.";
    readings.counter("dockercoins_station_queue_seconds_total", queue, &labels, tally.queue.as_secs_f64());
    let service = "Time that served visits had kept a slot.";
    readings.counter(
        "dockercoins_station_service_seconds_total",
        service,
        &labels,
        tally.service.as_secs_f64(),
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_snapshot_is_read_at_each_scrape_and_series_of_one_name_share_a_family() {
        let registry = Registry::new();
        snapshot(&registry, "things", |readings| {
            readings.counter("things_total", "Things.", &[("kind", "a")], 1.0);
            readings.counter("things_total", "Things.", &[("kind", "b")], 2.5);
            readings.gauge("last", "Last.", &[], 1_800_000_000.123_456);
        })
        .unwrap();
        let text = scrape(&registry);
        assert!(text.contains("things_total{kind=\"a\"} 1\nthings_total{kind=\"b\"} 2.5\n"), "{text}");
        assert!(text.contains("last 1800000000.123456"), "{text}");
    }
}
