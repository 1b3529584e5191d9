//! Probing over HTTP: the engine's prober, in the lab's terms.

use std::time::Duration;

use loadgen_engine::prober::{ProbeReport, ProbeTarget, Prober};
use loadgen_engine::sample::Sample;
use serde::{Deserialize, Serialize};

use super::{Probe, Replica};
use crate::clock::unix_seconds;

/// A probe that waits longer counts as "at least that long".
const TIMEOUT: Duration = Duration::from_secs(10);

const SECOND: Duration = Duration::from_secs(1);

/// What probes of a service met: `GET /` at Poisson instants, which takes no service time, so all of it is waiting.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProbeObservation {
    /// Probes answered.
    pub answered: u64,
    /// Probes that failed, timed out or could not be sent.
    pub unanswered: u64,
    /// Mean wait.
    pub mean_seconds: f64,
    /// Half of its 95 % interval.
    pub half_width_seconds: Option<f64>,
    /// What one in a hundred exceeds.
    pub p99_seconds: f64,
    /// Probes that waited for more than a second, or got no answer.
    pub over_one_second: u64,
    /// How late the lab itself was to send one: the mean; `None` in reports that are older than this.
    pub lag_mean_seconds: Option<f64>,
    /// The same: what one in a hundred exceeds.
    pub lag_p99_seconds: Option<f64>,
}

/// Probes of `GET /` under way; none if there is nothing to probe.
#[derive(Debug)]
pub struct HttpProbe {
    prober: Option<Prober>,
    started_at: f64,
}

impl HttpProbe {
    /// Begins to probe the `replicas` that have an address, `rate` times a second in all.
    pub fn start(replicas: &[Replica], rate: f64) -> Self {
        Self::of(replicas.iter().filter_map(|replica| replica.address).map(ProbeTarget::from).collect(), rate)
    }

    /// Begins to probe `targets`, `rate` times a second in all.
    pub fn of(targets: Vec<ProbeTarget>, rate: f64) -> Self {
        let started_at = unix_seconds();
        let prober = (!targets.is_empty()).then(|| Prober::start(targets, rate, TIMEOUT));
        Self { prober, started_at }
    }
}

impl Probe for HttpProbe {
    async fn finish(self, from: f64, to: f64) -> Option<ProbeObservation> {
        let report = self.prober?.finish().await;
        let offset =
            |instant: f64| Duration::try_from_secs_f64(instant - self.started_at).unwrap_or_default();
        observed(&report.between(offset(from), offset(to)))
    }
}

fn observed(report: &ProbeReport) -> Option<ProbeObservation> {
    let total = report.total();
    let is_late = |sample: &Sample| !sample.outcome.is_success() || sample.response_time() > SECOND;
    let late = report.samples().iter().filter(|probe| is_late(&probe.sample));
    Some(ProbeObservation {
        answered: total.successes,
        unanswered: total.sent + total.overflowed - total.successes,
        mean_seconds: total.mean?.as_secs_f64(),
        half_width_seconds: total.interval.map(|interval| interval.half_width.as_secs_f64()),
        p99_seconds: total.p99?.as_secs_f64(),
        lag_mean_seconds: total.lag_mean.map(|lag| lag.as_secs_f64()),
        lag_p99_seconds: total.lag_p99.map(|lag| lag.as_secs_f64()),
        over_one_second: total.overflowed + late.count() as u64,
    })
}
