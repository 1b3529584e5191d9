//! `loadgen report`: a lab's JSON as everything that the lab itself would have written of it.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::Args;

use crate::folder::{Folder, FolderError};
use crate::outputs::{FormArgs, Outputs, WriteError, spare};
use crate::render::forms::Forms;
use crate::run::print;
use crate::saved::{self, Measured, ReadError, Saved};

/// Flags of `loadgen report`.
#[derive(Clone, Debug, Args)]
pub struct ReportArgs {
    /// What `loadgen lab --json FILE` has written
    #[arg(value_name = "FILE.json")]
    pub file: PathBuf,

    /// Write the page, its pictures and the rest into DIR [default: FILE.report]
    #[arg(long, short, value_name = "DIR")]
    pub output: Option<PathBuf>,

    /// Further files.
    #[command(flatten)]
    pub forms: FormArgs,
}

/// Why a report could not be rendered anew.
#[derive(Debug, thiserror::Error)]
pub enum RerenderError {
    /// There is none to render.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// Its folder could not be written.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// Nor another file.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// It could not be printed.
    #[error("cannot print the report: {0}")]
    Output(#[from] io::Error),
}

impl RerenderError {
    /// The exit code of `loadgen report`.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Output(_) => 4,
            Self::Read(_) | Self::Folder(_) | Self::Write(_) => 2,
        }
    }
}

/// Runs `loadgen report`; prints to `out` what the lab printed, and where the page is.
pub fn rerender(args: &ReportArgs, out: &mut impl Write) -> Result<(), RerenderError> {
    let Saved { report, text } = saved::read(&args.file)?;
    match report {
        Measured::Sweep(report) => render(args, &*report, &text, out),
        Measured::Plan(report) => render(args, &*report, &text, out),
        Measured::Interleaved(report) => render(args, &*report, &text, out),
    }
}

/// Writes `report`, which is all that `json` says.
fn render<R: Forms>(
    args: &ReportArgs,
    report: &R,
    json: &str,
    out: &mut impl Write,
) -> Result<(), RerenderError> {
    let path = args.output.clone().unwrap_or_else(|| args.file.with_extension("report"));
    let folder = Folder::named(path, "choose another folder with --output")?;
    spare([args.file.as_path()], args.forms.asked::<R>().into_iter().map(|(flag, _, path)| (flag, path)))?;
    let outputs = Outputs::open(args.forms.asked())?;
    let printed = outputs.printed();
    let page = folder.write(report, json)?;
    outputs.write(report)?;
    Ok(print(report, printed, Some(&page), out)?)
}
