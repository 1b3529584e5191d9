//! `loadgen lab` from flags to exit code: bring the application up, sweep, take it down whatever happened, report.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

use crate::args::{LabArgs, MisplacedFlag};
use crate::backend::{Backend, BackendError, Operations};
use crate::experiment::{self, ExperimentError};
use crate::plan::{Plan, PlanError};
use crate::progress::Progress;
use crate::render;
use crate::report::{Outcome, Report};
use crate::setup::Setup;
use crate::stop::Stop;
use crate::sweep::{not_begun, sweep};

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub enum LabError {
    /// The flags make no plan.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// A flag is for another backend.
    #[error(transparent)]
    Flag(#[from] MisplacedFlag),
    /// The experiment cannot be.
    #[error(transparent)]
    Experiment(#[from] ExperimentError),
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
    /// There is no place for the application's journal.
    #[error("cannot make a directory in {path}: {source}; set XDG_RUNTIME_DIR to one where you can")]
    StateDir {
        /// Where it should have been.
        path: String,
        /// The cause.
        source: io::Error,
    },
    /// ^C could not be caught.
    #[error("cannot handle signals: {0}")]
    Signals(#[source] io::Error),
    /// The report could not be printed.
    #[error("cannot print the report: {0}")]
    Output(#[from] io::Error),
}

impl LabError {
    /// The exit code of `loadgen lab`.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Plan(_) | Self::Flag(_) | Self::Experiment(_) | Self::Json { .. } => 2,
            Self::Backend(_) | Self::StateDir { .. } | Self::Signals(_) | Self::Output(_) => {
                Outcome::BackendFailed.exit_code()
            }
        }
    }
}

/// Runs the lab on `backend`, prints the report to `out`, and tells how it ended.
pub async fn run<B: Operations>(
    args: &LabArgs,
    mut backend: B,
    stop: &Stop,
    progress: &mut Progress,
    out: &mut impl Write,
) -> Result<Outcome, LabError> {
    let mut plan = Plan::from_args(args)?;
    let json = args.json.as_deref().map(JsonFile::open).transpose()?;
    progress.say("starting the application");
    let up = tokio::select! {
        up = start(&mut backend) => Some(up),
        () = stop.wait() => None,
    };
    let report = match &up {
        Some(Ok(setup)) => {
            plan.setup = *setup;
            match plan.experiment {
                Some(it) => Box::pin(experiment::run(&mut backend, &plan, it, stop, progress)).await,
                None => sweep(&mut backend, &plan, stop, progress).await,
            }
        }
        Some(Err(error)) => not_begun(&backend, &plan, Outcome::BackendFailed, error.to_string()),
        None => not_begun(&backend, &plan, Outcome::Interrupted, "stopped before the first step".to_owned()),
    };
    progress.say("stopping the application");
    // Whoever insists does not want to wait for it: what is dropped is killed.
    let down = tokio::select! {
        down = backend.down() => down,
        () = stop.insisted() => Ok(()),
    };
    drop(backend);
    progress.finish();
    let written = json.map_or(Ok(()), |json| json.write(&report));
    // The first error is the one to report.
    up.transpose()?;
    print(&report, out)?;
    written?;
    down?;
    Ok(report.conclusion.outcome)
}

async fn start<B: Backend>(backend: &mut B) -> Result<Setup, BackendError> {
    backend.up().await?;
    Setup::read(backend).await
}

/// Where the report goes. Opened before the minute of measuring, so that what is wrong with it is found out in time; what
/// it holds is kept until there is something to put in its place.
struct JsonFile<'a> {
    path: &'a Path,
    file: File,
}

impl<'a> JsonFile<'a> {
    fn open(path: &'a Path) -> Result<Self, LabError> {
        let opened = File::options().write(true).create(true).truncate(false).open(path);
        opened.map(|file| Self { path, file }).map_err(|source| failed(path, source))
    }

    fn write(mut self, report: &Report) -> Result<(), LabError> {
        let written = render::json(report).map_err(io::Error::other).and_then(|text| {
            // A pipe has no length to set.
            if self.file.metadata()?.is_file() {
                self.file.set_len(0)?;
            }
            self.file.write_all(text.as_bytes())
        });
        written.map_err(|source| failed(self.path, source))
    }
}

fn failed(path: &Path, source: io::Error) -> LabError {
    LabError::Json { path: path.display().to_string(), source }
}

/// A reader that has seen enough, as in `loadgen lab | head`, is no failure.
fn print(report: &Report, out: &mut impl Write) -> io::Result<()> {
    match out.write_all(render::text(report).as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        printed => printed,
    }
}
