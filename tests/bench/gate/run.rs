//! One A/B, run as by anyone, and what it has found.

use std::fs;
use std::process::{Command, Stdio};

use anyhow::Context;
use serde_json::Value;

use crate::build::{Builds, Kind};

/// The exit codes of the rulings.
const PASS: i32 = 0;
const REGRESSION: i32 = 1;
const INCONCLUSIVE: i32 = 3;

/// What came of an A/B.
pub(crate) struct Found {
    pub(crate) kind: Kind,
    code: i32,
    /// Whether a figure that users feel has regressed, whatever the services say of themselves.
    pub(crate) shows_without_service_times: bool,
    /// At the last step: X, R, and S of rng.
    changes: [String; 3],
    blame: String,
    seconds: f64,
    pressure: f64,
    /// The figures that are not as they should be.
    odd: Vec<String>,
}

/// Runs the A/B of that `kind` with further `flags`.
pub(crate) fn ab(builds: &Builds, kind: Kind, number: usize, flags: &str) -> anyhow::Result<Found> {
    let file = builds.json(kind, number);
    let mut command = Command::new(builds.base());
    command.args(["lab", "--quiet", "--no-report", "--interleave"]).arg(builds.base());
    command.arg("--candidate").arg(builds.of(kind)).arg("--json").arg(&file).args(flags.split_whitespace());
    let ended = command.stdin(Stdio::null()).output().context("cannot start the lab")?;
    let code = ended.status.code().context("the lab was killed")?;
    anyhow::ensure!(
        [PASS, REGRESSION, INCONCLUSIVE].contains(&code),
        "the lab ended with {code}: {}",
        String::from_utf8_lossy(&ended.stderr)
    );
    let text = fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
    Found::new(kind, code, &serde_json::from_str(&text)?)
}

impl Found {
    fn new(kind: Kind, code: i32, report: &Value) -> anyhow::Result<Self> {
        let changes = report["changes"].as_array().context("no changes")?;
        let ruled = |change: &Value, ruling: &str| change["ruling"] == ruling;
        let felt = |change: &Value| change["metric"] == "throughput" || change["metric"] == "response_time";
        let last = |metric: &str| {
            let found = changes.iter().rfind(|change| change["metric"] == metric);
            found.map_or_else(|| "–".to_owned(), interval)
        };
        let is_odd = |change: &Value| match kind {
            Kind::Equal => !ruled(change, "pass"),
            Kind::Slower => ruled(change, "inconclusive"),
        };
        let blame = report["interleaved"]["blame"].as_str().unwrap_or("–");
        Ok(Self {
            kind,
            code,
            shows_without_service_times: changes.iter().any(|it| felt(it) && ruled(it, "regression")),
            changes: ["throughput", "response_time", "rng_service_time"].map(last),
            blame: blame.split(" is to blame").next().unwrap_or_default().to_owned(),
            seconds: report["interleaved"]["seconds"].as_f64().unwrap_or_default(),
            pressure: report["interleaved"]["host_cpu_pressure_share"].as_f64().unwrap_or_default(),
            odd: changes.iter().filter(|it| is_odd(it)).map(named).collect(),
        })
    }

    /// Whether a slower build was found, with the right one to blame, or an equal one passed.
    pub(crate) fn is_right(&self) -> bool {
        match self.kind {
            Kind::Slower => self.code == REGRESSION && self.blame == "rng",
            Kind::Equal => self.code == PASS,
        }
    }

    pub(crate) fn row(&self) -> Vec<String> {
        let [throughput, response_time, service_time] = self.changes.clone();
        let (seconds, pressure) = (format!("{:.0}", self.seconds), format!("{:.0} %", self.pressure * 100.0));
        let (kind, ruling) = (self.kind.name().to_owned(), self.ruling().to_owned());
        vec![kind, ruling, throughput, response_time, service_time, self.blame.clone(), seconds, pressure]
    }

    /// For whoever waits for the table.
    pub(crate) fn line(&self) -> String {
        let [throughput, response_time, _] = &self.changes;
        let odd = if self.odd.is_empty() { String::new() } else { format!("; {}", self.odd.join(", ")) };
        format!("{}: {}, X {throughput}, R {response_time}{odd}", self.kind.name(), self.ruling())
    }

    fn ruling(&self) -> &'static str {
        match self.code {
            PASS => "pass",
            REGRESSION => "regression",
            _ => "inconclusive",
        }
    }
}

fn interval(change: &Value) -> String {
    let percent =
        |key: &str| change[key].as_f64().map_or_else(|| "?".to_owned(), |it| format!("{:+.1}", it * 100.0));
    format!("{} % [{}, {}]", percent("change"), percent("change_from"), percent("change_to"))
}

fn named(change: &Value) -> String {
    let step = &change["step"];
    let metric = change["metric"].as_str().unwrap_or_default();
    format!("{metric} at {}/{} {}", step["workers"], step["rng"], interval(change))
}
