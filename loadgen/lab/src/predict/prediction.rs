//! Everything that is predicted, as its JSON holds it. Units are in the names.

use serde::Serialize;

use crate::demands::Demands;
use crate::laws::units::Throughput;
use crate::provenance::PROGRAM;
use crate::step::Step;

use super::PredictError;
use super::counts::MOST;
use super::plan::{Plan, Question};
use super::row::Row;
use super::sizing::{cheapest, least};

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
                few_enough(&plan.demands, least(&plan.demands, *target))?;
                let step = cheapest(&plan.demands, *target).ok_or(PredictError::OutOfReach(target.0))?;
                let replicas = step.workers + step.rng + step.hasher;
                (Some(Answer { target_per_second: *target, step, replicas }), vec![step])
            }
        };
        steps.iter().try_for_each(|step| few_enough(&plan.demands, *step))?;
        Ok(Self {
            schema_version: SCHEMA_VERSION,
            program: PROGRAM.to_owned(),
            from: plan.from.as_ref().map(|path| path.display().to_string()),
            demands: plan.demands,
            target,
            rows: steps.into_iter().map(|step| Row::new(&plan.demands, step)).collect(),
        })
    }
}

/// Refuses what the laws would take minutes for.
fn few_enough(demands: &Demands, step: Step) -> Result<(), PredictError> {
    let loops = step.workers.saturating_mul(demands.concurrency);
    if loops > MOST || step.rng.max(step.hasher) > MOST {
        return Err(PredictError::TooLarge { step, loops, most: MOST });
    }
    Ok(())
}

/// For programs.
pub(super) fn json(prediction: &Prediction) -> String {
    // Strings and numbers only: nothing of it can fail.
    serde_json::to_string_pretty(prediction).unwrap_or_default() + "\n"
}
