//! Carrying a plan out, step by step. Owns what becomes of the application if that fails or is stopped.

use std::path::PathBuf;

use super::application::Application;
use super::conclude::CutShort;
use super::counter::Meter;
use super::error::{BlackboxError, DriveError};
use super::observe::observe;
use super::plan::Plan;
use super::render::line;
use super::report::Observation;
use crate::progress::Progress;
use crate::stop::Stop;

/// What was seen at the first steps, and why not at all of them; an error if at none. Replicas are put back as they were
/// found, whatever happened.
pub(super) async fn drive(
    plan: &Plan,
    loadgen: PathBuf,
    stop: &Stop,
    progress: &mut Progress,
) -> Result<(Vec<Observation>, Option<CutShort>), BlackboxError> {
    let narrator = progress.narrator();
    let found = tokio::select! {
        biased;
        () = stop.wait() => return Err(BlackboxError::Interrupted),
        found = Application::find(plan, loadgen, narrator.clone()) => found,
    };
    let mut application = found?;
    let mut seen = Vec::new();
    let cut_short = tokio::select! {
        biased;
        () = stop.wait() => Some(CutShort::Interrupted),
        driven = steps(plan, &mut application, progress, &mut seen) => match driven {
            Ok(()) => None,
            Err(error) if seen.is_empty() => {
                put_back(&mut application, stop, progress).await;
                return Err(error.into());
            }
            Err(error) => Some(CutShort::Failed(error.to_string())),
        },
    };
    let left = put_back(&mut application, stop, progress).await;
    if seen.is_empty() {
        return Err(BlackboxError::Interrupted);
    }
    Ok((seen, cut_short.or(left.map(CutShort::Failed))))
}

async fn steps(
    plan: &Plan,
    application: &mut Application<'_>,
    progress: &mut Progress,
    seen: &mut Vec<Observation>,
) -> Result<(), DriveError> {
    let mut meter = None;
    for (index, step) in plan.steps.iter().enumerate() {
        progress.step(index, plan.steps.len(), &plan.name(step));
        application.scale(step).await?;
        if meter.is_none() {
            meter = Meter::open(&plan.counter, application)?;
        }
        let mut live = |rate| progress.rate(rate);
        let observed = observe(plan, step, application, meter.as_mut(), &mut live).await;
        // A child that has ended explains whatever else went wrong.
        application.ended()?;
        let observed = observed?;
        progress.done(&line(plan, index, observed.throughput_per_second));
        seen.push(observed);
    }
    Ok(())
}

/// Why not everything could be put back, which is also told: what went wrong before it must not hide it, nor be hidden by it.
/// Whoever insists does not want to wait for it: what is dropped is killed.
async fn put_back(application: &mut Application<'_>, stop: &Stop, progress: &mut Progress) -> Option<String> {
    progress.say("putting replicas back");
    let restored = tokio::select! {
        restored = application.restore() => restored,
        () = stop.insisted() => Ok(()),
    };
    application.tell_left();
    let left = restored.err().map(|error| format!("not everything was put back: {error}"))?;
    progress.say(&left);
    Some(left)
}
