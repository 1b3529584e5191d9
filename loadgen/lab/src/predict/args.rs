//! What was typed after `loadgen predict`.

use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, ValueEnum};

use crate::application::{TimesArgs, loops};
use crate::laws::dispatch::Dispatch;
use crate::laws::units::Throughput;

use super::counts::Counts;

/// Flags of `loadgen predict`.
#[derive(Clone, Debug, Args)]
pub struct PredictArgs {
    /// Worker counts
    #[arg(long, value_name = "N,A..B,…", value_delimiter = ',', default_value = "1..10")]
    pub workers: Vec<Counts>,

    /// Rng counts
    #[arg(long, value_name = "M,A..B,…", value_delimiter = ',', default_value = "1..3")]
    pub rng: Vec<Counts>,

    /// Hasher counts
    #[arg(long, value_name = "M,A..B,…", value_delimiter = ',', default_value = "1")]
    pub hasher: Vec<Counts>,

    /// How requests find a replica of rng and hasher [default: in-turn, or as the report of --from says]
    #[arg(long, value_name = "DISPATCH", value_enum)]
    pub dispatch: Option<DispatchArg>,

    /// Answer with the cheapest replica counts that reach so many hashes a second, such as 100/s
    #[arg(long, value_name = "RATE", conflicts_with_all = ["workers", "rng", "hasher"])]
    pub target: Option<Target>,

    /// What the application takes.
    #[command(flatten)]
    pub given: GivenArgs,

    /// Take all of that from FILE, which `loadgen lab --json` wrote
    #[arg(long, value_name = "FILE", conflicts_with_all = ["GivenArgs", "TimesArgs"])]
    pub from: Option<PathBuf>,

    /// Write the prediction to FILE, as JSON; - is standard output
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,

    /// Write the rows to FILE, as CSV; - is standard output
    #[arg(long, value_name = "FILE")]
    pub csv: Option<PathBuf>,
}

/// Flags for what the application takes.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Service demands")]
pub struct GivenArgs {
    /// How long everything takes.
    #[command(flatten)]
    pub times: TimesArgs,

    /// Requests that a replica of rng serves at once, or none for no limit [default: 1]
    #[arg(long, value_name = "SLOTS")]
    pub rng_slots: Option<Slots>,

    /// Requests that a replica of hasher serves at once, or none for no limit [default: none]
    #[arg(long, value_name = "SLOTS")]
    pub hasher_slots: Option<Slots>,

    /// Mining loops in each worker [default: 1]
    #[arg(long, value_name = "N", value_parser = loops)]
    pub concurrency: Option<usize>,
}

/// How requests find a replica, as it is typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum DispatchArg {
    /// Each to the next replica, as by workers that know all addresses
    InTurn,
    /// Each to any replica, as behind the one address of a Kubernetes service
    Random,
}

impl From<DispatchArg> for Dispatch {
    fn from(arg: DispatchArg) -> Self {
        match arg {
            DispatchArg::InTurn => Self::RoundRobin,
            DispatchArg::Random => Self::Random,
        }
    }
}

/// A limit on what is served at once; `None` is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slots(pub Option<usize>);

/// More slots than this are no limit.
pub(super) const MOST_SLOTS: usize = 100_000;

impl FromStr for Slots {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.parse() {
            Ok(slots @ 1..=MOST_SLOTS) => Ok(Self(Some(slots))),
            _ if text == "none" => Ok(Self(None)),
            _ => Err(format!("expected a whole number from 1 to {MOST_SLOTS}, or none")),
        }
    }
}

/// A throughput to reach.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Target(pub Throughput);

/// More hashes a second than anybody has.
const HIGHEST: f64 = 1e6;

impl FromStr for Target {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number = text.strip_suffix("/s").unwrap_or(text).trim().parse::<f64>();
        match number {
            Ok(rate) if rate > 0.0 && rate <= HIGHEST => Ok(Self(Throughput(rate))),
            _ => Err(format!("expected hashes a second, such as 100/s, {HIGHEST} at most")),
        }
    }
}
