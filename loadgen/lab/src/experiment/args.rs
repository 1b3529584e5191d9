//! What was typed about experiments, and whether the backend has what they need.

use std::fmt;

use clap::ValueEnum;

use crate::args::BackendKind;
use crate::backend::Service;

/// What to try in place of a sweep.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Experiment {
    /// A replica dies: how long until throughput is back
    Kill,
}

/// Whose replicas an experiment is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Target {
    /// Random bytes
    #[default]
    Rng,
    /// SHA-256
    Hasher,
    /// The miners
    Worker,
}

/// Flags of experiments.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(next_help_heading = "Experiments")]
pub struct ExperimentArgs {
    /// In place of a sweep: do something to the application, with the last of --workers, and tell what it does to throughput
    #[arg(long, value_name = "NAME", value_enum, conflicts_with_all = ["grid", "no_confirm", "expect"])]
    pub experiment: Option<Experiment>,

    /// Service whose replica is killed [default: rng]
    #[arg(long, value_name = "SERVICE", value_enum)]
    pub target: Option<Target>,
}

/// An experiment that cannot be, as it was asked for.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum ExperimentError {
    /// There is nothing that it could be about.
    #[error("--target says what an experiment is about: add --experiment kill")]
    TargetOfNothing,
}

impl Target {
    /// The service.
    pub fn service(self) -> Service {
        match self {
            Self::Rng => Service::Rng,
            Self::Hasher => Service::Hasher,
            Self::Worker => Service::Worker,
        }
    }
}

impl fmt::Display for Experiment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Experiment {
    /// As it is typed.
    pub fn name(self) -> &'static str {
        match self {
            Self::Kill => "kill",
        }
    }
}

impl ExperimentArgs {
    /// Whether they make sense on `backend`.
    pub fn check(&self, _backend: BackendKind) -> Result<(), ExperimentError> {
        if self.experiment.is_none() && self.target.is_some() {
            return Err(ExperimentError::TargetOfNothing);
        }
        Ok(())
    }
}
