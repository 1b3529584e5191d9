//! `loadgen report`: a lab's JSON as everything that the lab itself would have written of it.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::Args;
use loadgen_engine::late_file::identity;

use crate::folder::{Folder, FolderError};
use crate::outputs::{FormArgs, Outputs, WriteError};
use crate::run::print;
use crate::saved::{self, ReadError};

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
    let saved = saved::read(&args.file)?;
    let path = args.output.clone().unwrap_or_else(|| args.file.with_extension("report"));
    let folder = Folder::named(path, "choose another folder with --output")?;
    spare(args)?;
    let outputs = Outputs::open(args.forms.asked())?;
    let page = folder.write(&saved.report, &saved.text)?;
    outputs.write(&saved.report)?;
    Ok(print(&saved.report, Some(&page), out)?)
}

/// What is read must not be written over.
fn spare(args: &ReportArgs) -> Result<(), WriteError> {
    let source = identity(&args.file);
    let mut asked = args.forms.asked().into_iter();
    let over = asked.find_map(|(flag, _, path)| {
        Some((flag, path.filter(|it| source.is_some() && identity(it) == source)?))
    });
    over.map_or(Ok(()), |(second, path)| {
        Err(WriteError::SameFile { first: "the report that is read", second, path: path.to_owned() })
    })
}
