//! The cases: what is planted, and the verdict that it should get.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context;
use bench_kit::Burners;
use clap::Parser;
use loadgen_lab::args::LabArgs;
use loadgen_lab::backend::local::{LocalBackend, LocalConfig};
use loadgen_lab::backend::{Backend, Service};
use loadgen_lab::plan::Plan;
use loadgen_lab::report::Report;
use loadgen_lab::setup::Setup;
use loadgen_lab::stop;
use loadgen_lab::sweep::sweep;
use loadgen_lab::verdict::{Limit, Misdirection};

use crate::planted::{Plant, Planted};
use crate::quiet::Quiet;
use crate::quota::Quota;
use crate::slow_store::SlowStore;

/// A case that takes longer has failed.
const LONGEST: Duration = Duration::from_secs(120);

/// How many burn side by side. With two, a scheduler that favours who has slept keeps a cycle of eight milliseconds within nine: nobody is
/// short of CPU then.
const BURNERS_PER_CPU: usize = 6;

/// A planted cause.
pub(crate) struct Case {
    pub(crate) cause: &'static str,
    pub(crate) expected: &'static str,
    /// Flags of `loadgen lab`.
    flags: &'static str,
    /// Further flags of hasher.
    hasher: &'static str,
    kind: Kind,
}

/// What is planted, before anything of it is started.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Setup,
    Station(&'static str, &'static str),
    SlowStore,
    Delay,
    Hang,
    Quota(Service),
    Burners,
    BusyLab,
}

/// What came of a case.
pub(crate) struct Found {
    pub(crate) blamed: String,
    /// The share of the time in which some process of the machine waited for a CPU, at the last step.
    pub(crate) pressure: f64,
    /// The lab's sentence and its advice.
    pub(crate) said: String,
}

/// Times of a few milliseconds, as services have that do something.
const SHORT: &str = "--think-time=2ms --rng-time=1ms --hasher-time=2ms --rng=1 --workers=1,4 --window=4s";

pub(crate) fn cases() -> Vec<Case> {
    let case = |cause, expected, flags, kind| Case { cause, expected, flags, hasher: "", kind };
    let hasher = |cause, hasher, flags| Case { hasher, ..case(cause, "hasher", flags, Kind::Setup) };
    let slow = Kind::Station("rng-2", r#"{"service_time_ms": 300}"#);
    vec![
        case("two workers", "workers", "--workers=1,2 --rng=1", Kind::Setup),
        case("rng has one slot", "rng", "--workers=1,6 --rng=1", Kind::Setup),
        case("rng has one slot and two replicas", "rng", "--workers=1,10 --rng=2", Kind::Setup),
        case(
            "rng has one slot, short times",
            "rng",
            "--workers=1,6 --rng=1 --think-time=5ms --rng-time=20ms --hasher-time=5ms",
            Kind::Setup,
        ),
        hasher("hasher has one slot", "--slots 1", "--workers=1,6 --rng=1 --hasher-time=200ms"),
        hasher("hasher has two slots", "--slots 2", "--workers=1,8 --rng=1 --hasher-time=400ms"),
        case("a store that is far away", "store", "--workers=1,2 --rng=1", Kind::SlowStore),
        case(
            "connections that are kept",
            "dispatch: sticky",
            "--workers=6 --rng=1,3 --keep-alive",
            Kind::Setup,
        ),
        case(
            "rng-2 takes 300 ms",
            "dispatch: slow replica",
            "--workers=1,8 --rng=2 --warm-up=3s --window=8s",
            slow,
        ),
        case("other processes on all CPUs", "host CPU", SHORT, Kind::Burners),
        case("a quota of 5 % for rng", "throttling", SHORT, Kind::Quota(Service::Rng)),
        case("a quota of 5 % for hasher", "throttling", SHORT, Kind::Quota(Service::Hasher)),
        case("a quota of 5 % for the workers", "throttling", SHORT, Kind::Quota(Service::Worker)),
        case("the lab is busy with something else", "lab", SHORT, Kind::BusyLab),
        case("200 ms more on the way to hasher", "machine", "--workers=1,2 --rng=1", Kind::Delay),
        case(
            "requests that are never answered",
            "dark time",
            "--workers=1,6 --rng=2 --window=6s",
            Kind::Hang,
        ),
    ]
}

#[derive(Parser)]
struct Lab {
    #[command(flatten)]
    args: LabArgs,
}

impl Case {
    /// Whether others hold the CPUs because it plants that.
    pub(crate) fn loads_the_host(&self) -> bool {
        self.kind == Kind::Burners
    }

    /// Runs the lab on the application with the cause in it.
    pub(crate) async fn run(&self) -> anyhow::Result<Found> {
        let folder = tempfile::tempdir()?;
        let line = format!("lab {} --no-confirm", self.flags);
        let args = Lab::try_parse_from(line.split_whitespace())?.args;
        let mut config =
            LocalConfig::new(PathBuf::from(env!("CARGO_BIN_EXE_loadgen")), folder.path().to_owned());
        args.application.configure(&mut config);
        let further = self.hasher.split_whitespace().map(str::to_owned);
        config.service_args.entry(Service::Hasher).or_default().extend(further);
        config.faults = true;
        let store = (self.kind == Kind::SlowStore).then(SlowStore::start).transpose()?;
        config.redis = store.as_ref().map(SlowStore::url);
        let backend = Planted::new(LocalBackend::new(config), self.plant()?);
        tokio::time::timeout(LONGEST, swept(backend, &args)).await.context("it takes too long")?
    }

    fn plant(&self) -> anyhow::Result<Plant> {
        Ok(match self.kind {
            Kind::Setup | Kind::SlowStore => Plant::Nothing,
            Kind::Station(replica, station) => Plant::Station(replica, station),
            Kind::Delay => Plant::Delay(Service::Hasher),
            Kind::Hang => Plant::Hang,
            Kind::Quota(service) => Plant::Quota(service, Quota::new()?),
            Kind::Burners => Plant::Burners(Burners::start(BURNERS_PER_CPU)?),
            Kind::BusyLab => Plant::BusyLab(None),
        })
    }
}

async fn swept(mut backend: Planted, args: &LabArgs) -> anyhow::Result<Found> {
    let mut plan = Plan::from_args(args)?;
    let (_sender, stop) = stop::stop();
    backend.up().await?;
    plan.setup = Setup::read(&backend).await?;
    let report = sweep(&mut backend, &plan, &stop, &mut Quiet).await;
    backend.down().await?;
    found(&report)
}

fn found(report: &Report) -> anyhow::Result<Found> {
    let conclusion = &report.conclusion;
    let last = report.steps.last().with_context(|| conclusion.reasons.join("; "))?;
    let limit = last.verdict.as_ref().map(|verdict| verdict.limit);
    let said = format!("{} {}", conclusion.sentence, conclusion.advice.join(" "));
    Ok(Found { blamed: name(limit), pressure: last.seen.host_cpu_pressure_share, said })
}

fn name(limit: Option<Limit>) -> String {
    let cause = match limit {
        Some(Limit::Dispatch { cause: Misdirection::SlowReplica }) => ": slow replica",
        Some(Limit::Dispatch { cause: Misdirection::StickyConnections }) => ": sticky",
        _ => "",
    };
    format!("{}{cause}", limit.as_ref().map_or("nothing", Limit::name))
}
