//! What was typed about experiments, and whether the backend has what they need.

use clap::ValueEnum;

use crate::args::BackendKind;
use crate::backend::Service;

/// What to try in place of a sweep.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Experiment {
    /// A replica dies: how long until throughput is back
    Kill,
    /// A new version rolls out, and back, and once more without protection: requests lost
    RollingUpdate,
    /// Kept connections while rng is scaled: who gets requests, and what scaling buys
    Sticky,
    /// Liveness asked for where requests queue: with how many workers that is fatal
    Probes,
    /// A load step: how long until an autoscaler answers it; Kubernetes only
    Autoscale,
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

    /// Service whose replicas are killed, replaced or autoscaled [default: rng]
    #[arg(long, value_name = "SERVICE", value_enum)]
    pub target: Option<Target>,
}

/// An experiment that cannot be, as it was asked for.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum ExperimentError {
    /// There is nothing that it could be about.
    #[error("--target is for --experiment kill, rolling-update and autoscale")]
    TargetOfNothing,
    /// Nothing there scales by load.
    #[error("--experiment autoscale needs a HorizontalPodAutoscaler: add --backend kubernetes")]
    NothingScales,
    /// The load step and the autoscaler would undo each other.
    #[error("an autoscaler of workers would undo the load step itself: give --target rng or hasher")]
    AutoscaledWorkers,
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

impl ExperimentArgs {
    /// Whether they make sense on `backend`.
    pub fn check(&self, backend: BackendKind) -> Result<(), ExperimentError> {
        use Experiment::{Autoscale, Kill, RollingUpdate};
        let takes_target = matches!(self.experiment, Some(Kill | RollingUpdate | Autoscale));
        if self.target.is_some() && !takes_target {
            return Err(ExperimentError::TargetOfNothing);
        }
        if self.experiment == Some(Autoscale) {
            if backend != BackendKind::Kubernetes {
                return Err(ExperimentError::NothingScales);
            }
            if self.target == Some(Target::Worker) {
                return Err(ExperimentError::AutoscaledWorkers);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complaint(experiment: Option<Experiment>, target: Option<Target>, backend: BackendKind) -> String {
        let complaint = ExperimentArgs { experiment, target }.check(backend).err();
        complaint.map_or_else(String::new, |complaint| complaint.to_string())
    }

    #[test]
    fn what_cannot_be_is_refused_with_what_can() {
        use BackendKind::{Kubernetes, Local};
        let autoscale = Some(Experiment::Autoscale);
        for (experiment, target, backend, remedy) in [
            (None, Some(Target::Rng), Local, "--experiment kill"),
            (Some(Experiment::Sticky), Some(Target::Rng), Local, "--experiment kill"),
            (autoscale, None, Local, "--backend kubernetes"),
            (autoscale, None, BackendKind::Compose, "--backend kubernetes"),
            (autoscale, Some(Target::Worker), Kubernetes, "--target rng"),
        ] {
            let complaint = complaint(experiment, target, backend);
            assert!(complaint.contains(remedy), "{experiment:?} {target:?}: {complaint}");
        }
        assert_eq!(complaint(autoscale, None, Kubernetes), "");
        assert_eq!(complaint(Some(Experiment::Kill), Some(Target::Worker), Local), "");
        assert_eq!(complaint(None, None, Local), "");
    }
}
