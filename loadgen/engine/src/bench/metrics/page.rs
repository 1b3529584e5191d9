//! The page: figures in Prometheus' text format.

use prometheus::TextEncoder;
use prometheus::proto::{Bucket, Counter, Gauge, Histogram, LabelPair, Metric, MetricFamily, MetricType};

use super::buckets::Buckets;
use super::figures::Figures;

pub(super) fn text(figures: &Figures) -> String {
    let families = [
        requests(figures),
        histogram(
            "loadgen_response_time_seconds",
            "From the instant at which a request was due, of successes and, for as long as they waited, of requests given up.",
            &figures.response_time,
        ),
        histogram("loadgen_lag_seconds", "How late the load generator itself sent requests.", &figures.lag),
        counter("loadgen_connections_total", "Connections opened.", figures.connections),
        counter("loadgen_overflowed_requests_total", "Requests due and not sent.", figures.overflowed),
        gauge("loadgen_in_flight_requests", "Requests sent and not answered.", figures.in_flight() as f64),
        gauge(
            "loadgen_waiting_requests",
            "Requests due that wait for a connection.",
            figures.waiting() as f64,
        ),
        gauge("loadgen_throughput_per_second", "Successes in the last second.", figures.throughput()),
    ];
    let shown: Vec<MetricFamily> =
        families.into_iter().filter(|family| !family.get_metric().is_empty()).collect();
    // It refuses families without name or metric only.
    TextEncoder::new().encode_to_string(&shown).unwrap_or_default()
}

fn family(name: &str, help: &str, kind: MetricType, metrics: Vec<Metric>) -> MetricFamily {
    let mut family = MetricFamily::default();
    family.set_name(name.to_owned());
    family.set_help(help.to_owned());
    family.set_field_type(kind);
    family.set_metric(metrics);
    family
}

fn counted(labels: Vec<LabelPair>, count: u64) -> Metric {
    let (mut metric, mut counter) = (Metric::from_label(labels), Counter::default());
    counter.set_value(count as f64);
    metric.set_counter(counter);
    metric
}

fn requests(figures: &Figures) -> MetricFamily {
    let metric = |(outcome, count): (&crate::outcome::Outcome, &u64)| {
        let mut label = LabelPair::default();
        label.set_name("outcome".to_owned());
        label.set_value(outcome.to_string());
        counted(vec![label], *count)
    };
    let metrics = figures.requests.iter().map(metric).collect();
    family("loadgen_requests_total", "Requests by how they ended.", MetricType::COUNTER, metrics)
}

fn counter(name: &str, help: &str, count: u64) -> MetricFamily {
    family(name, help, MetricType::COUNTER, vec![counted(Vec::new(), count)])
}

fn gauge(name: &str, help: &str, value: f64) -> MetricFamily {
    let (mut metric, mut gauge) = (Metric::from_label(Vec::new()), Gauge::default());
    gauge.set_value(value);
    metric.set_gauge(gauge);
    family(name, help, MetricType::GAUGE, vec![metric])
}

fn histogram(name: &str, help: &str, buckets: &Buckets) -> MetricFamily {
    let bucket = |(edge, count)| {
        let mut bucket = Bucket::default();
        bucket.set_upper_bound(edge);
        bucket.set_cumulative_count(count);
        bucket
    };
    let (mut metric, mut histogram) = (Metric::from_label(Vec::new()), Histogram::default());
    histogram.set_bucket(buckets.cumulative().map(bucket).collect());
    histogram.set_sample_count(buckets.count());
    histogram.set_sample_sum(buckets.sum());
    metric.set_histogram(histogram);
    family(name, help, MetricType::HISTOGRAM, vec![metric])
}
