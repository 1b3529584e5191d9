//! `loadgen compare`: whether a newer sweep, or a newer run of a plan, is worse than an older one, by more than chance and by enough to matter.
//!
//! - [`pairing`]: which reports can be compared, and what differs between them all the same; [`plans`]: the same of plans;
//! - [`change`]: what became of one figure, with the interval of the change;
//! - [`blocks`]: the same of two builds that took turns;
//! - [`render`]: the comparison as text, JSON, Markdown and `JUnit` XML.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::Args;
use serde::{Deserialize, Serialize};

use crate::interleave::Interleaved;
use crate::outputs::{Form, Outputs, WriteError, spare};
use crate::saved::{self, Measured, ReadError};
use crate::stdout;
use crate::xml::clean;

mod blocks;
mod change;
mod pairing;
mod place;
mod plans;
pub(crate) mod render;

pub use blocks::Evidence;
pub(crate) use blocks::mean_of_blocks;
pub use change::{Change, Metric, Ruling};
pub use pairing::{Origin, PairingError};
pub use place::Place;

/// What the JSON of a comparison is called.
const SCHEMA: &str = "loadgen-compare/1";

/// Flags of `loadgen compare`.
#[derive(Clone, Debug, Args)]
pub struct CompareArgs {
    /// What `loadgen lab --json` wrote before
    #[arg(value_name = "BASE.json")]
    pub base: PathBuf,

    /// What it wrote now
    #[arg(value_name = "NEW.json")]
    pub new: PathBuf,

    /// The least change that matters, as a share of BASE
    #[arg(long, value_name = "PERCENT", default_value = "3%", value_parser = share)]
    pub threshold: f64,

    /// Write the comparison to FILE (- is standard output), as JSON; loadgen/lab/SCHEMA.md documents it
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,

    /// Write it to FILE, as Markdown, such as for the page of a job
    #[arg(long, value_name = "FILE")]
    pub markdown: Option<PathBuf>,

    /// Write a test case for each figure of each step to FILE, as `JUnit` XML
    #[arg(long, value_name = "FILE")]
    pub junit: Option<PathBuf>,
}

/// Two sweeps side by side.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// The form of the JSON.
    pub schema: String,
    /// What it comes to: the worst of all changes.
    pub ruling: Ruling,
    /// The least change that matters, as a share of the older figure.
    pub threshold: f64,
    /// The older sweep.
    pub base: Origin,
    /// The newer one.
    pub new: Origin,
    /// What differs between them beside what was measured, each a sentence.
    pub notes: Vec<String>,
    /// What became of each figure, step by step.
    pub changes: Vec<Change>,
    /// How the two took turns, if they did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interleaved: Option<Interleaved>,
}

impl Comparison {
    /// Of the older and the newer one, by what became of each figure.
    pub(crate) fn of(sides: [Origin; 2], threshold: f64, notes: Vec<String>, changes: Vec<Change>) -> Self {
        let [base, new] = sides;
        let counting = changes.iter().filter(|change| change.counts());
        let ruling = counting.map(|change| change.ruling).max().unwrap_or(Ruling::Inconclusive);
        Self { schema: SCHEMA.to_owned(), ruling, threshold, base, new, notes, changes, interleaved: None }
    }
}

/// Why there is no comparison.
#[derive(Debug, thiserror::Error)]
pub enum CompareError {
    /// One of the files holds no report.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The two have nothing to do with each other.
    #[error(transparent)]
    Pairing(#[from] PairingError),
    /// A file that was asked for could not be written.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// It could not be printed.
    #[error("cannot print the comparison: {0}")]
    Output(#[from] io::Error),
}

impl CompareError {
    /// The exit code of `loadgen compare`.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Output(_) => 4,
            Self::Read(_) | Self::Pairing(_) | Self::Write(_) => 2,
        }
    }
}

/// Runs `loadgen compare`, prints to `out`, and tells how it ended.
pub fn compare(args: &CompareArgs, out: &mut impl Write) -> Result<Ruling, CompareError> {
    let [base, new] = [saved::read(&args.base)?, saved::read(&args.new)?];
    let names = [&args.base, &args.new].map(|path| path.display().to_string());
    let comparison = match [&base.report, &new.report] {
        [Measured::Sweep(base), Measured::Sweep(new)] => {
            pairing::compared([(&names[0], base), (&names[1], new)], args.threshold)?
        }
        [Measured::Plan(base), Measured::Plan(new)] => {
            plans::compared([(&names[0], base), (&names[1], new)], args.threshold)?
        }
        [Measured::Interleaved(_), _] => {
            return Err(PairingError::Interleaved { file: names[0].clone() }.into());
        }
        [_, Measured::Interleaved(_)] => {
            return Err(PairingError::Interleaved { file: names[1].clone() }.into());
        }
        [one, _] => return Err(kinds(names, matches!(one, Measured::Plan(_))).into()),
    };
    let asked: [(&str, Form<Comparison>, _); 3] = [
        ("--json", crate::render::json, args.json.as_deref()),
        ("--markdown", render::markdown, args.markdown.as_deref()),
        ("--junit", render::junit, args.junit.as_deref()),
    ];
    spare([args.base.as_path(), &args.new], asked.map(|(flag, _, path)| (flag, path)))?;
    let outputs = Outputs::open(asked)?;
    let form = outputs.printed().unwrap_or(|comparison| clean(&render::text(comparison)));
    let written = outputs.write(&comparison);
    // What was found is told before a file is complained of.
    stdout::print(&form(&comparison), out)?;
    written?;
    Ok(comparison.ruling)
}

/// Why a plan's report and a sweep's are not compared; `plan_first` tells which is which.
fn kinds([base, new]: [String; 2], plan_first: bool) -> PairingError {
    let (plan, sweep) = if plan_first { (base, new) } else { (new, base) };
    PairingError::Kinds { plan, sweep }
}

/// What there is to say about a report beside itself.
#[cfg(test)]
pub(crate) fn of_itself(report: &crate::report::Report) -> Comparison {
    let file = "lab.json".to_owned();
    pairing::compared([(&file, report), (&file, report)], 0.03).unwrap()
}

/// A share in per cent.
pub(crate) fn share(text: &str) -> Result<f64, String> {
    let percent = text.strip_suffix('%').and_then(|number| number.trim().parse::<f64>().ok());
    let share = percent.map(|percent| percent / 100.0).filter(|share| (0.0..1.0).contains(share));
    share.ok_or_else(|| format!("`{text}` is no share: give one such as 3%, below 100%"))
}

#[cfg(test)]
mod tests;
