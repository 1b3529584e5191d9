//! Runs against real servers, over every kind of connection.

mod http2;
mod opening;
mod server;
mod tls;

use std::collections::BTreeMap;

use clap::Parser;
use tokio::sync::watch;
use tokio::task::spawn_blocking;

use super::args::BenchArgs;
use super::plan::Plan;
use super::run::{Run, RunError, run};

#[derive(Parser)]
struct Cli {
    #[command(flatten)]
    args: BenchArgs,
}

fn plan(line: &str) -> Result<Plan, String> {
    let words = std::iter::once("bench").chain(line.split_whitespace());
    let args = Cli::try_parse_from(words).map_err(|error| error.to_string())?.args;
    Plan::from_args(&args).map_err(|error| error.to_string())
}

/// What `loadgen bench` with this `line` does, on threads of its own.
async fn bench(line: &str) -> Result<Run, RunError> {
    let plan = plan(line).unwrap();
    let (_running, stop) = watch::channel(false);
    spawn_blocking(move || run(plan, &stop, &mut ())).await.unwrap()
}

/// How the requests of a run that could be made ended.
async fn outcomes(line: &str) -> (BTreeMap<String, u64>, Run) {
    let run = bench(line).await.unwrap();
    let outcomes = run.collected.outcomes();
    let counted = outcomes.iter().map(|(outcome, count)| (outcome.to_string(), count));
    (counted.collect(), run)
}

fn counted<const N: usize>(outcomes: [(&str, u64); N]) -> BTreeMap<String, u64> {
    outcomes.into_iter().map(|(outcome, count)| (outcome.to_owned(), count)).collect()
}
