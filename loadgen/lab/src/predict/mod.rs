//! `loadgen predict`: throughput and response time of replica counts that nobody has started, from service demands.
//!
//! ```text
//! args → plan ─┬→ file       what a cycle asks of each station, if a lab's report says so
//!              ├→ row        one choice of replica counts, by every law
//!              ├→ sizing     or the cheapest choice for a throughput
//!              └→ prediction → text, JSON, CSV
//! ```
//!
//! The laws themselves are [`crate::laws`], what a cycle asks of each station is [`crate::demands`]; nothing is measured here.

use std::io::{self, Write};
use std::path::PathBuf;

use crate::outputs::{Form, Outputs, WriteError, spare};
use crate::saved::ReadError;
use crate::stdout::print;
use crate::step::Step;

mod args;
mod counts;
mod csv;
mod file;
mod plan;
mod prediction;
mod row;
mod sizing;
mod text;

pub use args::PredictArgs;
pub use prediction::{Answer, Prediction};
pub use row::Row;

use plan::Plan;

/// Why there is no prediction.
#[derive(Debug, thiserror::Error)]
pub enum PredictError {
    /// The file holds no report of a lab.
    #[error(transparent)]
    Report(#[from] ReadError),
    /// Neither a plan nor an A/B knows the demands of a sweep.
    #[error("{} is the report of {what}, which holds no service demands: give that of a sweep, or the times themselves", path.display())]
    NotOfSweep {
        /// The file.
        path: PathBuf,
        /// What it is of.
        what: &'static str,
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
    /// More loops, or replicas, than the laws are good for.
    #[error(
        "{step} with {loops} loops in all is too much: predictions are made for up to {most} loops and replicas of each service"
    )]
    TooLarge {
        /// The replica counts.
        step: Step,
        /// Mining loops in all workers.
        loops: usize,
        /// How many there may be.
        most: usize,
    },
    /// No replica counts reach the target.
    #[error("--target {0}/s is out of reach with --dispatch random: ask for less, or for --dispatch in-turn")]
    OutOfReach(f64),
    /// A file could not be written, or should not.
    #[error(transparent)]
    Files(#[from] WriteError),
    /// The table could not be printed.
    #[error("cannot print the prediction: {0}")]
    Output(#[source] io::Error),
}

impl PredictError {
    /// The exit code of `loadgen predict`.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Files(WriteError::File { .. }) | Self::Output(_) => 4,
            _ => 2,
        }
    }
}

/// Runs `loadgen predict`: what is not written to files goes to `out`.
pub fn predict(args: &PredictArgs, out: &mut impl Write) -> Result<(), PredictError> {
    let asked = [
        ("--json", prediction::json as Form<Prediction>, args.json.as_deref()),
        ("--csv", csv::csv, args.csv.as_deref()),
    ];
    spare(args.from.as_deref(), asked.map(|(flag, _, path)| (flag, path)))?;
    let prediction = Prediction::of(&Plan::from_args(args)?)?;
    let outputs = Outputs::open(asked)?;
    let form = outputs.printed().unwrap_or(text::text);
    outputs.write(&prediction)?;
    print(&form(&prediction), out).map_err(PredictError::Output)
}

#[cfg(test)]
mod tests;
