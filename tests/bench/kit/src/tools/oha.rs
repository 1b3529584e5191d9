//! oha. Its threads are as many as the cores that it may use.

use std::process::Command;
use std::time::Duration;

use anyhow::Context;
use serde_json::Value;

use super::{Load, Pace, Reading, Tool, seconds};

/// oha.
#[derive(Clone, Copy, Debug, Default)]
pub struct Oha {
    /// Whether it shall measure from the instant at which a request was due.
    pub corrected: bool,
}

impl Tool for Oha {
    fn name(&self) -> &'static str {
        "oha"
    }

    fn command(&self, load: &Load) -> Option<Command> {
        let mut command = Command::new(self.program());
        command.args(["--no-tui", "--output-format", "json", "-c", &load.connections.to_string()]);
        match load.pace {
            Pace::For(lasting) => command.args(["-z", &seconds(lasting)]),
            Pace::Requests(requests) => command.args(["-n", &requests.to_string()]),
            Pace::Rate { per_second, lasting } => {
                command.args(["-q", &per_second.to_string(), "-z", &seconds(lasting)])
            }
        };
        if self.corrected {
            command.arg("--latency-correction");
        }
        if load.fresh {
            command.arg("--disable-keepalive");
        }
        command.arg(&load.url);
        Some(command)
    }

    fn read(&self, output: &str) -> anyhow::Result<Reading> {
        let report: Value = serde_json::from_str(output).context("oha's report is no JSON")?;
        let codes = report["statusCodeDistribution"].as_object().context("oha tells no codes")?;
        let (mut successes, mut errors) = (0, 0);
        for (code, count) in codes {
            *(if code.starts_with('2') { &mut successes } else { &mut errors }) +=
                count.as_u64().unwrap_or_default();
        }
        let broken = report["errorDistribution"].as_object().into_iter().flatten();
        // This is what it calls the requests that were in flight at the end.
        let broken = broken.filter(|(error, _)| !error.contains("aborted due to deadline"));
        errors += broken.filter_map(|(_, count)| count.as_u64()).sum::<u64>();
        let total = report["summary"]["total"].as_f64().context("oha tells no time")?;
        let quantiles = [("p50", 0.5), ("p90", 0.9), ("p95", 0.95), ("p99", 0.99), ("p99.9", 0.999)];
        let known = |(name, share)| {
            let time = report["latencyPercentiles"][name].as_f64()?;
            Some((share, Duration::from_secs_f64(time)))
        };
        let quantiles = quantiles.into_iter().filter_map(known).collect();
        Ok(Reading { successes, errors, per_second: successes as f64 / total, quantiles })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn its_report_is_read() {
        let output = r#"{"summary":{"total":2.0,"requestsPerSec":51.0},
            "latencyPercentiles":{"p50":0.001,"p99":0.0025,"p99.9":null},
            "statusCodeDistribution":{"200":90,"503":3},
            "errorDistribution":{"aborted due to deadline":4,"connection refused":5}}"#;
        let reading = Oha::default().read(output).unwrap();
        assert_eq!((reading.successes, reading.errors), (90, 8));
        assert!((reading.per_second - 45.0).abs() < 1e-9);
        assert_eq!(reading.quantile(0.99), Some(Duration::from_micros(2500)));
        assert_eq!(reading.quantile(0.999), None);
    }
}
