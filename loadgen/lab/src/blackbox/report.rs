//! Everything that a plan has found, as the JSON report holds it. Units are in the names; loadgen/PLANS.md documents it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::capacity::{Amounts, Prediction};
use super::conclude::Concluded;
use super::elasticity::Elasticity;
use super::growth::Growth;
use super::plan::{Clients, Plan};
use crate::backend::ProbeObservation;
use crate::expect::Expected;
use crate::laws::units::Seconds;
use crate::provenance::{PROGRAM, Provenance};
use crate::report::Outcome;

/// The form of the JSON; it changes when a key goes away or changes its meaning.
pub(crate) const SCHEMA: &str = "loadgen-plan/1";

/// What was measured and what it says.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Report {
    /// [`SCHEMA`].
    pub(super) schema: String,
    /// The program that wrote it.
    pub(crate) program: String,
    /// What the plan calls the application.
    pub(crate) application: String,
    /// What is counted.
    pub(crate) unit: String,
    /// Services, in the order of the plan.
    pub(crate) services: Vec<String>,
    /// What the load is called: a service, `connections`, `rate`; `None` if nobody said who sends.
    pub(crate) clients: Option<String>,
    /// When it began, in seconds since the Unix epoch.
    pub(crate) started_at_unix_seconds: f64,
    /// How long it took.
    pub(super) duration_seconds: f64,
    /// Processors of the machine that ran the lab.
    pub(crate) cpus: usize,
    /// What was typed, and on which machine.
    pub(crate) provenance: Option<Provenance>,
    /// What was asked for.
    pub(crate) settings: Settings,
    /// The plan's file, without passwords in URLs.
    pub(crate) plan: String,
    /// Steps that the plan has.
    pub(super) steps_planned: usize,
    /// Steps measured, in order.
    pub(crate) steps: Vec<StepReport>,
    /// What steps are predicted from; `None` without capacities.
    pub(super) prediction: Option<Prediction>,
    /// What more of one thing has bought.
    pub(super) elasticities: Vec<Elasticity>,
    /// Where probes wait longer under load.
    pub(super) wait_growths: Vec<Growth>,
    /// What had to hold of all steps together, and whether it did; empty if the sweep was cut short.
    pub(super) expectations: Vec<Expected>,
    /// What it comes to.
    pub(crate) conclusion: Conclusion,
}

/// What was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Settings {
    /// Time measured at each step.
    pub(crate) window_seconds: f64,
    /// The least warm-up.
    pub(super) warm_up_seconds: f64,
    /// Probes of each service a second.
    pub(super) probe_rate_per_second: f64,
}

/// When it was measured, and where.
#[derive(Clone, Debug)]
pub(super) struct Circumstances {
    /// In seconds since the Unix epoch.
    pub(super) started_at: f64,
    pub(super) seconds: f64,
    pub(super) cpus: usize,
    pub(super) provenance: Provenance,
}

impl Report {
    /// The report of what was concluded of `plan`.
    pub(super) fn new(plan: &Plan, concluded: Concluded, circumstances: Circumstances) -> Self {
        let Concluded { steps, verdict, prediction, expectations, conclusion } = concluded;
        Self {
            schema: SCHEMA.to_owned(),
            program: PROGRAM.to_owned(),
            application: plan.application.clone(),
            unit: plan.unit.clone(),
            services: plan.services.iter().map(|service| service.name.clone()).collect(),
            clients: (plan.clients != Clients::Unknown).then(|| plan.clients_name().to_owned()),
            started_at_unix_seconds: circumstances.started_at,
            duration_seconds: circumstances.seconds,
            cpus: circumstances.cpus,
            provenance: Some(circumstances.provenance),
            settings: Settings {
                window_seconds: Seconds::from(plan.window).0,
                warm_up_seconds: Seconds::from(plan.warm_up).0,
                probe_rate_per_second: plan.probe_rate,
            },
            plan: plan.text.clone(),
            steps_planned: plan.steps.len(),
            steps,
            prediction,
            elasticities: verdict.elasticities,
            wait_growths: verdict.growths,
            expectations,
            conclusion,
        }
    }

    /// Whether its predictions rest on what no plan can have given.
    pub(crate) fn is_predicted_from_nonsense(&self) -> bool {
        self.prediction.as_ref().is_some_and(|prediction| !prediction.is_possible())
    }
}

/// One step.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct StepReport {
    /// As people call it.
    pub(crate) name: String,
    /// Of each service that is scaled.
    pub(crate) replicas: BTreeMap<String, usize>,
    /// Clients in a closed loop, requests a second in an open one; `None` if nobody said who they are.
    pub(crate) load: Option<f64>,
    /// What was seen.
    pub(crate) seen: Observation,
    /// Throughput over that of the first step.
    pub(crate) speed_up: f64,
    /// By the capacities that the plan gives.
    pub(crate) predicted_throughput_per_second: Option<f64>,
    /// (measured − predicted) / predicted.
    pub(crate) deviation_from_prediction: Option<f64>,
    /// What had to hold here, and whether it did; empty if the sweep was cut short.
    pub(crate) expectations: Vec<Expected>,
}

impl StepReport {
    /// How much there was of everything.
    pub(super) fn amounts(&self) -> Amounts<'_> {
        Amounts { replicas: &self.replicas, load: self.load }
    }

    /// What probes of a service met, by its place.
    pub(crate) fn probe(&self, service: usize) -> Option<&ProbeObservation> {
        self.seen.probes.get(service)?.as_ref()
    }

    /// What tells it from other steps: names, each with how much there was of it.
    pub(crate) fn labels(&self) -> impl Iterator<Item = (&str, &str)> {
        self.name.split(' ').filter_map(|amount| amount.split_once('='))
    }
}

/// What was seen at a step.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Observation {
    /// Of what is counted.
    pub(crate) throughput_per_second: f64,
    /// Half of its 95 % interval.
    pub(crate) throughput_half_width_per_second: Option<f64>,
    /// The time that was measured.
    pub(crate) window_seconds: f64,
    /// The time before it that was left out.
    pub(crate) warm_up_seconds: f64,
    /// Whether the warm-up was over.
    pub(crate) settled: bool,
    /// Of each service, in the order of the plan; `None` if it is not probed.
    pub(crate) probes: Vec<Option<ProbeObservation>>,
    /// Of the load generator's requests.
    pub(crate) response: Option<Response>,
    /// What makes the step less certain than it should be, each a sentence.
    pub(crate) caveats: Vec<String>,
}

/// Response times of the load generator's requests, from the instant at which each was due.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Response {
    /// The mean.
    pub(crate) mean_seconds: f64,
    /// What one in a hundred exceeds.
    pub(crate) p99_seconds: f64,
}

/// What it comes to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Conclusion {
    /// How it ended.
    pub(crate) outcome: Outcome,
    /// A service, or the load.
    pub(crate) bottleneck: Option<String>,
    /// The step that the verdict is about.
    pub(crate) step: Option<String>,
    /// The verdict in one sentence.
    pub(crate) sentence: String,
    /// What says so, each a clause.
    pub(crate) evidence: Vec<String>,
    /// Why the outcome is not `done`, each a sentence.
    pub(crate) reasons: Vec<String>,
}
