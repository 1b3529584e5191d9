//! The steps as github-action-benchmark reads them: a list of names, units and values, of which either all should be bigger or all
//! smaller.

use serde::Serialize;

use super::words::headline;
use crate::backend::ProbeObservation;
use crate::report::{Report, StepReport};

/// One value over time; the names are those of its `custom…` tools.
#[derive(Debug, Serialize)]
pub(crate) struct Benchmark {
    name: String,
    unit: String,
    value: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    range: Option<String>,
    /// What stands beside a value that one points at.
    extra: String,
}

impl Benchmark {
    /// A throughput at `step`, and half of its interval, in events of that `unit`.
    pub(crate) fn throughput(step: &str, unit: &str, figures: (f64, Option<f64>), extra: String) -> Self {
        Self {
            name: format!("throughput at {step}"),
            unit: format!("{unit}/s"),
            value: figures.0,
            range: figures.1.map(|half| format!("± {half:.3}")),
            extra,
        }
    }

    /// What a unit of work takes beside thinking at `step`.
    pub(crate) fn response_time(step: &str, seconds: f64, extra: String) -> Self {
        let (name, unit) = (format!("response time at {step}"), "ms".to_owned());
        Self { name, unit, value: seconds * 1e3, range: None, extra }
    }

    /// How long probes of a service wait at `step`.
    pub(crate) fn wait(service: &str, step: &str, probe: &ProbeObservation, extra: String) -> Self {
        Self {
            name: format!("wait for {service} at {step}"),
            unit: "ms".to_owned(),
            value: probe.mean_seconds * 1e3,
            range: probe.half_width_seconds.map(|half| format!("± {:.1}", half * 1e3)),
            extra,
        }
    }
}

/// The throughput of each step, for `customBiggerIsBetter`.
pub(super) fn throughput(report: &Report) -> String {
    list(report.steps.iter().map(|measured| {
        let seen = &measured.seen;
        let figures = (seen.throughput_per_second, seen.throughput_half_width_per_second);
        Benchmark::throughput(&measured.step.to_string(), "hashes", figures, extra(report, measured))
    }))
}

/// How long a probe of rng waited at each step, for `customSmallerIsBetter`; steps without probes are left out.
pub(super) fn latency(report: &Report) -> String {
    list(report.steps.iter().filter_map(|measured| {
        let (step, probe) = (measured.step.to_string(), measured.seen.probe?);
        Some(Benchmark::wait("rng", &step, &probe, extra(report, measured)))
    }))
}

/// The whole file.
pub(crate) fn list(benchmarks: impl Iterator<Item = Benchmark>) -> String {
    let list: Vec<Benchmark> = benchmarks.collect();
    serde_json::to_string_pretty(&list).unwrap_or_default() + "\n"
}

fn extra(report: &Report, measured: &StepReport) -> String {
    let limit = measured.verdict.as_ref().map_or("nothing", |verdict| verdict.limit.name());
    format!("limited by {limit}\n{}", headline(&report.conclusion.sentence))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::fixture;

    #[tokio::test]
    async fn every_step_has_a_value_with_its_unit() {
        let report = fixture::swept().await;
        let throughput: serde_json::Value = serde_json::from_str(&throughput(&report)).unwrap();
        assert_eq!(throughput.as_array().unwrap().len(), report.steps.len());
        insta::assert_snapshot!(serde_json::to_string_pretty(&throughput[3]).unwrap(), @r#"
        {
          "extra": "limited by rng\nThe bottleneck is rng, in software",
          "name": "throughput at worker=10 rng=1",
          "range": "± 0.000",
          "unit": "hashes/s",
          "value": 9.999997724335397
        }
        "#);
        let latency: serde_json::Value = serde_json::from_str(&latency(&report)).unwrap();
        insta::assert_snapshot!(serde_json::to_string_pretty(&latency[3]).unwrap(), @r#"
        {
          "extra": "limited by rng\nThe bottleneck is rng, in software",
          "name": "wait for rng at worker=10 rng=1",
          "range": "± 3.7",
          "unit": "ms",
          "value": 749.7989860420643
        }
        "#);
    }

    #[tokio::test]
    async fn a_step_without_probes_has_no_latency() {
        let mut report = fixture::swept().await;
        for step in &mut report.steps[1..] {
            step.seen.probe = None;
        }
        let latency: serde_json::Value = serde_json::from_str(&latency(&report)).unwrap();
        assert_eq!(latency.as_array().unwrap().len(), 1);
    }
}
