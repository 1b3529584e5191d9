//! `loadgen lab --interleave` from flags to exit code: two applications up, turns, both down whatever happened, one comparison.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::Settings;
use super::args::LONGEST;
use super::block::Timing;
use super::build::{Build, BuildError};
use super::concluded::{Order, comparison, outcome};
use super::course::{Course, LEAST_PAIRS, Taken, take};
use super::turns::Side;
use crate::args::{BackendKind, LabArgs};
use crate::backend::local::{LocalBackend, LocalConfig};
use crate::backend::{Backend, BackendError};
use crate::lab::state_dir;
use crate::measure::MeasureError;
use crate::plan::Plan;
use crate::progress::Progress;
use crate::provenance::Provenance;
use crate::report::Outcome;
use crate::run::{LabError, Places};
use crate::stop::Stop;

/// Why there is no A/B.
#[derive(Debug, thiserror::Error)]
pub enum InterleaveError {
    /// Containers and pods run images, not builds.
    #[error("--interleave runs builds as processes of this machine: leave --backend out")]
    NotLocal,
    /// One of the builds is none.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// No interval would come of it.
    #[error(
        "--duration {} is too short for {steps} step(s) with --window {}: give {}",
        humantime::format_duration(*given),
        humantime::format_duration(*window),
        remedy(*least)
    )]
    Duration {
        /// As it was given.
        given: Duration,
        /// How many steps it is for.
        steps: usize,
        /// How long a block is.
        window: Duration,
        /// What would do if changing places took no time.
        least: Duration,
    },
}

fn remedy(least: Duration) -> String {
    if least > LONGEST {
        return "fewer steps or a shorter --window".to_owned();
    }
    format!("at least {}", humantime::format_duration(least).to_string().replace(' ', ""))
}

/// Runs the A/B of `executable`, which is this program, against `base`, another build, and prints to `out` what it comes to.
pub async fn run(
    args: &LabArgs,
    provenance: &Provenance,
    base: &Path,
    executable: PathBuf,
    stop: &Stop,
    progress: &mut Progress,
    out: &mut impl Write,
) -> Result<Outcome, LabError> {
    if args.backend != BackendKind::Local {
        return Err(InterleaveError::NotLocal.into());
    }
    let plan = Plan::from_args(args)?;
    let course = course(&plan, args.interleave.duration)?;
    let found = tokio::select! {
        found = builds(args, base, executable) => found,
        () = stop.wait() => return Ok(Outcome::Interrupted),
    };
    let order = Order {
        course,
        builds: found.map_err(InterleaveError::from)?,
        settings: Settings::new(&plan, args.interleave.duration),
        threshold: args.interleave.threshold,
        provenance: provenance.clone(),
    };
    let places = Places::open(args)?;
    // Their journals are gone with the applications, however the lab ends, short of SIGKILL.
    let folders = [state_dir()?, state_dir()?];
    let mut backends = [0, 1].map(|side| {
        let build = &order.builds[side];
        let mut config = LocalConfig::new(build.executable.clone(), folders[side].path().to_owned());
        config.leading_args.clone_from(&build.leading_args);
        args.application.configure(&mut config);
        LocalBackend::new(config)
    });
    let began_at = backends[0].now();
    let (taken, down) = Box::pin(measured(order.course.clone(), &mut backends, stop, progress)).await;
    drop(backends);
    progress.finish();
    let comparison = comparison(&order, began_at, &taken);
    let written = places.write(&comparison);
    let failure = taken.cut_short.as_ref().filter(|cut| !cut.is_interruption());
    if failure.is_none() || !taken.pairs.is_empty() {
        written.tell(&comparison, out)?;
    } else {
        written.give(&comparison, out)?;
    }
    match failure {
        Some(cut) => Err(BackendError::new(cut.to_string()).into()),
        None => down.map(|()| outcome(&taken, comparison.ruling)).map_err(LabError::from),
    }
}

/// What `plan` asks for, which takes long enough for an interval of everything. A step that is named twice is one.
fn course(plan: &Plan, duration: Duration) -> Result<Course, LabError> {
    let mut steps = Vec::new();
    for &step in &plan.steps {
        if !steps.contains(&step) {
            steps.push(step);
        }
    }
    let timing = Timing { warm_up: plan.warm_up, window: plan.window };
    let blocks = u32::try_from(2 * LEAST_PAIRS * steps.len()).unwrap_or(u32::MAX);
    let least = (timing.warm_up + timing.window).saturating_mul(blocks);
    if duration < least {
        let (steps, window) = (steps.len(), timing.window);
        return Err(InterleaveError::Duration { given: duration, steps, window, least }.into());
    }
    Ok(Course { steps, timing, loops: plan.setup.concurrency, duration })
}

async fn builds(args: &LabArgs, base: &Path, executable: PathBuf) -> Result<[Build; 2], BuildError> {
    let base = Build::find("--interleave", base).await?;
    let new = match &args.interleave.candidate {
        Some(candidate) => Build::find("--candidate", candidate).await?,
        None => Build::this(executable),
    };
    Ok([base, new])
}

/// Both applications up, the course taken, both down; what came of it, and whether they went down.
async fn measured<B: Backend>(
    mut course: Course,
    backends: &mut [B; 2],
    stop: &Stop,
    progress: &mut Progress,
) -> (Taken, Result<(), BackendError>) {
    progress.say("starting both builds");
    let began_at = backends[0].now();
    let up = tokio::select! {
        up = up(backends) => Some(up),
        () = stop.wait() => None,
    };
    course.duration = course.duration.saturating_sub(seconds(backends[0].now() - began_at));
    let taken = match up {
        Some(Ok(())) => take(&course, backends, stop, progress).await,
        Some(Err((side, error))) => Taken::failed(side, error.into()),
        None => Taken::failed(Side::Base, MeasureError::Stopped),
    };
    progress.say("stopping both builds");
    let [base, new] = backends;
    // Whoever insists does not want to wait for it: what is dropped is killed.
    let down = tokio::select! {
        down = async { tokio::join!(base.down(), new.down()) } => down.0.and(down.1),
        () = stop.insisted() => Ok(()),
    };
    (taken, down)
}

fn seconds(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds).unwrap_or_default()
}

async fn up<B: Backend>([base, new]: &mut [B; 2]) -> Result<(), (Side, BackendError)> {
    let (base, new) = tokio::join!(base.up(), new.up());
    base.map_err(|error| (Side::Base, error))?;
    new.map_err(|error| (Side::New, error))
}
