//! What a run has shown. Owns which figures there are and how they are told from what was counted; how they look is the business
//! of [`super::output`].
//!
//! Serialised, it is the documented JSON: units are in the names of its keys.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

use crate::recorder::Recorder;
use crate::times::Times;

use super::plan::Plan;
use super::run::Run;

mod aborted;
mod counts;
mod estimate;
mod expectation;
mod generator;
pub(super) mod hdr;
mod knee;
mod plan_summary;
mod replicas;
mod seconds;
mod shards;
mod slice;
mod times;
mod warm_up;

pub use super::tally::Traffic;
pub use aborted::Aborted;
pub use counts::{Counts, ErrorShare};
pub use estimate::Estimate;
pub use expectation::Expected;
pub use generator::LoadGenerator;
pub(super) use generator::limit;
pub use knee::{Knee, KneeEnd, KneeTrial};
pub use plan_summary::{PlanSummary, Stage};
pub use replicas::{ReplicaRow, Replicas};
pub use shards::Shards;
pub use slice::SliceRow;
pub use times::TimesReport;
pub use warm_up::{How, WarmUp};

/// The form of the JSON; it changes when a key does.
pub const SCHEMA: &str = "loadgen-bench/1";

/// Everything a run has shown.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Report {
    /// [`SCHEMA`].
    pub schema: String,
    /// Of the program that made it.
    pub version: String,
    /// When the run began.
    #[serde(with = "seconds::timestamp")]
    pub started_at: SystemTime,
    /// From its start to its last request's end.
    #[serde(rename = "took_s", with = "seconds")]
    pub took: Duration,
    /// Whether it was stopped from outside.
    pub interrupted: bool,
    /// What makes figures of several runs other than those of one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
    /// What was asked for.
    pub plan: PlanSummary,
    /// What is left out of the figures.
    pub warm_up: WarmUp,
    /// What is left in.
    #[serde(rename = "measured_s", with = "seconds")]
    pub measured: Duration,
    /// Successes a second.
    pub throughput_per_s: Estimate,
    /// How many requests came to what.
    pub requests: Counts,
    /// The share of errors among them; `None` if none has ended.
    #[serde(default)]
    pub error_share: Option<ErrorShare>,
    /// How many ended how.
    pub outcomes: BTreeMap<String, u64>,
    /// The same, warm-up included.
    pub outcomes_all: BTreeMap<String, u64>,
    /// What one of each kind of failure said, warm-up included.
    #[serde(default)]
    pub reasons: BTreeMap<String, String>,
    /// From the scheduled instant.
    pub response_time: TimesReport,
    /// From the sent instant.
    pub uncorrected_time: TimesReport,
    /// How late the load generator itself was, over all requests.
    pub lag: TimesReport,
    /// Where the time of requests went, warm-up included.
    pub steps: Steps,
    /// What servers said of their own time, warm-up included.
    pub server_timing: ServerTiming,
    /// Which replicas answered, if answers name them, warm-up included.
    pub replicas: Option<Replicas>,
    /// Bytes and connections, warm-up included.
    pub traffic: Traffic,
    /// What the load generator itself needed, and whether it was the limit.
    pub load_generator: LoadGenerator,
    /// What was expected, and whether it held.
    #[serde(default)]
    pub expectations: Vec<Expected>,
    /// Which of them ended the run before its time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aborted: Option<Aborted>,
    /// The highest rate at which what was asked for holds, if that was searched for. All other figures are those of the run
    /// at that rate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub knee: Option<Knee>,
    /// The run, slice by slice.
    pub timeline: Vec<SliceRow>,
}

/// How long the steps of requests took.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Steps {
    /// From a name to addresses.
    pub resolve: TimesReport,
    /// Until an address accepted.
    pub connect: TimesReport,
    /// The TLS handshake.
    pub tls: TimesReport,
    /// From sending to the head of the answer.
    pub head: TimesReport,
    /// From there to its end, if that came later.
    pub body: TimesReport,
}

/// What servers said of their own time.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct ServerTiming {
    /// Waiting for a slot.
    pub queue: TimesReport,
    /// Holding one.
    pub service: TimesReport,
}

impl Report {
    /// What `run`, which carried `plan` out, has shown.
    pub fn of(plan: &Plan, run: &Run) -> Self {
        let collected = &run.collected;
        let end = run.took.saturating_sub(collected.origin);
        let warm_up = WarmUp::of(plan, collected, end);
        let cut = warm_up.cut.saturating_sub(collected.origin);
        let slices = collected.slices.from(cut);
        let total = collected.slices.total_from(cut);
        let measured = end.saturating_sub(cut);
        let (lag, requests) = (total.lags(), Counts::of(&total));
        let grows = collected.series.range(cut, end).backlog_grows();
        let times = |times: &Times| times.clone().with_informative_censoring(grows);
        Self {
            schema: SCHEMA.to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            started_at: run.started_at,
            took: run.took,
            interrupted: run.interrupted,
            warnings: Vec::new(),
            plan: PlanSummary::of(plan),
            warm_up,
            measured,
            throughput_per_s: Estimate::of(&collected.series, cut, end, total.successes().count()),
            requests,
            error_share: requests.error_share(),
            outcomes: counts::by_name(total.outcomes()),
            outcomes_all: counts::by_name(&collected.outcomes()),
            reasons: run.tally.reasons.iter().map(|(kind, said)| (kind.to_string(), said.clone())).collect(),
            response_time: TimesReport::measured(times(total.response()), slices, Recorder::response),
            uncorrected_time: TimesReport::measured(
                times(total.uncorrected()),
                slices,
                Recorder::uncorrected,
            ),
            load_generator: LoadGenerator::of(plan, &run.usage, &lag, total.response()),
            lag: lag.into(),
            steps: Steps::of(&run.tally.steps),
            server_timing: ServerTiming {
                queue: run.tally.server.queue.clone().into(),
                service: run.tally.server.service.clone().into(),
            },
            replicas: Replicas::of(&plan.replica_header, &run.tally),
            traffic: run.tally.traffic,
            expectations: Vec::new(),
            aborted: None,
            knee: None,
            timeline: slice::rows(collected, run.took),
        }
    }
}

impl Report {
    /// Whether the run was over before the warm-up that was asked for.
    pub fn is_all_warm_up(&self) -> bool {
        self.warm_up.how == How::Given && !self.warm_up.cut.is_zero() && self.requests.scheduled == 0
    }

    /// Whether any request got an answer, of whatever status.
    pub fn was_answered(&self) -> bool {
        self.outcomes_all.keys().any(|outcome| outcome.parse::<u16>().is_ok())
    }
}

impl Steps {
    fn of(steps: &super::tally::Steps) -> Self {
        Self {
            resolve: steps.resolve.clone().into(),
            connect: steps.connect.clone().into(),
            tls: steps.tls.clone().into(),
            head: steps.head.clone().into(),
            body: steps.body.clone().into(),
        }
    }
}
