//! What was meant: the steps of a sweep, checked. Everything after this may rely on it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::args::LabArgs;
use crate::backend::Service;
use crate::expect::Expectation;
use crate::experiment::Experiment;
use crate::laws::dispatch::Dispatch;
use crate::measure::Timing;
use crate::setup::Setup;
use crate::step::Step;

/// What to measure, and how.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// In the order of measurement; never empty.
    pub steps: Vec<Step>,
    /// Time measured at each step; [`LONGER_AT_RANDOM`] times as much where dispatch is random.
    pub window: Duration,
    /// The least time before it.
    pub warm_up: Duration,
    /// A step goes on until half the interval of its throughput is at most this share of it, or for
    /// [`MOST_EXTENSION`] windows more.
    pub precision: f64,
    /// How the application is set up: as asked for, and once it is up, as it told.
    pub setup: Setup,
    /// Probes of rng a second; 0 for none.
    pub probe_rate: f64,
    /// Whether the bottleneck found is confirmed by perturbation.
    pub confirm: bool,
    /// What must hold in the end.
    pub expectations: Vec<Expectation>,
    /// What to do in place of a sweep.
    pub experiment: Option<Experiment>,
    /// The service that it is about.
    pub target: Service,
}

/// Why a plan cannot be carried out.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// Too short to hold twenty batches of anything.
    #[error("--window {0:?} is too short: give at least 1s")]
    Window(Duration),
}

/// How much longer a window must be where replicas are chosen at random. With ten workers and two replicas, throughput in six
/// seconds has a standard deviation of 4.7 %, in sixty of 1.5 %.
pub const LONGER_AT_RANDOM: u32 = 10;

/// How many windows a step is extended by at most where its throughput is not known well enough.
pub const MOST_EXTENSION: u32 = 3;

const SHORTEST_WINDOW: Duration = Duration::from_secs(1);

impl Plan {
    /// The plan that `args` ask for.
    pub fn from_args(args: &LabArgs) -> Result<Self, PlanError> {
        if args.window < SHORTEST_WINDOW {
            return Err(PlanError::Window(args.window));
        }
        Ok(Self {
            steps: steps(args),
            window: args.window,
            warm_up: args.warm_up,
            precision: args.precision,
            setup: args.application.setup(),
            probe_rate: args.probe_rate,
            confirm: !args.no_confirm,
            expectations: args.expect.clone(),
            experiment: args.experiment.experiment,
            target: args.experiment.target.unwrap_or_default().service(),
        })
    }

    /// How `step` is measured, with `probe_rate` probes of rng a second.
    pub fn timing(&self, step: Step, probe_rate: f64) -> Timing {
        let window = if self.is_left_to_chance(step) { self.window * LONGER_AT_RANDOM } else { self.window };
        let longest = window + self.window * MOST_EXTENSION;
        Timing { warm_up: self.warm_up, window, longest, precision: self.precision, probe_rate }
    }

    /// Whether requests go to one of several replicas of rng at random, and can meet there. At hasher nobody waits.
    pub fn is_left_to_chance(&self, step: Step) -> bool {
        self.setup.rng_dispatch == Dispatch::Random && step.rng > 1 && self.clients(step) > 1
    }

    /// The replica counts that each scaled service is to have.
    pub fn counts(&self) -> BTreeMap<Service, BTreeSet<usize>> {
        let counts = |of: fn(&Step) -> usize| self.steps.iter().map(of).collect();
        if self.experiment == Some(Experiment::Autoscale) {
            return BTreeMap::from([(Service::Worker, counts(|step| step.workers))]);
        }
        BTreeMap::from([
            (Service::Rng, counts(|step| step.rng)),
            (Service::Hasher, counts(|step| step.hasher)),
            (Service::Worker, counts(|step| step.workers)),
        ])
    }

    /// Mining loops (N) at a step.
    pub fn clients(&self, step: Step) -> usize {
        step.workers * self.setup.concurrency
    }
}

/// First every worker count at the first rng count, then every further rng count at the last worker count; or all.
fn steps(args: &LabArgs) -> Vec<Step> {
    let step = |workers, rng| Step { workers, rng, hasher: args.hasher };
    let ends = (args.rng.first(), args.workers.last());
    if let (Some(experiment), (Some(&rng), Some(&workers))) = (args.experiment.experiment, ends) {
        return match experiment {
            Experiment::Kill | Experiment::RollingUpdate | Experiment::Probes => vec![step(workers, rng)],
            Experiment::Sticky => args.rng.iter().map(|&rng| step(workers, rng)).collect(),
            Experiment::Autoscale => args.workers.iter().map(|&workers| step(workers, rng)).collect(),
        };
    }
    if args.grid {
        return args
            .rng
            .iter()
            .flat_map(|&rng| args.workers.iter().map(move |&workers| step(workers, rng)))
            .collect();
    }
    let (Some(&first_rng), Some(&last_workers)) = ends else { return Vec::new() };
    let scale_workers = args.workers.iter().map(|&workers| step(workers, first_rng));
    let scale_rng = args.rng.iter().skip(1).map(|&rng| step(last_workers, rng));
    scale_workers.chain(scale_rng).collect()
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

    fn plan(flags: &[&str]) -> Result<Plan, PlanError> {
        Plan::from_args(&Cli::parse_from([&["lab"], flags].concat()).args)
    }

    fn counts(flags: &[&str]) -> Vec<(usize, usize)> {
        plan(flags).unwrap().steps.iter().map(|step| (step.workers, step.rng)).collect()
    }

    #[test]
    fn the_default_sweep_scales_workers_first_and_rng_then() {
        assert_eq!(counts(&[]), [(1, 1), (2, 1), (4, 1), (10, 1), (10, 2), (10, 3)]);
        assert_eq!(counts(&["--workers", "1,2", "--rng", "1,2"]), [(1, 1), (2, 1), (2, 2)]);
    }

    #[test]
    fn a_grid_measures_every_pair() {
        assert_eq!(counts(&["--workers", "1,2", "--rng", "1,2", "--grid"]), [(1, 1), (2, 1), (1, 2), (2, 2)]);
    }

    #[test]
    fn what_cannot_be_measured_names_its_flag() {
        assert_eq!(plan(&["--window", "10ms"]).unwrap_err(), PlanError::Window(Duration::from_millis(10)));
        for bad in ["0", "-1", "ten", "1001"] {
            let error = Cli::try_parse_from(["lab", &format!("--workers={bad}")]).err().unwrap().to_string();
            assert!(error.contains("--workers") && error.contains("whole numbers"), "{error}");
        }
    }
}
