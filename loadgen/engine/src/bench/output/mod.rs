//! How a report looks. Owns where each form of it goes; a form is a module, and a pure function of the report.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::report::Report;
use crate::late_file::{LateFile, identity, is_standard_output};

mod csv;
#[cfg(test)]
pub(super) mod fixture;
mod hdr_log;
mod json;
mod markdown;
mod reading;
#[cfg(test)]
mod schema_tests;
mod table;
mod text;

pub(super) use hdr_log::HdrLog;

/// Flags for what is written where.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Output")]
pub struct OutputArgs {
    /// Form of the report on standard output [default: text]
    #[arg(long, value_name = "FORMAT", value_enum)]
    pub format: Option<Format>,

    /// Write everything measured to FILE, as JSON; - is standard output
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,

    /// Write the run slice by slice to FILE, as CSV; - is standard output
    #[arg(long, value_name = "FILE")]
    pub csv: Option<PathBuf>,

    /// Write a summary to FILE, as Markdown; - is standard output
    #[arg(long, value_name = "FILE")]
    pub markdown: Option<PathBuf>,

    /// No progress, and no report on standard output unless --format asks for one
    #[arg(long)]
    pub quiet: bool,
}

/// Flags for what is written while a run goes on.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Output")]
pub struct LiveArgs {
    /// Write a histogram of response times for each second to FILE, as a log for the tools of `HdrHistogram`; - is standard
    /// output
    #[arg(long, value_name = "FILE")]
    pub hdr_log: Option<PathBuf>,

    /// No live view on standard error; a line every 10 s instead, as where there is no terminal
    #[arg(long)]
    pub no_live: bool,

    /// No colours in the live view, as with `NO_COLOR` in the environment
    #[arg(long)]
    pub no_color: bool,
}

/// A form of the report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people
    #[default]
    Text,
    /// For programs; loadgen/SCHEMA.md documents it
    Json,
    /// The run slice by slice, for spreadsheets
    Csv,
    /// A summary, for the page of a job
    Markdown,
}

/// A report that could not be written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// A file.
    #[error("cannot write {}: {source}; give another {flag}", path.display())]
    File {
        /// The flag that named it.
        flag: &'static str,
        /// Which.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// Standard output.
    #[error("cannot write the report: {0}")]
    Out(#[source] io::Error),
    /// Two forms in one stream could not be told apart.
    #[error("{first} - and {second} - both want standard output: give one of them a file")]
    Both {
        /// A flag.
        first: &'static str,
        /// And another.
        second: &'static str,
    },
    /// Nor in one file.
    #[error("{first} and {second} both want {}: give one of them another file", path.display())]
    SameFile {
        /// A flag.
        first: &'static str,
        /// And another.
        second: &'static str,
        /// What the other one named.
        path: PathBuf,
    },
}

/// Files that were opened before the run, so that a mistake is found then and not after it.
#[derive(Debug)]
pub(super) struct Outputs {
    standard: Option<Format>,
    files: Vec<Output>,
}

#[derive(Debug)]
struct Output {
    flag: &'static str,
    path: PathBuf,
    format: Format,
    /// `None` for standard output.
    file: Option<LateFile>,
}

impl Outputs {
    /// `live` may have taken standard output already.
    pub(super) fn open(args: &OutputArgs, live: &LiveArgs) -> Result<Self, WriteError> {
        let asked = [
            ("--json", Format::Json, args.json.as_deref()),
            ("--csv", Format::Csv, args.csv.as_deref()),
            ("--markdown", Format::Markdown, args.markdown.as_deref()),
        ];
        let files: Vec<Output> = asked
            .into_iter()
            .filter_map(|(flag, format, path)| path.map(|path| Output::open(flag, format, path)))
            .collect::<Result<_, _>>()?;
        let log = live.hdr_log.as_deref().filter(|path| is_standard_output(path)).map(|_| "--hdr-log");
        let reports = files.iter().filter(|output| output.file.is_none()).map(|output| output.flag);
        let taken: Vec<&'static str> = log.into_iter().chain(reports).collect();
        if let [first, second, ..] = taken[..] {
            return Err(WriteError::Both { first, second });
        }
        let log = live.hdr_log.as_deref().map(|path| ("--hdr-log", path));
        differ(files.iter().map(|output| (output.flag, output.path.as_path())).chain(log))?;
        let asked_for = args.format.or_else(|| (!args.quiet).then(Format::default));
        // A form that was asked for there takes the place of the text.
        Ok(Self { standard: asked_for.filter(|_| taken.is_empty()), files })
    }

    /// Writes every form that was asked for. A reader of standard output that went away is none of our business.
    pub(super) fn write(self, report: &Report, out: &mut dyn Write) -> Result<(), WriteError> {
        if let Some(format) = self.standard {
            to_standard_output(out, &format.render(report))?;
        }
        for mut output in self.files {
            let text = output.format.render(report);
            match &mut output.file {
                None => to_standard_output(out, &text)?,
                Some(file) => file.write_all(text.as_bytes()).map_err(|source| WriteError::File {
                    flag: output.flag,
                    path: output.path,
                    source,
                })?,
            }
        }
        Ok(())
    }
}

impl Output {
    fn open(flag: &'static str, format: Format, path: &Path) -> Result<Self, WriteError> {
        let create = || LateFile::open(path);
        let file = (!is_standard_output(path)).then(create).transpose();
        let file = file.map_err(|source| WriteError::File { flag, path: path.to_owned(), source })?;
        Ok(Self { flag, path: path.to_owned(), format, file })
    }
}

/// Whether each flag has a file of its own, whatever they are called.
fn differ<'a>(files: impl Iterator<Item = (&'static str, &'a Path)>) -> Result<(), WriteError> {
    let mut known: Vec<(&'static str, (u64, u64))> = Vec::new();
    for (flag, path) in files.filter(|(_, path)| !is_standard_output(path)) {
        let Some(identity) = identity(path) else { continue };
        if let Some((first, _)) = known.iter().find(|(_, it)| *it == identity) {
            return Err(WriteError::SameFile { first, second: flag, path: path.to_owned() });
        }
        known.push((flag, identity));
    }
    Ok(())
}

/// Whoever read standard output has gone away, which is none of our business.
fn has_no_reader(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::BrokenPipe
}

fn to_standard_output(out: &mut dyn Write, text: &str) -> Result<(), WriteError> {
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if !has_no_reader(&error) => Err(WriteError::Out(error)),
        _ => Ok(()),
    }
}

impl Format {
    pub(super) fn render(self, report: &Report) -> String {
        match self {
            Self::Text => text::render(report),
            Self::Json => json::render(report),
            Self::Csv => csv::render(report),
            Self::Markdown => markdown::render(report),
        }
    }
}
