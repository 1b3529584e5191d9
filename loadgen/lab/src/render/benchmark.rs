//! The steps as github-action-benchmark reads them: a list of names, units and values, of which either all should be bigger or all
//! smaller.

use serde::Serialize;

use super::words::headline;
use crate::report::{Report, StepReport};

/// One value over time; the names are those of its `custom…` tools.
#[derive(Debug, Serialize)]
struct Benchmark {
    name: String,
    unit: &'static str,
    value: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    range: Option<String>,
    extra: String,
}

/// The throughput of each step, for `customBiggerIsBetter`.
pub fn throughput(report: &Report) -> String {
    list(report, |measured| {
        let seen = &measured.seen;
        Some(Benchmark {
            name: format!("throughput at {}", measured.step),
            unit: "hashes/s",
            value: seen.throughput_per_second,
            range: seen.throughput_half_width_per_second.map(|half| format!("± {half:.3}")),
            extra: extra(report, measured),
        })
    })
}

/// How long a probe of rng waited at each step, for `customSmallerIsBetter`; steps without probes are left out.
pub fn latency(report: &Report) -> String {
    list(report, |measured| {
        let probe = measured.seen.probe?;
        Some(Benchmark {
            name: format!("wait for rng at {}", measured.step),
            unit: "ms",
            value: probe.mean_seconds * 1e3,
            range: probe.half_width_seconds.map(|half| format!("± {:.1}", half * 1e3)),
            extra: extra(report, measured),
        })
    })
}

fn list(report: &Report, of: impl Fn(&StepReport) -> Option<Benchmark>) -> String {
    let list: Vec<Benchmark> = report.steps.iter().filter_map(of).collect();
    serde_json::to_string_pretty(&list).unwrap_or_default() + "\n"
}

/// What stands beside a value that one points at.
fn extra(report: &Report, measured: &StepReport) -> String {
    let limit = measured.verdict.as_ref().map_or("nothing", |verdict| verdict.limit.name());
    format!("limited by {limit}\n{}", headline(report))
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
