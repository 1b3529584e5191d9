//! What was typed after `loadgen lab`. [`Plan::from_args`](crate::plan::Plan::from_args) makes of it what was meant.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use crate::application::{ApplicationArgs, duration};
use crate::expect::Expectation;

/// Flags of `loadgen lab`.
#[derive(Clone, Debug, Args)]
pub struct LabArgs {
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

    /// No progress bar
    #[arg(long, short)]
    pub quiet: bool,
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
