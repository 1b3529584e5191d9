//! Ours.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::Context;
use serde_json::Value;

use super::{Load, Pace, Reading, Tool, seconds};

/// loadgen with one thread.
#[derive(Clone, Debug)]
pub struct Loadgen {
    program: PathBuf,
    /// Whether response times run from the sending, as others measure, and not from the instant at which a request was due.
    pub uncorrected: bool,
}

impl Loadgen {
    /// The build at this path.
    pub fn new(program: &Path) -> Self {
        Self { program: program.to_owned(), uncorrected: false }
    }

    /// The same, with the times that others would report.
    #[must_use]
    pub fn uncorrected(self) -> Self {
        Self { uncorrected: true, ..self }
    }

    /// The whole report in `output`.
    pub fn report(output: &str) -> anyhow::Result<Value> {
        serde_json::from_str(output).with_context(|| format!("loadgen's report is no JSON: {output}"))
    }
}

impl Tool for Loadgen {
    fn name(&self) -> &'static str {
        "loadgen"
    }

    fn program(&self) -> PathBuf {
        self.program.clone()
    }

    fn command(&self, load: &Load) -> Option<Command> {
        let mut command = Command::new(self.program());
        command.args(["bench", "--threads", "1", "--format", "json", "--warmup", "0s"]);
        command.args(["-c", &load.connections.to_string()]);
        match load.pace {
            Pace::For(lasting) => command.args(["-z", &seconds(lasting)]),
            Pace::Requests(requests) => command.args(["-n", &requests.to_string()]),
            Pace::Rate { per_second, lasting } => {
                command.args(["-q", &per_second.to_string(), "-z", &seconds(lasting)])
            }
        };
        if load.fresh {
            command.arg("--disable-keepalive");
        }
        command.arg(&load.url);
        Some(command)
    }

    fn read(&self, output: &str) -> anyhow::Result<Reading> {
        let report = Self::report(output)?;
        let counts = &report["requests"];
        let count =
            |key: &str| counts[key].as_u64().with_context(|| format!("loadgen tells no requests.{key}"));
        let errors = count("http_errors")? + count("failed")? + count("timed_out")? + count("overflowed")?;
        let per_second =
            report["throughput_per_s"]["mean"].as_f64().context("loadgen tells no throughput")?;
        let times = &report[if self.uncorrected { "uncorrected_time" } else { "response_time" }];
        let quantiles =
            [("p50_ms", 0.5), ("p90_ms", 0.9), ("p95_ms", 0.95), ("p99_ms", 0.99), ("p99_9_ms", 0.999)];
        let known = |(key, share): (&str, f64)| {
            let time = times[key].as_f64()?;
            Some((share, Duration::from_secs_f64(time / 1e3)))
        };
        let quantiles = quantiles.into_iter().filter_map(known).collect();
        Ok(Reading { successes: count("successes")?, errors, per_second, quantiles })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn its_report_is_read() {
        let output = r#"{"throughput_per_s":{"mean":45.0},
            "requests":{"successes":90,"http_errors":3,"failed":2,"timed_out":1,"in_flight_at_end":64,"overflowed":4},
            "response_time":{"p50_ms":1.0,"p99_ms":2.5},"uncorrected_time":{"p99_ms":1.5}}"#;
        let ours = Loadgen::new(Path::new("loadgen"));
        let reading = ours.read(output).unwrap();
        assert_eq!((reading.successes, reading.errors), (90, 10));
        assert_eq!(reading.quantile(0.99), Some(Duration::from_micros(2500)));
        let reading = ours.uncorrected().read(output).unwrap();
        assert_eq!(reading.quantile(0.99), Some(Duration::from_micros(1500)));
    }
}
