//! What was typed about the goals of a run.

use std::time::Duration;

use clap::Args;

use crate::rate::Rate;

use super::expectation::Expectation;
use super::value::{Unit, Value};

/// Flags that say what a run is for.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Goals")]
pub struct GoalArgs {
    /// What must hold, or the exit code is 1, such as 'p99<250ms', 'rate>=1000', 'errors<1%'; may be repeated
    #[arg(long = "expect", value_name = "EXPECTATION")]
    pub expectations: Vec<Expectation>,

    /// End the run as soon as an expectation cannot hold any more, or beyond doubt will not
    #[arg(long)]
    pub abort_on_fail: bool,

    /// Search the highest rate at which this holds, such as 'p99<50ms', from --rate or 10 a second on; may be repeated
    #[arg(long, value_name = "EXPECTATION", conflicts_with_all = ["requests", "duration", "stages", "think_time", "abort_on_fail", "hdr_log"])]
    pub find_knee: Vec<Expectation>,

    /// How close the rate that is found must be to one that fails [default: 5%]
    #[arg(long, value_name = "SHARE", value_parser = tolerance)]
    pub knee_tolerance: Option<f64>,

    /// How long each rate is measured in the search; three times that in the end [default: 5s]
    #[arg(long = "trial", value_name = "DURATION", value_parser = trial)]
    pub trial: Option<Duration>,

    /// The highest rate of the search, a second [default: 1000000]
    #[arg(long, value_name = "RATE", value_parser = rate)]
    pub max_rate: Option<Rate>,
}

impl GoalArgs {
    pub(super) fn knee_tolerance(&self) -> f64 {
        self.knee_tolerance.unwrap_or(0.05)
    }

    pub(super) fn trial(&self) -> Duration {
        self.trial.unwrap_or(Duration::from_secs(5))
    }

    pub(super) fn max_rate(&self) -> Rate {
        self.max_rate.unwrap_or(Rate::of::<1_000_000>())
    }
}

/// More would find nothing, and less would take for ever.
fn tolerance(text: &str) -> Result<f64, String> {
    match Unit::Share.read(text) {
        Some(Value::Share(share)) if (0.001..=0.5).contains(&share) => Ok(share),
        _ => Err("expected a share from 0.1% to 50%, such as 5%".to_owned()),
    }
}

/// A trial that is shorter measures the connections' start.
fn trial(text: &str) -> Result<Duration, String> {
    match Unit::Time.read(text) {
        Some(Value::Time(time)) if time >= Duration::from_millis(100) => Ok(time),
        _ => Err("expected a time of 100ms or more, such as 5s".to_owned()),
    }
}

fn rate(text: &str) -> Result<Rate, String> {
    let rate = match Unit::PerSecond.read(text) {
        Some(Value::PerSecond(rate)) => Rate::per_second(rate).ok(),
        _ => None,
    };
    rate.ok_or_else(|| "expected a positive number of requests a second, such as 1000 or 0.5".to_owned())
}
