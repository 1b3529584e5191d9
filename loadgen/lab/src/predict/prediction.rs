//! Everything that is predicted, as its JSON holds it. Units are in the names.

use serde::Serialize;

use crate::laws::units::Throughput;
use crate::step::Step;

use super::PredictError;
use super::demands::Demands;
use super::plan::{Plan, Question};
use super::row::Row;
use super::sizing::cheapest;

/// Raised when a name goes away or changes its meaning; new names do not raise it.
const SCHEMA_VERSION: u32 = 1;

/// What is predicted, and from what.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Prediction {
    /// 1 now.
    pub schema_version: u32,
    /// The program that made it.
    pub program: String,
    /// The lab's report that the demands come from; `None` if they were given.
    pub from: Option<String>,
    /// What a cycle takes.
    pub demands: Demands,
    /// What was asked for with `--target`, and answered.
    pub target: Option<Answer>,
    /// The replica counts asked for, or answered with.
    pub rows: Vec<Row>,
}

/// The cheapest replica counts that reach a throughput.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Answer {
    /// The throughput asked for.
    pub target_per_second: Throughput,
    /// The counts: the fewest in all, and of those the fewest of rng.
    pub step: Step,
    /// How many they are in all.
    pub replicas: usize,
}

impl Prediction {
    pub(super) fn of(plan: &Plan) -> Result<Self, PredictError> {
        let (target, steps) = match &plan.question {
            Question::Steps(steps) => (None, steps.clone()),
            Question::Target(target) => {
                let step = cheapest(&plan.demands, *target).ok_or(PredictError::OutOfReach(target.0))?;
                let replicas = step.workers + step.rng + step.hasher;
                (Some(Answer { target_per_second: *target, step, replicas }), vec![step])
            }
        };
        Ok(Self {
            schema_version: SCHEMA_VERSION,
            program: format!("loadgen {}", env!("CARGO_PKG_VERSION")),
            from: plan.from.as_ref().map(|path| path.display().to_string()),
            demands: plan.demands,
            target,
            rows: steps.into_iter().map(|step| Row::new(&plan.demands, step)).collect(),
        })
    }
}

/// For programs.
pub(super) fn json(prediction: &Prediction) -> String {
    // Strings and numbers only: nothing of it can fail.
    serde_json::to_string_pretty(prediction).unwrap_or_default() + "\n"
}
