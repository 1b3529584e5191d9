//! What was asked for, as reports repeat it.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::arrivals::Arrivals;
use crate::bench::plan::{Load, Plan, Profile};

use super::seconds;
use super::shards::Shards;

/// What was asked for, of all shards of a load that was divided.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PlanSummary {
    /// Where requests went, in turn.
    pub urls: Vec<String>,
    /// Their method.
    pub method: String,
    /// `closed` or `open`.
    #[serde(rename = "loop")]
    pub load: String,
    /// Connections, or the most there may be in an open loop.
    pub connections: usize,
    /// Requests a second, of a constant rate.
    pub rate_per_s: Option<f64>,
    /// `uniform` or `poisson`, in an open loop.
    pub arrivals: Option<String>,
    /// Of the schedule, in an open loop.
    pub seed: Option<u64>,
    /// Rates that change.
    pub stages: Vec<Stage>,
    /// How many were asked for.
    pub requests: Option<u64>,
    /// How long it was to last.
    #[serde(rename = "duration_s", with = "seconds::optional")]
    pub duration: Option<Duration>,
    /// Between an answer and the next request, in a closed loop.
    #[serde(rename = "think_time_s", with = "seconds")]
    pub think_time: Duration,
    /// How long an answer was waited for.
    #[serde(rename = "timeout_s", with = "seconds")]
    pub timeout: Duration,
    /// Threads that sent.
    pub threads: usize,
    /// The protocol: `1.1` or `2`.
    pub http: String,
    /// Requests that a connection carried at a time.
    pub streams: usize,
    /// Whether connections were used again.
    pub keep_alive: bool,
    /// Which part of this load was sent; `None` if it was not divided. Reports from before there were shards don't say.
    #[serde(default)]
    pub shards: Option<Shards>,
}

/// A stretch of time with a rate that goes from one value to another.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stage {
    /// How long.
    #[serde(rename = "for_s", with = "seconds")]
    pub lasts: Duration,
    /// Requests a second at its start.
    pub from_per_s: f64,
    /// Requests a second at its end.
    pub to_per_s: f64,
}

impl PlanSummary {
    pub(super) fn of(plan: &Plan) -> Self {
        let summary = Self {
            urls: plan.script.urls().to_vec(),
            method: plan.script.method().to_string(),
            load: "closed".to_owned(),
            connections: plan.connections,
            requests: plan.request_limit,
            duration: plan.duration,
            timeout: plan.timeout,
            threads: plan.threads,
            http: plan.transport.version.to_string(),
            streams: plan.transport.version.streams(),
            keep_alive: plan.requests_per_connection != Some(1),
            shards: Shards::only(plan.share),
            ..Self::default()
        };
        match &plan.load {
            Load::Closed { think_time } => Self { think_time: *think_time, ..summary },
            Load::Open { rate, arrivals, seed } => Self {
                load: "open".to_owned(),
                rate_per_s: match rate {
                    Profile::Constant(rate) => Some(rate.as_per_second()),
                    Profile::Stages(_) => None,
                },
                arrivals: Some(name(*arrivals).to_owned()),
                seed: Some(*seed),
                stages: stages(rate),
                ..summary
            },
        }
    }
}

fn stages(rate: &Profile) -> Vec<Stage> {
    let Profile::Stages(stages) = rate else { return Vec::new() };
    let stage = |stage: &crate::Stage| Stage {
        lasts: stage.lasts(),
        from_per_s: stage.from_per_s(),
        to_per_s: stage.to_per_s(),
    };
    stages.iter().map(stage).collect()
}

fn name(arrivals: Arrivals) -> &'static str {
    match arrivals {
        Arrivals::Uniform => "uniform",
        Arrivals::Poisson => "poisson",
    }
}
