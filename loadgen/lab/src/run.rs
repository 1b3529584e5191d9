//! `loadgen lab` from flags to exit code: bring the application up, sweep, take it down whatever happened, report.

use std::io::{self, Write};
use std::path::Path;

use crate::args::LabArgs;
use crate::backend::{Backend, BackendError};
use crate::plan::{Plan, PlanError};
use crate::progress::Progress;
use crate::render;
use crate::report::{Outcome, Report};
use crate::stop::Stop;
use crate::sweep::sweep;

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub enum LabError {
    /// The flags make no plan.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// The application did not start.
    #[error(transparent)]
    Backend(#[from] BackendError),
    /// The report could not be written to the file asked for.
    #[error("cannot write {path}: {source}; choose another file with --json")]
    Json {
        /// The file.
        path: String,
        /// The cause.
        source: io::Error,
    },
    /// The report could not be printed.
    #[error("cannot print the report: {0}")]
    Output(#[from] io::Error),
}

impl LabError {
    /// The exit code of `loadgen lab`.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Plan(_) | Self::Json { .. } => 2,
            Self::Backend(_) | Self::Output(_) => Outcome::BackendFailed.exit_code(),
        }
    }
}

/// Runs the lab on `backend`, prints the report to `out`, and tells how it ended.
pub async fn run<B: Backend>(
    args: &LabArgs,
    mut backend: B,
    stop: &Stop,
    out: &mut impl Write,
) -> Result<Outcome, LabError> {
    let plan = Plan::from_args(args)?;
    // Found out before the minute of measuring, not after it.
    args.json.as_deref().map_or(Ok(()), |path| write(path, ""))?;
    let mut progress = Progress::new(args.quiet);
    progress.say("starting the application");
    let up = tokio::select! {
        up = backend.up() => up.map(|()| true),
        () = stop.wait() => Ok(false),
    };
    let report = match up {
        Ok(true) => Some(sweep(&mut backend, &plan, stop, &mut progress).await),
        Ok(false) => None,
        Err(error) => {
            progress.finish();
            // What did start must not stay; the first error is the one to report.
            let _ = backend.down().await;
            return Err(error.into());
        }
    };
    progress.say("stopping the application");
    let down = backend.down().await;
    progress.finish();
    let Some(report) = report else { return Ok(Outcome::Interrupted) };
    if let Some(path) = &args.json {
        write(path, &render::json(&report).map_err(io::Error::other)?)?;
    }
    print(&report, out)?;
    down?;
    Ok(report.conclusion.outcome)
}

fn write(path: &Path, text: &str) -> Result<(), LabError> {
    std::fs::write(path, text).map_err(|source| LabError::Json { path: path.display().to_string(), source })
}

/// A reader that has seen enough, as in `loadgen lab | head`, is no failure.
fn print(report: &Report, out: &mut impl Write) -> io::Result<()> {
    match out.write_all(render::text(report).as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        printed => printed,
    }
}
