//! Everything that a sweep has found, as the JSON report holds it. Units are in the names.

use serde::{Deserialize, Serialize};

use crate::backend::Event;
use crate::calibrate::Calibration;
use crate::confirm::Confirmation;
use crate::expect::Expected;
use crate::experiment::Finding;
use crate::laws::units::Seconds;
use crate::observation::Observation;
use crate::provenance::Provenance;
use crate::scaling::Scaling;
use crate::step::Step;
use crate::verdict::Verdict;

/// Raised when a name goes away or changes its meaning; new names do not raise it.
pub const SCHEMA_VERSION: u32 = 1;

/// A sweep and what it says.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Report {
    /// [`SCHEMA_VERSION`].
    pub schema_version: u32,
    /// The program that wrote it.
    pub program: String,
    /// Where the application ran.
    pub backend: String,
    /// When the sweep began, in seconds since the Unix epoch.
    pub started_at_unix_seconds: f64,
    /// How long it took.
    pub duration_seconds: f64,
    /// Processors of the machine that ran the lab.
    pub cpus: usize,
    /// What was typed, and on which machine; `None` of reports that are older than this.
    pub provenance: Option<Provenance>,
    /// What was asked for.
    pub settings: Settings,
    /// The times from which every prediction is made; `None` before the first step.
    pub calibration: Option<Calibration>,
    /// The steps measured, in order.
    pub steps: Vec<StepReport>,
    /// What the measured points by themselves say of scaling workers; `None` for fewer than three of them.
    pub scaling: Option<Scaling>,
    /// The proof by perturbation; `None` if it was not wanted or there was nothing to prove.
    pub confirmation: Option<Confirmation>,
    /// What an experiment in place of a sweep has found; there is no such key where there was none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub experiment: Option<Finding>,
    /// What had to hold, and whether it did; empty if nothing was asked for, or if the sweep was cut short.
    #[serde(default)]
    pub expectations: Vec<Expected>,
    /// What it comes to.
    pub conclusion: Conclusion,
    /// What happened to the application meanwhile.
    pub events: Vec<Event>,
}

/// What was asked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// Time measured at each step.
    pub window_seconds: f64,
    /// The least warm-up.
    pub warm_up_seconds: f64,
    /// Half the width of a throughput's interval that was tight enough, as a share of the throughput.
    pub precision_share: f64,
    /// Set for the workers.
    pub think_time_seconds: f64,
    /// Set for rng.
    pub rng_time_seconds: f64,
    /// Set for hasher.
    pub hasher_time_seconds: f64,
    /// Loops in each worker.
    pub concurrency: usize,
    /// Probes of rng a second.
    pub probe_rate_per_second: f64,
}

/// One step: seen, predicted, judged.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct StepReport {
    /// Replicas of each service.
    pub step: Step,
    /// What was seen.
    pub seen: Observation,
    /// Throughput over that of the first step.
    pub speed_up: f64,
    /// min(N/(Z+S+ε), m/S), or what random dispatch leaves of it where replicas are chosen at random.
    pub predicted_throughput_per_second: Option<f64>,
    /// min(N/(Z+S+ε), m/S), which no dispatch can beat.
    pub bound_per_second: Option<f64>,
    /// (measured − predicted) / predicted.
    pub deviation_from_prediction: Option<f64>,
    /// What a probe of rng should wait, by the same model.
    pub predicted_probe_wait_seconds: Option<f64>,
    /// What limits it.
    pub verdict: Option<Verdict>,
    /// What makes the step less certain than it should be, each a sentence.
    pub caveats: Vec<String>,
}

impl Report {
    /// How many loops go round at `step`.
    pub fn clients(&self, step: Step) -> usize {
        step.workers.saturating_mul(self.settings.concurrency)
    }
}

impl StepReport {
    /// What a cycle should take by the prediction: N/X, by Little's law.
    pub fn predicted_cycle(&self) -> Option<Seconds> {
        self.predicted_throughput_per_second.map(|predicted| Seconds(self.seen.clients as f64 / predicted))
    }
}

/// How the sweep ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Every step was measured and judged.
    Done,
    /// An expectation does not hold.
    ExpectationFailed,
    /// What was measured does not suffice for a verdict.
    Inconclusive,
    /// The application could not be run, scaled or read.
    BackendFailed,
    /// ^C.
    Interrupted,
}

impl Outcome {
    /// The exit code of `loadgen lab`.
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::ExpectationFailed => 1,
            Self::Inconclusive => 3,
            Self::BackendFailed => 4,
            Self::Interrupted => 130,
        }
    }
}

/// What a sweep comes to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Conclusion {
    /// How it ended.
    pub outcome: Outcome,
    /// The bottleneck's name, if there is a verdict.
    pub bottleneck: Option<String>,
    /// The step that the verdict is about.
    pub step: Option<Step>,
    /// The verdict in one sentence.
    pub sentence: String,
    /// What to do next, each a sentence.
    pub advice: Vec<String>,
    /// Why the outcome is not `done`, each a sentence.
    pub reasons: Vec<String>,
}
