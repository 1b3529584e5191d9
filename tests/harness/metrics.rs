//! A scrape in the Prometheus text format.

use std::net::SocketAddr;
use std::time::Duration;

use super::http;
use super::wait::eventually;

const TO_MISS_RNG: Duration = Duration::from_secs(30);

/// Every sample of one scrape.
pub(crate) struct Metrics(String);

impl Metrics {
    /// Scrapes an admin port.
    pub(crate) fn of(admin: SocketAddr) -> Self {
        let answer = http::get(admin, "/metrics");
        assert_eq!(answer.status, 200, "{}", answer.text());
        Self::parse(answer.text().to_owned())
    }

    /// A scrape that somebody else has made.
    pub(crate) fn parse(text: String) -> Self {
        Self(text)
    }

    /// The sum of a metric over all samples that carry those labels; panics when there is none.
    pub(crate) fn sum(&self, name: &str, labels: &[(&str, &str)]) -> f64 {
        let values: Vec<f64> = self.matching(name, labels).collect();
        assert!(!values.is_empty(), "no {name} with {labels:?} in\n{}", self.0);
        values.iter().sum()
    }

    /// The same of a counter of events, where nothing counted yet is zero.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a counter is a whole number"
    )]
    pub(crate) fn count(&self, name: &str, labels: &[(&str, &str)]) -> u64 {
        self.matching(name, labels).sum::<f64>() as u64
    }

    /// The names of all metrics.
    pub(crate) fn names(&self) -> Vec<&str> {
        self.samples().map(|(name, _, _)| name).collect()
    }

    fn matching<'a>(&'a self, name: &'a str, labels: &'a [(&str, &str)]) -> impl Iterator<Item = f64> + 'a {
        let carries =
            |text: &str| labels.iter().all(|(key, value)| text.contains(&format!("{key}=\"{value}\"")));
        self.samples().filter(move |sample| sample.0 == name && carries(sample.1)).map(|(_, _, value)| value)
    }

    fn samples(&self) -> impl Iterator<Item = (&str, &str, f64)> {
        self.0.lines().filter(|line| !line.starts_with('#') && !line.is_empty()).map(|line| {
            let (series, value) = line.rsplit_once(' ').expect("a series and its value");
            let (name, labels) = series.split_once('{').unwrap_or((series, ""));
            (name, labels, value.parse().unwrap_or_else(|_| panic!("a number in {line:?}")))
        })
    }
}

/// The cycles that a worker has completed.
pub(crate) fn cycles(worker_admin: SocketAddr) -> u64 {
    Metrics::of(worker_admin).count("dockercoins_worker_cycles_total", &[])
}

/// The cycles of a worker of one loop, whose rng has just been taken away for the first time: once that loop has failed
/// there, nothing of it is under way any more and the count stands.
pub(crate) fn last_cycles(worker_admin: SocketAddr) -> u64 {
    let failed =
        || Metrics::of(worker_admin).count("dockercoins_worker_errors_total", &[("stage", "rng")]) > 0;
    eventually("a worker without its rng", TO_MISS_RNG, || failed().then_some(()));
    cycles(worker_admin)
}
