//! `cargo bench --bench gate`: how often an A/B finds a build with a slower rng, and how often it passes one that is as good as the
//! base. Twenty runs of each by default, of two minutes each: forty minutes with `--jobs 2`.
//!
//! Both planted builds are programs of their own beside the base (`build`). The lab is run as by anyone, and knows nothing of
//! what was planted. With `--busy` others burn all CPUs meanwhile; runs that are made side by side disturb each other, too.

#![expect(clippy::print_stdout, reason = "a benchmark prints what it finds")]

mod build;
mod run;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use bench_kit::{Burners, Verdicts, columns};
use clap::Parser;

use build::{Builds, Kind};
use run::{Found, ab};

#[derive(Debug, Parser)]
struct Cli {
    /// A/Bs of each kind
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u16).range(1..))]
    runs: u16,

    /// A/Bs side by side
    #[arg(long, value_name = "K", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=64))]
    jobs: u16,

    /// How much slower the slower rng is, in per cent
    #[arg(long, value_name = "PERCENT", default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..=900))]
    slower: u16,

    /// Flags for the lab, such as --flags='--duration 4m'
    #[arg(long, value_name = "FLAGS", default_value = "", allow_hyphen_values = true)]
    flags: String,

    /// Others burn all CPUs meanwhile
    #[arg(long)]
    busy: bool,

    /// Keep what each A/B has measured in DIR
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,

    /// Exit code 1 if fewer than 19 of 20 are as they should be
    #[arg(long)]
    check: bool,

    /// What cargo tells a benchmark
    #[arg(long, hide = true)]
    bench: bool,
}

/// How many of all must be as they should be.
const TARGET: f64 = 0.95;

/// Burners for each CPU: one uses it up.
const BURNERS_PER_CPU: usize = 1;

fn main() -> anyhow::Result<ExitCode> {
    let cli = Cli::parse();
    let builds = Builds::plant(cli.slower, cli.keep.as_deref())?;
    let _burners = cli.busy.then(|| Burners::start(BURNERS_PER_CPU)).transpose()?;
    let found = all(&cli, &builds)?;
    let header = ["planted", "ruling", "X", "R", "S of rng", "blamed", "seconds", "CPU pressure"];
    let mut table = columns(&header);
    table.add_rows(found.iter().map(Found::row));
    println!("\n{}", table.trim_fmt());
    let mut verdicts = Verdicts::default();
    for (kind, what) in [(Kind::Slower, "slower builds are found"), (Kind::Equal, "equal builds pass")] {
        let of_kind = found.iter().filter(|found| found.kind == kind);
        let (count, right) = (of_kind.clone().count(), of_kind.filter(|found| found.is_right()).count());
        let held = right as f64 >= TARGET * count as f64;
        verdicts.note(format!("{right} of {count} {what}, target at least {TARGET:.2} of them"), held);
    }
    let seen = found.iter().filter(|it| it.kind == Kind::Slower && it.shows_without_service_times).count();
    println!("In {seen} of the slower ones throughput or response time alone show it.");
    Ok(verdicts.conclude(cli.check))
}

/// Runs them all, kinds in turn, as many side by side as there are jobs.
fn all(cli: &Cli, builds: &Builds) -> anyhow::Result<Vec<Found>> {
    let kinds = [Kind::Slower, Kind::Equal].repeat(usize::from(cli.runs));
    let (next, found) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let work = || -> anyhow::Result<()> {
        while let Some((number, kind)) = kinds.iter().enumerate().nth(next.fetch_add(1, Ordering::Relaxed)) {
            let one = ab(builds, *kind, number, &cli.flags)?;
            println!("{}", one.line());
            found.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(one);
        }
        Ok(())
    };
    thread::scope(|scope| {
        let workers: Vec<_> = (0..cli.jobs).map(|_| scope.spawn(work)).collect();
        let ends =
            workers.into_iter().map(|it| it.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        ends.collect::<anyhow::Result<Vec<()>>>()
    })?;
    Ok(found.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner))
}
