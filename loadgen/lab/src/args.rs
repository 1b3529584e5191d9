//! What was typed after `loadgen lab`. [`Plan::from_args`](crate::plan::Plan::from_args) makes of it what was meant.

use std::path::PathBuf;
use std::time::Duration;

use clap::builder::ArgPredicate;
use clap::{Args, ValueEnum};

use crate::application::{ApplicationArgs, duration};
use crate::backend::Reach;
use crate::backend::compose::ComposeConfig;
use crate::backend::kubernetes::KubernetesConfig;
use crate::expect::Expectation;
use crate::experiment::ExperimentArgs;
use crate::folder::FolderArgs;
use crate::interleave::InterleaveArgs;
use crate::outputs::FormArgs;

/// Where the application runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum BackendKind {
    /// Processes of this machine
    #[default]
    Local,
    /// Containers, started by docker-compose or found running
    Compose,
    /// Pods of a cluster, found running
    Kubernetes,
}

/// What a plan file says itself, or has no use for.
const OTHERS: [&str; 16] = [
    "backend",
    "workers",
    "rng",
    "hasher",
    "grid",
    "window",
    "warm_up",
    "precision",
    "probe_rate",
    "no_confirm",
    "expect",
    "reach",
    "ApplicationArgs",
    "ExperimentArgs",
    "ComposeConfig",
    "KubernetesConfig",
];

/// Flags of `loadgen lab`.
#[derive(Clone, Debug, Args)]
pub struct LabArgs {
    /// Where the application runs
    #[arg(long, value_name = "BACKEND", value_enum, default_value_t)]
    pub backend: BackendKind,

    /// Measure the application that FILE describes, whatever it is; see loadgen/PLANS.md
    #[arg(long, value_name = "FILE", conflicts_with_all = OTHERS)]
    pub plan: Option<PathBuf>,

    /// Worker counts, measured in this order with the first --rng [default with --interleave: 16]
    #[arg(long, value_name = "N,…", value_delimiter = ',', default_value = "1,2,4,10", value_parser = replicas)]
    #[arg(default_value_ifs = [("interleave", ArgPredicate::IsPresent, "16")])]
    pub workers: Vec<usize>,

    /// Rng counts; all but the first are measured with the last --workers [default with --interleave: 1]
    #[arg(long, value_name = "M,…", value_delimiter = ',', default_value = "1,2,3", value_parser = replicas)]
    #[arg(default_value_ifs = [("interleave", ArgPredicate::IsPresent, "1")])]
    pub rng: Vec<usize>,

    /// Hasher replicas throughout
    #[arg(long, value_name = "N", default_value = "1", value_parser = replicas)]
    pub hasher: usize,

    /// Measure every --workers with every --rng
    #[arg(long)]
    pub grid: bool,

    /// Time measured at each step, warm-up excluded; with --interleave in each turn [default there: 8s]
    #[arg(long, value_name = "DURATION", default_value = "6s", value_parser = duration)]
    #[arg(default_value_ifs = [("interleave", ArgPredicate::IsPresent, "8s")])]
    pub window: Duration,

    /// The least warm-up of each step; more is cut off where the data ask for it
    #[arg(long, value_name = "DURATION", default_value = "1s", value_parser = duration)]
    #[arg(default_value_ifs = [("interleave", ArgPredicate::IsPresent, "500ms")])]
    pub warm_up: Duration,

    /// Measure a step for longer, up to three windows, until half the interval of its throughput is at most this share of it
    #[arg(long, value_name = "SHARE", default_value = "2%", value_parser = percent)]
    pub precision: f64,

    /// How the application is set up.
    #[command(flatten)]
    pub application: ApplicationArgs,

    /// Probes of rng a second, at random instants; 0 for none
    #[arg(long, value_name = "RATE", default_value = "100", value_parser = rate)]
    pub probe_rate: f64,

    /// Skip the confirmation by perturbation
    #[arg(long)]
    pub no_confirm: bool,

    /// Write everything measured to FILE (- is standard output), as JSON; loadgen/lab/SCHEMA.md documents it
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,

    /// Further files.
    #[command(flatten)]
    pub forms: FormArgs,

    /// The report with its pictures.
    #[command(flatten)]
    pub folder: FolderArgs,

    /// Fail unless this holds: bottleneck=NAME (rng, hasher, store, workers, dispatch, throttling, host-cpu, lab, machine or
    /// dark-time), model=2% (every step this near to its prediction)
    #[arg(long, value_name = "EXPECTATION")]
    pub expect: Vec<Expectation>,

    /// No progress, and no commands that are run
    #[arg(long, short)]
    pub quiet: bool,

    /// Something else than a sweep.
    #[command(flatten)]
    pub experiment: ExperimentArgs,

    /// Two builds in turn.
    #[command(flatten)]
    pub interleave: InterleaveArgs,

    /// Which compose project.
    #[command(flatten)]
    pub compose: ComposeConfig,

    /// Which application in which cluster.
    #[command(flatten)]
    pub kubernetes: KubernetesConfig,

    /// How replicas are reached that are not processes of this machine
    #[arg(
        long,
        value_name = "WAY",
        value_enum,
        default_value_t,
        help_heading = "Options for --backend compose and kubernetes"
    )]
    pub reach: Reach,
}

/// A flag that the backend has no use for.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum MisplacedFlag {
    /// It is for containers.
    #[error("{0} is for containers: add --backend compose")]
    ForCompose(&'static str),
    /// It is for pods.
    #[error("{0} is for pods: add --backend kubernetes")]
    ForKubernetes(&'static str),
    /// Local processes are reached as they are.
    #[error("{0} is for containers and pods: add --backend compose or --backend kubernetes")]
    ForRemote(&'static str),
    /// It sets local processes up.
    #[error("{flag} sets local processes up: {remedy} does")]
    ForLocal {
        /// The flag.
        flag: &'static str,
        /// What to use in its place.
        remedy: String,
    },
}

impl LabArgs {
    /// Whether each flag is of use to the backend.
    pub fn check(&self) -> Result<(), MisplacedFlag> {
        let is = |backend| self.backend == backend;
        let compose = self.compose.given().filter(|_| !is(BackendKind::Compose));
        let kubernetes = self.kubernetes.given().filter(|_| !is(BackendKind::Kubernetes));
        let reach = (self.reach != Reach::Auto && is(BackendKind::Local)).then_some("--reach");
        let application = self.application.given().filter(|_| !is(BackendKind::Local));
        let misplaced = compose
            .map(MisplacedFlag::ForCompose)
            .or(kubernetes.map(MisplacedFlag::ForKubernetes))
            .or(reach.map(MisplacedFlag::ForRemote))
            .or(application.map(|flag| MisplacedFlag::ForLocal { flag, remedy: self.remedy(flag) }));
        misplaced.map_or(Ok(()), Err)
    }

    /// What does elsewhere what `flag` does to local processes.
    fn remedy(&self, flag: &str) -> String {
        if self.backend == BackendKind::Kubernetes {
            return format!("in a cluster {}", kubernetes_remedy(flag));
        }
        format!("under docker-compose {}", compose_remedy(flag))
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

/// What does in a cluster what `flag` does to local processes.
fn kubernetes_remedy(flag: &str) -> &'static str {
    match flag {
        "--think-time" => "`kubectl set env deployment/worker THINK_TIME=…`",
        "--rng-time" => "`kubectl set env deployment/rng SERVICE_TIME=…`",
        "--hasher-time" => "`kubectl set env deployment/hasher SERVICE_TIME=…`",
        "--keep-alive" => "`kubectl set env deployment/worker KEEP_ALIVE=true`",
        "--concurrency" => "`kubectl set env deployment/worker CONCURRENCY=…`",
        _ => "the manifest",
    }
}

/// More processes than this do not fit on one machine.
pub const MOST_REPLICAS: usize = 1000;

fn replicas(text: &str) -> Result<usize, String> {
    match text.trim().parse() {
        Ok(count @ 1..=MOST_REPLICAS) => Ok(count),
        _ => Err(format!("`{text}` is no replica count: give whole numbers from 1 to {MOST_REPLICAS}")),
    }
}

fn percent(text: &str) -> Result<f64, String> {
    let percent = text.strip_suffix('%').and_then(|percent| percent.trim().parse::<f64>().ok());
    match percent {
        Some(percent) if percent > 0.0 && percent <= 100.0 => Ok(percent / 100.0),
        _ => Err(format!("`{text}` is no share: give more than 0% and at most 100%, such as 2%")),
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
            ("--reach tunnel", "--reach", "--backend compose or --backend kubernetes"),
            ("--namespace x", "--namespace", "--backend kubernetes"),
            ("--backend compose --context x", "--context", "--backend kubernetes"),
            ("--backend kubernetes --file x.yaml", "--file", "--backend compose"),
            ("--backend kubernetes --rng-time 1s", "--rng-time", "set env deployment/rng SERVICE_TIME"),
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
        for line in [
            "",
            "--rng-time 50ms --keep-alive",
            "--backend compose -p x -f a.yaml -f b.yaml --reach direct",
            "--backend kubernetes -n x --context y --reach direct",
        ] {
            assert_eq!(complaint(line), None, "{line}");
        }
    }
}
