//! From a plan to the report of an experiment.

use super::args::Experiment;
use super::driver::Driver;
use super::finding::Finding;
use crate::backend::Operations;
use crate::measure::MeasureError;
use crate::plan::Plan;
use crate::report::{Outcome, Report};
use crate::stop::Stop;
use crate::sweep::{Watcher, not_begun, outcome_of};

/// Carries out the `experiment` of `plan` on `backend`, which is up. Always gives a report.
pub async fn run<B: Operations>(
    backend: &mut B,
    plan: &Plan,
    experiment: Experiment,
    stop: &Stop,
    watcher: &mut dyn Watcher,
) -> Report {
    let mut report = not_begun(backend, plan, Outcome::Done, String::new());
    report.conclusion.reasons.clear();
    let mut driver = Driver { backend, plan, stop, watcher, events: Vec::new(), so_far: None };
    let found = driver.carry_out(experiment).await;
    (report.events, report.experiment) = (driver.events, driver.so_far);
    report.duration_seconds = backend.now() - report.started_at_unix_seconds;
    conclude(&mut report, found);
    report
}

impl<B: Operations> Driver<'_, B> {
    async fn carry_out(&mut self, experiment: Experiment) -> Result<Finding, MeasureError> {
        let (steps, target) = (&self.plan.steps, self.plan.target);
        let Some(&step) = steps.first() else { return Err(MeasureError::Stopped) };
        match experiment {
            Experiment::Kill => Ok(Finding::Kill(self.kill(step, target).await?)),
            Experiment::RollingUpdate => Ok(Finding::RollingUpdate(self.rolling_update(step, target).await?)),
            Experiment::Sticky => Ok(Finding::Sticky(self.sticky(steps).await?)),
            Experiment::Probes => Ok(Finding::Probes(self.probes(step).await?)),
            Experiment::Autoscale => Ok(Finding::Autoscale(self.autoscale(steps, target).await?)),
        }
    }
}

fn conclude(report: &mut Report, found: Result<Finding, MeasureError>) {
    let conclusion = &mut report.conclusion;
    match found {
        Ok(found) => {
            (conclusion.sentence, conclusion.advice) = (found.sentence(), found.advice());
            conclusion.reasons = found.doubts();
            if !conclusion.reasons.is_empty() {
                conclusion.outcome = Outcome::Inconclusive;
            }
            report.experiment = Some(found);
        }
        Err(error) => {
            if report.experiment.is_some() {
                "This is what was found until then.".clone_into(&mut conclusion.sentence);
            }
            conclusion.outcome = outcome_of(&error);
            conclusion.reasons = match error {
                MeasureError::Stopped => vec!["stopped before the end of the experiment".to_owned()],
                other => vec![other.to_string()],
            };
        }
    }
}
