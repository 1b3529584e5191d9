//! A plan file as it is written. Owns its keys and their types; what they mean together is the business of
//! [`check`](super::check).

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use serde::de::{Deserialize, Deserializer, Error, Unexpected, Visitor};
use toml::Spanned;

use super::location::{Located, Source};

/// All of it.
#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    /// What the application is called.
    pub(super) application: Spanned<String>,
    /// What is counted, in the plural; requests without a word.
    pub(super) unit: Option<Spanned<String>>,
    /// The service whose replicas are the clients of a closed loop.
    pub(super) clients: Option<Spanned<String>>,
    pub(super) services: BTreeMap<Spanned<String>, Spanned<Service>>,
    pub(super) throughput: Spanned<Throughput>,
    pub(super) sweep: Sweep,
    /// What must hold in the end.
    #[serde(default)]
    pub(super) expect: Vec<Spanned<String>>,
}

/// A service: at most one way to scale it.
#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Service {
    /// Run once for each replica, as a child.
    pub(super) run: Option<Spanned<String>>,
    /// Run once for each change of the number.
    pub(super) scale: Option<Spanned<String>>,
    /// Prints how many replicas there are.
    pub(super) count: Option<Spanned<String>>,
    pub(super) compose: Option<Compose>,
    pub(super) kubernetes: Option<Kubernetes>,
    pub(super) probe: Option<Spanned<Probe>>,
    pub(super) capacity: Option<Capacity>,
}

/// A service of a compose project.
#[derive(Clone, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Compose {
    pub(super) service: String,
    pub(super) project: Option<String>,
    #[serde(default)]
    pub(super) files: Vec<String>,
}

/// Something that kubectl scales.
#[derive(Clone, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Kubernetes {
    pub(super) object: Spanned<String>,
    pub(super) namespace: Option<String>,
    pub(super) context: Option<String>,
}

/// Where a service is probed.
#[derive(Debug, serde::Deserialize)]
#[serde(
    untagged,
    expecting = "expected a URL, a list of URLs, or { command = \"…\" } that prints one a line"
)]
pub(super) enum Probe {
    Url(String),
    Urls(Vec<String>),
    Command(ProbeCommand),
}

/// Prints URLs, one a line.
#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ProbeCommand {
    pub(super) command: String,
}

/// What one replica can do.
#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Capacity {
    pub(super) service_time: Spanned<Time>,
    /// Requests at once; 1 without a word.
    pub(super) slots: Option<Spanned<i64>>,
    /// Visits for each unit counted; 1 without a word.
    pub(super) visits: Option<Spanned<f64>>,
}

/// What is counted: exactly one of these.
#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Throughput {
    pub(super) json: Option<Json>,
    pub(super) prometheus: Option<Prometheus>,
    pub(super) redis: Option<Redis>,
    pub(super) load: Option<Load>,
}

/// A number in a JSON document.
#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Json {
    pub(super) url: Spanned<String>,
    pub(super) pointer: Spanned<String>,
}

/// The sum of a metric's series.
#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Prometheus {
    pub(super) url: Spanned<String>,
    pub(super) metric: String,
    #[serde(default)]
    pub(super) labels: BTreeMap<String, String>,
}

/// An integer in Redis.
#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Redis {
    pub(super) url: Spanned<String>,
    pub(super) key: String,
}

/// The answers that the load generator gets.
#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Load {
    pub(super) url: Spanned<String>,
    pub(super) method: Option<Spanned<String>>,
    pub(super) body: Option<String>,
}

/// What is measured.
#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Sweep {
    pub(super) warm_up: Option<Spanned<Time>>,
    pub(super) window: Option<Spanned<Time>>,
    /// Probes of each service a second.
    pub(super) probe_rate: Option<Spanned<f64>>,
    pub(super) steps: Spanned<Vec<Spanned<Step>>>,
}

/// One step: what it does not name stays as in the step before.
#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Step {
    #[serde(default)]
    pub(super) replicas: BTreeMap<Spanned<String>, Spanned<i64>>,
    pub(super) connections: Option<Spanned<i64>>,
    pub(super) rate: Option<Spanned<f64>>,
    #[serde(default)]
    pub(super) expect: Vec<Spanned<String>>,
}

/// A length of time with its unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Time(pub(super) Duration);

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl Visitor<'_> for Reader {
            type Value = Time;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a time with its unit, such as \"500ms\" or \"10s\"")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Time, E> {
                let read = humantime::parse_duration(text);
                read.map(Time).map_err(|_| E::invalid_value(Unexpected::Str(text), &self))
            }
        }
        deserializer.deserialize_str(Reader)
    }
}

/// Reads a plan.
pub(super) fn read(source: Source<'_>) -> Result<File, Located> {
    toml::from_str(source.text).map_err(|error| source.toml(&error))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::blackbox::testing::SHOP;

    fn complaint(from: &str, to: &str) -> String {
        assert!(SHOP.contains(from), "{from}");
        let text = SHOP.replacen(from, to, 1);
        read(Source { path: Path::new("shop.toml"), text: &text }).unwrap_err().to_string()
    }

    #[test]
    fn what_is_no_plan_is_told_with_line_column_and_key() {
        for (from, to, place, parts) in [
            ("probe =", "prob =", "shop.toml:6:1", &["prob", "did you mean `probe`?"][..]),
            ("warm_up = \"1s\"", "warmup = \"1s\"", "shop.toml:19:1", &["did you mean `warm_up`?"]),
            (
                "{ web = 2 }",
                "{ web = 2 }, conections = 2",
                "shop.toml:23:29",
                &["did you mean `connections`?"],
            ),
            ("window = \"1s\"", "window = \"soon\"", "shop.toml:20:10", &["window", "500ms"]),
            ("window = \"1s\"", "window = 3", "shop.toml:20:10", &["window", "500ms"]),
            ("{ web = 1, database = 1 }", "{ web = \"one\" }", "shop.toml:22:24", &["web", "whole number"]),
            ("[sweep]", "[sweep", "shop.toml:18:7", &["]"]),
            ("application = \"shop\"", "", "shop.toml:1:1", &["`application`: add it", "PLANS.md"]),
            ("{ replicas = { web = 2 } }", "{ web = 2 }", "shop.toml:23:5", &["replicas = { web = 1 }"]),
            (
                "prometheus = { url",
                "load = 3\nprometheus = { url",
                "shop.toml:16:8",
                &["`load`", "a table, such as {"],
            ),
            ("{port}/\"\n", "{port}/\"\nprobe = \"x\"\n", "shop.toml:7:1", &["duplicate", "`probe`"]),
            ("metric = \"requests_total\"", "name = \"x\"", "shop.toml:16:40", &["name", "metric"]),
        ] {
            let line = complaint(from, to);
            assert!(line.starts_with(place), "{to}: {line}");
            assert!(parts.iter().all(|part| line.contains(part)) && !line.contains('\n'), "{to}: {line}");
        }
    }
}
