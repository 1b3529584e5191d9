//! Everything that a plan has found, as the JSON report holds it. Units are in the names; loadgen/PLANS.md documents it.

use std::collections::BTreeMap;

use serde::Serialize;

use super::conclude::Concluded;
use super::elasticity::Elasticity;
use super::growth::Growth;
use super::plan::Plan;
use crate::backend::ProbeObservation;
use crate::report::Outcome;

/// The form of the JSON; it changes when a key goes away or changes its meaning.
pub(super) const SCHEMA: &str = "loadgen-plan/1";

/// What was measured and what it says.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Report {
    /// [`SCHEMA`].
    pub(super) schema: &'static str,
    /// The program that wrote it.
    pub(super) program: String,
    /// What the plan calls the application.
    pub(super) application: String,
    /// What is counted.
    pub(super) unit: String,
    /// Services, in the order of the plan.
    pub(super) services: Vec<String>,
    /// When it began, in seconds since the Unix epoch.
    pub(super) started_at_unix_seconds: f64,
    /// How long it took.
    pub(super) duration_seconds: f64,
    /// Steps that the plan has.
    pub(super) steps_planned: usize,
    /// Steps measured, in order.
    pub(super) steps: Vec<StepReport>,
    /// What more of one thing has bought.
    pub(super) elasticities: Vec<Elasticity>,
    /// Where probes wait longer under load.
    pub(super) wait_growths: Vec<Growth>,
    /// What it comes to.
    pub(super) conclusion: Conclusion,
}

/// When it was measured.
#[derive(Clone, Copy, Debug)]
pub(super) struct Took {
    /// In seconds since the Unix epoch.
    pub(super) started_at: f64,
    pub(super) seconds: f64,
}

impl Report {
    /// The report of what was concluded of `plan`.
    pub(super) fn new(plan: &Plan, concluded: Concluded, took: Took) -> Self {
        let Concluded { steps, verdict, conclusion } = concluded;
        Self {
            schema: SCHEMA,
            program: concat!("loadgen ", env!("CARGO_PKG_VERSION")).to_owned(),
            application: plan.application.clone(),
            unit: plan.unit.clone(),
            services: plan.services.iter().map(|service| service.name.clone()).collect(),
            started_at_unix_seconds: took.started_at,
            duration_seconds: took.seconds,
            steps_planned: plan.steps.len(),
            steps,
            elasticities: verdict.elasticities,
            wait_growths: verdict.growths,
            conclusion,
        }
    }
}

/// One step.
#[derive(Clone, Debug, Serialize)]
pub(super) struct StepReport {
    /// As people call it.
    pub(super) name: String,
    /// Of each service that is scaled.
    pub(super) replicas: BTreeMap<String, usize>,
    /// Clients in a closed loop, requests a second in an open one; `None` if nobody said who they are.
    pub(super) load: Option<f64>,
    /// What was seen.
    pub(super) seen: Observation,
    /// Throughput over that of the first step.
    pub(super) speed_up: f64,
    /// By the capacities that the plan gives.
    pub(super) predicted_throughput_per_second: Option<f64>,
    /// (measured − predicted) / predicted.
    pub(super) deviation_from_prediction: Option<f64>,
}

/// What was seen at a step.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Observation {
    /// Of what is counted.
    pub(super) throughput_per_second: f64,
    /// Half of its 95 % interval.
    pub(super) throughput_half_width_per_second: Option<f64>,
    /// The time that was measured.
    pub(super) window_seconds: f64,
    /// The time before it that was left out.
    pub(super) warm_up_seconds: f64,
    /// Whether the warm-up was over.
    pub(super) settled: bool,
    /// Of each service, in the order of the plan; `None` if it is not probed.
    pub(super) probes: Vec<Option<ProbeObservation>>,
    /// Of the load generator's requests.
    pub(super) response: Option<Response>,
    /// What makes the step less certain than it should be, each a sentence.
    pub(super) caveats: Vec<String>,
}

/// Response times of the load generator's requests, from the instant at which each was due.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(super) struct Response {
    /// The mean.
    pub(super) mean_seconds: f64,
    /// What one in a hundred exceeds.
    pub(super) p99_seconds: f64,
}

/// What it comes to.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Conclusion {
    /// How it ended.
    pub(super) outcome: Outcome,
    /// A service, or the load.
    pub(super) bottleneck: Option<String>,
    /// The step that the verdict is about.
    pub(super) step: Option<String>,
    /// The verdict in one sentence.
    pub(super) sentence: String,
    /// What says so, each a clause.
    pub(super) evidence: Vec<String>,
    /// Why the outcome is not `done`, each a sentence.
    pub(super) reasons: Vec<String>,
}
