//! What was typed after `loadgen lab`. [`Plan::from_args`](crate::plan::Plan::from_args) makes of it what was meant.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};

use crate::application::{ApplicationArgs, duration};
use crate::backend::compose::ComposeConfig;
use crate::expect::Expectation;

/// Where the application runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum BackendKind {
    /// Processes of this machine
    #[default]
    Local,
    /// Containers, started by docker-compose or found running
    Compose,
}

/// Flags of `loadgen lab`.
#[derive(Clone, Debug, Args)]
pub struct LabArgs {
    /// Where the application runs
    #[arg(long, value_name = "BACKEND", value_enum, default_value_t)]
    pub backend: BackendKind,

    /// Worker counts, measured in this order with the first --rng
    #[arg(long, value_name = "N,…", value_delimiter = ',', default_value = "1,2,4,10", value_parser = replicas)]
    pub workers: Vec<usize>,

    /// Rng counts; all but the first are measured with the last --workers
    #[arg(long, value_name = "M,…", value_delimiter = ',', default_value = "1,2,3", value_parser = replicas)]
    pub rng: Vec<usize>,

    /// Hasher replicas throughout
    #[arg(long, value_name = "N", default_value = "1", value_parser = replicas)]
    pub hasher: usize,

    /// Measure every --workers with every --rng
    #[arg(long)]
    pub grid: bool,

    /// Time measured at each step, warm-up excluded
    #[arg(long, value_name = "DURATION", default_value = "6s", value_parser = duration)]
    pub window: Duration,

    /// The least warm-up of each step; more is cut off where the data ask for it
    #[arg(long, value_name = "DURATION", default_value = "1s", value_parser = duration)]
    pub warm_up: Duration,

    /// How the application is set up.
    #[command(flatten)]
    pub application: ApplicationArgs,

    /// Probes of rng a second, at random instants; 0 for none
    #[arg(long, value_name = "RATE", default_value = "100", value_parser = rate)]
    pub probe_rate: f64,

    /// Skip the confirmation by perturbation
    #[arg(long)]
    pub no_confirm: bool,

    /// Write everything measured to FILE
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,

    /// Fail unless this holds: bottleneck=rng, bottleneck=workers, model=2% (every step this near to its prediction)
    #[arg(long, value_name = "EXPECTATION")]
    pub expect: Vec<Expectation>,

    /// No progress, and no commands that are run
    #[arg(long, short)]
    pub quiet: bool,

    /// Which compose project.
    #[command(flatten)]
    pub compose: ComposeConfig,
}

/// A flag that the backend has no use for.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum MisplacedFlag {
    /// It is for containers.
    #[error("{0} is for containers: add --backend compose")]
    ForCompose(&'static str),
    /// It sets local processes up.
    #[error("{flag} sets local processes up: under docker-compose {remedy} does")]
    ForLocal {
        /// The flag.
        flag: &'static str,
        /// What to use in its place.
        remedy: &'static str,
    },
}

impl LabArgs {
    /// Whether each flag is of use to the backend.
    pub fn check(&self) -> Result<(), MisplacedFlag> {
        match self.backend {
            BackendKind::Local => match self.compose.given() {
                Some(flag) => Err(MisplacedFlag::ForCompose(flag)),
                None => Ok(()),
            },
            BackendKind::Compose => match self.application.given() {
                Some(flag) => Err(MisplacedFlag::ForLocal { flag, remedy: compose_remedy(flag) }),
                None => Ok(()),
            },
        }
    }
}

/// What does under docker-compose what `flag` does to local processes.
fn compose_remedy(flag: &str) -> &'static str {
    match flag {
        "--think-time" => "the variable THINK_TIME",
        "--rng-time" => "the variable RNG_TIME",
        "--hasher-time" => "the variable HASHER_TIME",
        "--keep-alive" => "a further --file, overrides/keep-alive.yaml,",
        _ => "the compose file",
    }
}

/// More processes than this do not fit on one machine.
const MOST_REPLICAS: usize = 1000;

fn replicas(text: &str) -> Result<usize, String> {
    match text.trim().parse() {
        Ok(count @ 1..=MOST_REPLICAS) => Ok(count),
        _ => Err(format!("`{text}` is no replica count: give whole numbers from 1 to {MOST_REPLICAS}")),
    }
}

fn rate(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(rate) if (0.0..=1000.0).contains(&rate) => Ok(rate),
        _ => Err(format!("`{text}` is no probe rate: give a number from 0 to 1000")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Cli {
        #[command(flatten)]
        args: LabArgs,
    }

    fn complaint(line: &str) -> Option<String> {
        let words = std::iter::once("lab").chain(line.split_whitespace());
        Cli::parse_from(words).args.check().err().map(|error| error.to_string())
    }

    #[test]
    fn a_flag_of_another_backend_is_named_with_what_to_use_instead() {
        for (line, flag, remedy) in [
            ("--file x.yaml", "--file", "--backend compose"),
            ("--reach tunnel", "--reach", "--backend compose"),
            ("--backend compose --rng-time 50ms", "--rng-time", "RNG_TIME"),
            ("--backend compose --keep-alive", "--keep-alive", "overrides/keep-alive.yaml"),
            ("--backend compose --redis redis://h", "--redis", "compose file"),
        ] {
            let complaint = complaint(line).unwrap();
            assert!(complaint.contains(flag) && complaint.contains(remedy), "{line}: {complaint}");
        }
    }

    #[test]
    fn flags_of_the_backend_itself_are_let_through() {
        for line in ["", "--rng-time 50ms --keep-alive", "--backend compose -p x -f a.yaml -f b.yaml"] {
            assert_eq!(complaint(line), None, "{line}");
        }
    }
}
