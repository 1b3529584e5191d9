//! `cargo bench --bench lag`: how exactly a rate is kept, at 1,000 requests a second to an idle server.
//!
//! A tool cannot be asked how late it is: most don't know. So the server notes when each request came, and these instants are
//! held against a grid of the rate that was asked for. The same stick measures all tools. The server never sleeps, so what
//! lies between a request's sending and its noting is some ten microseconds of loopback. loadgen's own word on its lag stands
//! beside it.

#![expect(clippy::print_stdout, reason = "a benchmark prints what it finds")]

use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use bench_kit::cores::on_core;
use bench_kit::grid::Fit;
use bench_kit::server::Served;
use bench_kit::tools::{Hey, Loadgen, Oha, Wrk};
use bench_kit::{Behaviour, Cores, Load, Options, Pace, Server, Spread, Tool, Verdicts, columns, spend};
use clap::Parser;
use comfy_table::Table;

const RATE: u32 = 1000;

/// Connections for tools that need to be told.
const CONNECTIONS: usize = 50;

/// What comes before is the tool's start.
const START: Duration = Duration::from_secs(1);

const P50_TARGET: Duration = Duration::from_micros(60);
const P99_TARGET: Duration = Duration::from_millis(1);

#[derive(Debug, Parser)]
struct Cli {
    #[command(flatten)]
    options: Options,
}

/// What one tool did in one round.
#[derive(Clone, Copy, Debug)]
struct Run {
    fit: Fit,
    /// The median and the 99th percentile of its lag by its own word.
    told: Option<(Duration, Duration)>,
}

/// One of a run's times.
type Time = fn(&Run) -> Option<Duration>;

fn main() -> anyhow::Result<ExitCode> {
    let options = Cli::parse().options;
    let cores = Cores::pick()?;
    let ours = options.loadgen.as_deref().unwrap_or(Path::new(env!("CARGO_BIN_EXE_loadgen")));
    let tools: Vec<Box<dyn Tool>> = vec![
        Box::new(Loadgen::new(ours)),
        Box::new(Wrk { paced: true }),
        Box::new(Oha::default()),
        Box::new(Hey),
    ];
    let tools: Vec<_> = tools.into_iter().filter(|tool| options.wants(tool.name())).collect();
    let mut runs: Vec<Vec<Run>> = vec![Vec::new(); tools.len()];
    for _ in 0..options.rounds {
        for (tool, runs) in tools.iter().zip(&mut runs).filter(|(tool, _)| tool.is_there()) {
            let run = run(tool.as_ref(), cores, options.lasting(20));
            runs.push(run.with_context(|| format!("{} failed", tool.name()))?);
        }
    }
    println!(
        "\n{RATE} requests/s: how far requests came from where the rate puts them, medians of {} rounds",
        options.rounds
    );
    println!("{}", table(&tools, &runs));
    Ok(verdicts(&tools, &runs).conclude(options.check))
}

fn run(tool: &dyn Tool, cores: Cores, lasting: Duration) -> anyhow::Result<Run> {
    let server = Server::start(cores.server, Behaviour::Noting)?;
    let pace = Pace::Rate { per_second: RATE, lasting };
    let load = Load { url: server.url(), connections: CONNECTIONS, pace, fresh: false };
    let mut command = tool.command(&load).context("it cannot keep a rate")?;
    let spent = on_core(cores.client, || spend(&mut command, |_| ()))?;
    let errors = tool.read(&spent.output)?.errors;
    anyhow::ensure!(errors == 0, "{errors} requests failed");
    let arrivals = server.stop()?;
    let began_at = *arrivals.first().context("no request came")?;
    let settled: Vec<Duration> = arrivals.into_iter().filter(|at| *at >= began_at + START).collect();
    let fit = Fit::of(&settled, f64::from(RATE)).context("too few requests came")?;
    Ok(Run { fit, told: (tool.name() == "loadgen").then(|| told(&spent.output)).transpose()? })
}

/// What loadgen says of its own lag.
fn told(output: &str) -> anyhow::Result<(Duration, Duration)> {
    let report = Loadgen::report(output)?;
    let lag = |key: &str| {
        let millis = report["lag"][key].as_f64().with_context(|| format!("loadgen tells no lag.{key}"))?;
        Ok::<_, anyhow::Error>(Duration::from_secs_f64(millis / 1e3))
    };
    Ok((lag("p50_ms")?, lag("p99_ms")?))
}

fn table(tools: &[Box<dyn Tool>], runs: &[Vec<Run>]) -> Table {
    let mut table = columns(&["tool", "requests/s", "p50", "p99", "max", "own p50", "own p99"]);
    for (tool, runs) in tools.iter().zip(runs) {
        table.add_row(cells(tool.name(), runs));
    }
    table
}

fn cells(name: &str, runs: &[Run]) -> Vec<String> {
    if runs.is_empty() {
        return vec![name.to_owned(), "not there".to_owned()];
    }
    let rate = Spread::of(runs.iter().map(|run| run.fit.rate_per_second)).map_or(f64::NAN, |it| it.median);
    let of = |time: Time| median(runs, time).map_or("–".to_owned(), micros);
    vec![
        name.to_owned(),
        format!("{rate:.2}"),
        of(|run| Some(run.fit.median)),
        of(|run| Some(run.fit.p99)),
        of(|run| Some(run.fit.max)),
        of(|run| run.told.map(|(p50, _)| p50)),
        of(|run| run.told.map(|(_, p99)| p99)),
    ]
}

fn median(runs: &[Run], time: Time) -> Option<Duration> {
    let spread = Spread::of(runs.iter().filter_map(time).map(|time| time.as_secs_f64()))?;
    Some(Duration::from_secs_f64(spread.median))
}

fn micros(time: Duration) -> String {
    format!("{:.0} µs", time.as_secs_f64() * 1e6)
}

fn verdicts(tools: &[Box<dyn Tool>], runs: &[Vec<Run>]) -> Verdicts {
    let mut verdicts = Verdicts::default();
    let ours = tools.iter().position(|tool| tool.name() == "loadgen");
    let Some(runs) = ours.map(|place| &runs[place]) else { return verdicts };
    let targets: [(&str, Time, Duration); 4] = [
        ("seen by the server, p50", |run| Some(run.fit.median), P50_TARGET),
        ("seen by the server, p99", |run| Some(run.fit.p99), P99_TARGET),
        ("by its own word, p50", |run| run.told.map(|(p50, _)| p50), P50_TARGET),
        ("by its own word, p99", |run| run.told.map(|(_, p99)| p99), P99_TARGET),
    ];
    for (what, time, target) in targets {
        let time = median(runs, time).unwrap_or(Duration::MAX);
        verdicts
            .note(format!("lag {what}: {}, target at most {}", micros(time), micros(target)), time <= target);
    }
    verdicts
}
