//! `loadgen lab` from flags to exit code: bring the application up, sweep, take it down whatever happened, report.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::args::{LabArgs, MisplacedFlag};
use crate::backend::{Backend, BackendError, Operations};
use crate::blackbox::BlackboxError;
use crate::experiment::{self, ExperimentError};
use crate::folder::{Folder, FolderError};
use crate::interleave::InterleaveError;
use crate::outputs::{Form, Outputs, WriteError};
use crate::plan::{Plan, PlanError};
use crate::progress::Progress;
use crate::provenance::Provenance;
use crate::render::forms::Forms;
use crate::report::{Outcome, Report};
use crate::setup::Setup;
use crate::stdout;
use crate::stop::Stop;
use crate::sweep::{not_begun, sweep};
use crate::xml::clean;

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub enum LabError {
    /// The flags make no plan.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// The plan file, or what it is about.
    #[error(transparent)]
    Blackbox(#[from] BlackboxError),
    /// A flag is for another backend.
    #[error(transparent)]
    Flag(#[from] MisplacedFlag),
    /// The experiment cannot be.
    #[error(transparent)]
    Experiment(#[from] ExperimentError),
    /// There is no A/B.
    #[error(transparent)]
    Interleave(#[from] InterleaveError),
    /// The application did not start.
    #[error(transparent)]
    Backend(#[from] BackendError),
    /// A file that was asked for could not be written.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// There is no folder for the report.
    #[error(transparent)]
    Folder(#[from] FolderError),
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
            Self::Blackbox(error) => error.exit_code(),
            Self::Plan(_)
            | Self::Flag(_)
            | Self::Experiment(_)
            | Self::Interleave(_)
            | Self::Write(_)
            | Self::Folder(_) => 2,
            Self::Backend(_) | Self::StateDir { .. } | Self::Signals(_) | Self::Output(_) => {
                Outcome::BackendFailed.exit_code()
            }
        }
    }
}

/// Runs the lab, of which `provenance` tells the circumstances, on `backend`, prints the report to `out`, and tells how it
/// ended.
pub async fn run<B: Operations>(
    args: &LabArgs,
    provenance: &Provenance,
    mut backend: B,
    stop: &Stop,
    progress: &mut Progress,
    out: &mut impl Write,
) -> Result<Outcome, LabError> {
    let mut plan = Plan::from_args(args)?;
    let places = Places::<Report>::open(args)?;
    progress.say("starting the application");
    let up = tokio::select! {
        up = start(&mut backend) => Some(up),
        () = stop.wait() => None,
    };
    let mut report = match &up {
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
    report.provenance = Some(provenance.clone());
    let written = places.write(&report);
    if matches!(up, Some(Err(_))) {
        written.give(&report, out)?;
    }
    // The first error is the one to report.
    up.transpose()?;
    written.tell(&report, out)?;
    down?;
    Ok(report.conclusion.outcome)
}

async fn start<B: Backend>(backend: &mut B) -> Result<Setup, BackendError> {
    backend.up().await?;
    Setup::read(backend).await
}

/// Where the report goes, beside standard output. Made sure of before the minute of measuring, so that what is wrong with it is
/// found out in time.
pub(crate) struct Places<R> {
    files: Outputs<R>,
    folder: Option<Folder>,
    /// Whether somebody waits for the folder, even if nothing was measured.
    is_named: bool,
}

impl<R: Forms> Places<R> {
    /// Those that `args` name.
    pub(crate) fn open(args: &LabArgs) -> Result<Self, LabError> {
        let json = ("--json", R::json as Form<R>, args.json.as_deref());
        let files = Outputs::open(std::iter::once(json).chain(args.forms.asked()))?;
        let folder = args.folder.open()?;
        Ok(Self { files, folder, is_named: args.folder.report.is_some() })
    }

    /// Writes everything but what is printed.
    pub(crate) fn write(self, report: &R) -> Written<R> {
        let Self { files, folder, is_named } = self;
        let printed = files.printed();
        let wanted = folder.filter(|_| is_named || report.has_steps());
        let write_page = || wanted.map(|folder| folder.write(report, &report.json())).transpose();
        let page = files.write(report).map_err(LabError::from).and_then(|()| Ok(write_page()?));
        Written { page, printed }
    }
}

/// What became of the files, and what is still to be printed.
pub(crate) struct Written<R> {
    page: Result<Option<PathBuf>, LabError>,
    printed: Option<Form<R>>,
}

impl<R: Forms> Written<R> {
    /// Prints `report` only if a form of it was asked for: that is there whatever happened, as a file would be.
    pub(crate) fn give(&self, report: &R, out: &mut impl Write) -> io::Result<()> {
        self.printed.map_or(Ok(()), |form| stdout::print(&form(report), out))
    }

    /// Prints `report`, whatever became of writing it: what was measured is told before that is complained of.
    pub(crate) fn tell(self, report: &R, out: &mut impl Write) -> Result<(), LabError> {
        print(report, self.printed, self.page.as_ref().ok().and_then(|page| page.as_deref()), out)?;
        self.page.map(drop)
    }
}

/// Prints `report` in `form`, or else as text with the place of its `page`.
pub(crate) fn print<R: Forms>(
    report: &R,
    form: Option<Form<R>>,
    page: Option<&Path>,
    out: &mut impl Write,
) -> io::Result<()> {
    if let Some(form) = form {
        return stdout::print(&form(report), out);
    }
    // A report out of a file may hold what a terminal takes for commands.
    let mut text = clean(&report.text());
    text.extend(page.map(|page| format!("The report with pictures: {}\n", page.display())));
    stdout::print(&text, out)
}
