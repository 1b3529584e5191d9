//! `cargo bench --bench footprint`: memory, over many requests and over many connections.
//!
//! - `requests`: 10,000,000 requests over 64 connections. Memory is read every tenth of a second; its highest in the second
//!   half of the run must be that of the first.
//! - `connections`: 10,000 connections at once. All must be answered.
//!
//! The server is this process itself, and is not counted.

#![expect(clippy::print_stdout, reason = "a benchmark prints what it finds")]

use std::path::Path;
use std::process::ExitCode;

use anyhow::Context;
use bench_kit::cores::on_core;
use bench_kit::server::Served;
use bench_kit::{
    Behaviour, Cores, Load, Options, Pace, Reading, Server, Spent, Tool, Verdicts, columns, spend, tools,
};
use clap::Parser;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

const REQUESTS: u64 = 10_000_000;
const CONNECTIONS: usize = 10_000;
const FEW: usize = 64;

const MEGABYTE: f64 = 1e6;
const MEMORY_TARGET: f64 = 40.0;

/// What the second half of a run may need more than the first: a page here and there.
const GROWTH_TARGET: f64 = 1.0;

#[derive(Debug, Parser)]
struct Cli {
    #[command(flatten)]
    options: Options,

    /// Requests for the part of that name
    #[arg(long, value_name = "N", default_value_t = REQUESTS)]
    requests: u64,
}

/// One tool's run, with its memory over time, in bytes.
struct Run {
    spent: Spent,
    reading: Reading,
    resident: Vec<u64>,
}

fn main() -> anyhow::Result<ExitCode> {
    let cli = Cli::parse();
    let cores = Cores::pick()?;
    let mut verdicts = Verdicts::default();
    if cli.options.wants("requests") {
        requests(&cli, cores, &mut verdicts)?;
    }
    if cli.options.wants("connections") {
        connections(&cli.options, cores, &mut verdicts)?;
    }
    Ok(verdicts.conclude(cli.options.check))
}

fn requests(cli: &Cli, cores: Cores, verdicts: &mut Verdicts) -> anyhow::Result<()> {
    println!("\nrequests: {} over {FEW} connections", cli.requests);
    let mut table = columns(&["tool", "requests", "first half", "second half", "most", "grown by"]);
    for tool in compared(&cli.options) {
        let Some(run) = run(tool.as_ref(), cores, FEW, Pace::Requests(cli.requests))? else {
            table.add_row([tool.name(), missing(tool.as_ref())]);
            continue;
        };
        // The highest, since the report of a run needs more and less in turn: its slices double, and halve.
        let (early, late) = run.resident.split_at(run.resident.len() / 2);
        let [early, late] =
            [early, late].map(|half| megabytes(half.iter().copied().max().unwrap_or_default()));
        let most = megabytes(run.spent.peak_memory);
        let mut cells = vec![tool.name().to_owned(), run.reading.successes.to_string()];
        cells.extend([early, late, most, late - early].map(|size| format!("{size:.1} MB")));
        table.add_row(cells);
        if tool.name() == "loadgen" {
            verdicts.at_most("requests: most MB", most, MEMORY_TARGET);
            verdicts.at_most("requests: MB added in the second half", late - early, GROWTH_TARGET);
            verdicts.at_least("requests: answered", run.reading.successes as f64, cli.requests as f64);
        }
    }
    println!("{table}");
    Ok(())
}

fn connections(options: &Options, cores: Cores, verdicts: &mut Verdicts) -> anyhow::Result<()> {
    allow_files()?;
    let pace = Pace::For(options.lasting(10));
    println!("\nconnections: {CONNECTIONS} at once");
    let mut table = columns(&["tool", "requests/s", "errors", "most", "a connection"]);
    for tool in compared(options) {
        let run = match run(tool.as_ref(), cores, CONNECTIONS, pace) {
            Ok(Some(run)) => run,
            Ok(None) => {
                table.add_row([tool.name(), missing(tool.as_ref())]);
                continue;
            }
            // Some peers give up at so many; that is a finding, not a fault of the benchmark.
            Err(error) if tool.name() != "loadgen" => {
                let why = error.root_cause().to_string();
                table.add_row([tool.name(), "gave up:", why.lines().last().unwrap_or_default()]);
                continue;
            }
            Err(error) => return Err(error),
        };
        let most = run.spent.peak_memory;
        table.add_row([
            tool.name().to_owned(),
            format!("{:.0}", run.reading.per_second),
            run.reading.errors.to_string(),
            format!("{:.1} MB", megabytes(most)),
            format!("{:.1} kB", most as f64 / CONNECTIONS as f64 / 1e3),
        ]);
        if tool.name() == "loadgen" {
            let (errors, good) = (run.reading.errors, run.reading.successes);
            let held = errors == 0 && good >= CONNECTIONS as u64;
            verdicts.note(format!("connections: {good} answered, {errors} errors"), held);
        }
    }
    println!("{table}");
    Ok(())
}

/// The tools that were asked for.
fn compared(options: &Options) -> Vec<Box<dyn Tool>> {
    let ours = options.loadgen.as_deref().unwrap_or(Path::new(env!("CARGO_BIN_EXE_loadgen")));
    let mut tools = tools::all(ours);
    tools.retain(|tool| options.compares(tool.name()));
    tools
}

fn run(tool: &dyn Tool, cores: Cores, connections: usize, pace: Pace) -> anyhow::Result<Option<Run>> {
    let server = Server::start(cores.server, Behaviour::Constant)?;
    let load = Load { url: server.url(), connections, pace, fresh: false };
    let Some(mut command) = tool.command(&load).filter(|_| tool.is_there()) else { return Ok(None) };
    let mut resident = Vec::new();
    let spent = on_core(cores.client, || spend(&mut command, |id| resident.extend(memory(id))))?;
    let reading =
        tool.read(&spent.output).with_context(|| format!("{} cannot be understood", tool.name()))?;
    Ok(Some(Run { spent, reading, resident }))
}

fn missing(tool: &dyn Tool) -> &'static str {
    if tool.is_there() { "cannot do it" } else { "not there" }
}

/// Resident memory of a process, in bytes; `None` once it has ended.
fn memory(id: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: u64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kibibytes * 1024)
}

/// As many files as may be: both ends of each connection need one, the clients' ends in a process of their own.
fn allow_files() -> anyhow::Result<()> {
    let limit = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit })
        .context("cannot open more files")?;
    let most = limit.maximum.unwrap_or(u64::MAX);
    anyhow::ensure!(most > CONNECTIONS as u64 + 100, "only {most} files may be open; raise `ulimit -n`");
    Ok(())
}

fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / MEGABYTE
}
