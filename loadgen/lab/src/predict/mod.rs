//! `loadgen predict`: throughput and response time of replica counts that nobody has started, from service demands.
//!
//! ```text
//! args → plan ─┬→ demands    what a cycle asks of each station: given, or read from a lab's report
//!              ├→ row        one choice of replica counts, by every law
//!              ├→ sizing     or the cheapest choice for a throughput
//!              └→ prediction → text, JSON, CSV
//! ```
//!
//! The laws themselves are [`crate::laws`]; nothing is measured here.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

mod args;
mod counts;
mod csv;
mod demands;
mod file;
mod plan;
mod prediction;
mod row;
mod sizing;
mod text;

pub use args::PredictArgs;
pub use demands::{Demand, Demands};
pub use prediction::{Answer, Prediction};
pub use row::Row;

use plan::Plan;

/// Why there is no prediction.
#[derive(Debug, thiserror::Error)]
pub enum PredictError {
    /// The report cannot be read.
    #[error("cannot read {}: {source}; give --from the file that `loadgen lab --json` wrote", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// It is no report of a lab.
    #[error(
        "{} is no report of a lab: {source}; give --from the file that `loadgen lab --json` wrote",
        path.display()
    )]
    NoReport {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: serde_json::Error,
    },
    /// A later program wrote it.
    #[error("{} has schema_version {found}, and this program knows {known}: use the program that wrote it", path.display())]
    Schema {
        /// The file.
        path: PathBuf,
        /// What it has.
        found: u32,
        /// What is known.
        known: u32,
    },
    /// The lab was stopped before its first step.
    #[error("{} holds no calibration, since no step was measured: run the lab again", path.display())]
    NotCalibrated {
        /// The file.
        path: PathBuf,
    },
    /// A time or a count in it makes no sense.
    #[error("{} holds a {what} that cannot be: run the lab again", path.display())]
    Nonsense {
        /// The file.
        path: PathBuf,
        /// Which.
        what: &'static str,
    },
    /// Every throughput would be infinite.
    #[error("nothing takes any time: give --think-time, --rng-time or --hasher-time more than 0s")]
    NoTime,
    /// The table would be too long.
    #[error(
        "--workers, --rng and --hasher make {rows} rows: ask for {most} at most, such as --workers 10,100,1000"
    )]
    TooMany {
        /// How many.
        rows: usize,
        /// How many can be had.
        most: usize,
    },
    /// No replica counts reach the target.
    #[error("--target {0}/s is out of reach with --dispatch random: ask for less, or for --dispatch in-turn")]
    OutOfReach(f64),
    /// Both outputs want the same place.
    #[error("--json and --csv both want {}: give one of them another file", path.display())]
    SamePlace {
        /// Which.
        path: PathBuf,
    },
    /// A file could not be written.
    #[error("cannot write {}: {source}; give another {flag}", path.display())]
    Write {
        /// The flag that named it.
        flag: &'static str,
        /// The file.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// The table could not be printed.
    #[error("cannot print the prediction: {0}")]
    Output(#[source] io::Error),
}

impl PredictError {
    /// The exit code of `loadgen predict`.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Write { .. } | Self::Output(_) => 4,
            _ => 2,
        }
    }
}

/// Runs `loadgen predict`: what is not written to files goes to `out`.
pub fn predict(args: &PredictArgs, out: &mut impl Write) -> Result<(), PredictError> {
    let plan = Plan::from_args(args)?;
    let prediction = Prediction::of(&plan)?;
    let mut for_people = true;
    let forms = [
        ("--json", &args.json, prediction::json as fn(&Prediction) -> String),
        ("--csv", &args.csv, csv::csv),
    ];
    for (flag, path, render) in forms {
        match path {
            Some(path) if path == Path::new("-") => {
                for_people = false;
                print(&render(&prediction), out)?;
            }
            Some(path) => fs::write(path, render(&prediction)).map_err(|source| PredictError::Write {
                flag,
                path: path.clone(),
                source,
            })?,
            None => {}
        }
    }
    if for_people { print(&text::text(&prediction), out) } else { Ok(()) }
}

/// A reader that has seen enough, as in `loadgen predict | head`, is no failure.
fn print(text: &str, out: &mut impl Write) -> Result<(), PredictError> {
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(PredictError::Output(error)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
