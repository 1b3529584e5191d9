//! `cargo bench --bench peers`: loadgen beside wrk, h2load, oha, hey and ab, on the same machine, in turn.
//!
//! The client has one core to itself and the server another. Parts:
//! - `nginx`: 64 kept connections to nginx;
//! - `cheap`: the same to a server that is cheaper than any client, so that the client's core is the full one;
//! - `fresh`: nginx again, a connection for each request.
//!
//! Beside the peers stands `bare`, the floor: a client that makes the calls that none can do without, and does nothing else.
//!
//! CPU time is what the kernel counted for the whole process. Each round runs all tools, in another order each time, and a
//! ratio is taken within a round, so that a noisy machine disturbs both sides of it alike.

#![expect(clippy::print_stdout, reason = "a benchmark prints what it finds")]

use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use bench_kit::cores::on_core;
use bench_kit::server::Served;
use bench_kit::tools::{Bare, bare};
use bench_kit::{
    Behaviour, Cores, Load, Nginx, Options, Pace, Server, Spread, Tool, Verdicts, columns, spend, tools,
};
use clap::Parser;
use comfy_table::Table;

const CONNECTIONS: usize = 64;

/// Where [`tools::all`] puts loadgen.
const OURS: usize = 0;

/// Where a core counts as full.
const FULL: f64 = 0.95;

#[derive(Debug, Parser)]
struct Cli {
    #[command(flatten)]
    options: Options,

    /// What the benchmark tells itself, to be the client that does nothing
    #[arg(long, hide = true, num_args = 3)]
    bare: Option<Vec<String>>,
}

/// What one tool did in one round.
#[derive(Clone, Copy, Debug)]
struct Run {
    per_second: f64,
    /// CPU time per request.
    user: Duration,
    system: Duration,
    client_share: f64,
    server_share: f64,
    errors: u64,
    /// The tool's own count over the server's.
    agreement: f64,
}

/// A tool and its rounds; none if it could not be run.
struct Row {
    name: &'static str,
    runs: Vec<Run>,
    missing: Option<&'static str>,
}

fn main() -> anyhow::Result<ExitCode> {
    let Cli { options, bare } = Cli::parse();
    if let Some(arguments) = bare {
        print!("{}", bare::run(&arguments)?);
        return Ok(ExitCode::SUCCESS);
    }
    let cores = Cores::pick()?;
    let mut verdicts = Verdicts::default();
    if options.wants("nginx") {
        part(&options, cores, "nginx", false, &mut verdicts)?;
    }
    if options.wants("cheap") {
        part(&options, cores, "cheap", false, &mut verdicts)?;
    }
    if options.wants("fresh") {
        part(&options, cores, "fresh", true, &mut verdicts)?;
    }
    Ok(verdicts.conclude(options.check))
}

fn part(
    options: &Options,
    cores: Cores,
    name: &str,
    fresh: bool,
    verdicts: &mut Verdicts,
) -> anyhow::Result<()> {
    if name != "cheap" && !Nginx::is_there() {
        println!("\n{name}: nginx is not there; try tests/bench/install");
        return Ok(());
    }
    let server: Box<dyn Served> = match name {
        "cheap" => Box::new(Server::start(cores.server, Behaviour::Constant)?),
        _ => Box::new(Nginx::start(cores.server)?),
    };
    let pace = Pace::For(options.lasting(5));
    let load = Load { url: server.url(), connections: CONNECTIONS, pace, fresh };
    let rows = rounds(options, cores, server.as_ref(), &load)?;
    println!("\n{name}: {CONNECTIONS} connections, {}, medians of {} rounds", kept(fresh), options.rounds);
    println!("{}", table(&rows));
    judge(name, &rows, verdicts);
    Ok(())
}

fn kept(fresh: bool) -> &'static str {
    if fresh { "a new one for each request" } else { "kept" }
}

fn rounds(options: &Options, cores: Cores, server: &dyn Served, load: &Load) -> anyhow::Result<Vec<Row>> {
    let ours = options.loadgen.as_deref().unwrap_or(Path::new(env!("CARGO_BIN_EXE_loadgen")));
    let mut tools = tools::all(ours);
    tools.push(Box::new(Bare));
    tools.retain(|tool| options.compares(tool.name()));
    let mut rows: Vec<Row> = tools
        .iter()
        .map(|tool| Row { name: tool.name(), runs: Vec::new(), missing: missing(tool.as_ref(), load) })
        .collect();
    for round in 0..usize::from(options.rounds) {
        for place in 0..tools.len() {
            let place = (place + round) % tools.len();
            if rows[place].missing.is_none() {
                match run(tools[place].as_ref(), load, cores, server) {
                    Ok(run) => rows[place].runs.push(run),
                    Err(error) if place == OURS => return Err(error),
                    // A peer that gives up is a finding, and no reason to measure nothing.
                    Err(error) => {
                        println!("{} gave up: {error:#}", rows[place].name);
                        rows[place].missing = Some("gave up");
                    }
                }
            }
        }
    }
    Ok(rows)
}

fn missing(tool: &dyn Tool, load: &Load) -> Option<&'static str> {
    match tool.command(load) {
        _ if !tool.is_there() => Some("not there"),
        None => Some("cannot do it"),
        Some(_) => None,
    }
}

fn run(tool: &dyn Tool, load: &Load, cores: Cores, server: &dyn Served) -> anyhow::Result<Run> {
    let mut command = tool.command(load).context("it cannot do that")?;
    let (answered, cpu) = (server.answered()?, server.cpu()?);
    let spent = on_core(cores.client, || spend(&mut command, |_| ()))?;
    let (answered, cpu) = (server.answered()? - answered, server.cpu()?.saturating_sub(cpu));
    let reading = tool.read(&spent.output)?;
    let per_request = |time: Duration| time.div_f64(answered.max(1) as f64);
    Ok(Run {
        per_second: reading.per_second,
        user: per_request(spent.user),
        system: per_request(spent.system),
        client_share: spent.share_of_a_core(),
        server_share: cpu.as_secs_f64() / spent.took.as_secs_f64(),
        errors: reading.errors,
        agreement: reading.successes as f64 / answered.max(1) as f64,
    })
}

fn table(rows: &[Row]) -> Table {
    let mut table = columns(&[
        "tool",
        "requests/s",
        "× (ours/its)",
        "µs CPU",
        "user",
        "system",
        "CPU × (ours/its)",
        "client",
        "server",
        "full",
        "errors",
        "its count",
    ]);
    for row in rows {
        table.add_row(cells(row, &rows[OURS]));
    }
    table
}

fn cells(row: &Row, ours: &Row) -> Vec<String> {
    if let Some(missing) = row.missing {
        return vec![row.name.to_owned(), missing.to_owned()];
    }
    let median = |of: fn(&Run) -> f64| Spread::of(row.runs.iter().map(of)).map_or(f64::NAN, |it| it.median);
    let (client, server) = (median(|run| run.client_share), median(|run| run.server_share));
    let ratio = |of: fn(&Run) -> f64| ratio(ours, row, of).map_or("–".to_owned(), |it| it.to_string());
    vec![
        row.name.to_owned(),
        format!("{:.0}", median(|run| run.per_second)),
        ratio(|run| run.per_second),
        format!("{:.2}", median(Run::cpu_micros)),
        format!("{:.2}", median(|run| run.user.as_secs_f64() * 1e6)),
        format!("{:.2}", median(|run| run.system.as_secs_f64() * 1e6)),
        ratio(Run::cpu_micros),
        format!("{:.0} %", client * 100.0),
        format!("{:.0} %", server * 100.0),
        full(client, server).to_owned(),
        row.runs.iter().map(|run| run.errors).sum::<u64>().to_string(),
        format!("{:.1} %", 100.0 * median(|run| run.agreement)),
    ]
}

/// Whose core is full.
fn full(client: f64, server: f64) -> &'static str {
    match (client >= FULL, server >= FULL) {
        (true, true) => "both",
        (true, false) => "client",
        (false, true) => "server",
        (false, false) => "none",
    }
}

impl Run {
    fn cpu_micros(&self) -> f64 {
        (self.user + self.system).as_secs_f64() * 1e6
    }
}

/// Ours over `its`, round by round.
fn ratio(ours: &Row, its: &Row, of: fn(&Run) -> f64) -> Option<Spread> {
    Spread::of(ours.runs.iter().zip(&its.runs).map(|(ours, its)| of(ours) / of(its)))
}

/// Whether throughput says anything of the client.
fn fills_its_core(row: &Row) -> bool {
    Spread::of(row.runs.iter().map(|run| run.client_share)).is_some_and(|share| share.median >= FULL)
}

/// What is aimed at.
fn judge(part: &str, rows: &[Row], verdicts: &mut Verdicts) {
    let ours = &rows[OURS];
    let peer = |name: &str| rows.iter().find(|row| row.name == name);
    let median = |name: &str, of: fn(&Run) -> f64| Some(ratio(ours, peer(name)?, of)?.median);
    if part != "fresh"
        && let Some(cpu) = median("wrk", Run::cpu_micros)
    {
        verdicts.at_most(&format!("{part}: CPU per request, of wrk's"), cpu, 0.9);
    }
    let targets: &[(&str, f64)] = match part {
        "cheap" => &[("wrk", 1.1), ("oha", 1.4), ("hey", 3.0)],
        "fresh" => &[("wrk", 1.0), ("ab", 1.0)],
        _ => &[],
    };
    for (name, target) in targets {
        match median(name, |run| run.per_second) {
            Some(times) if part == "cheap" && !fills_its_core(ours) => verdicts.cannot_tell(format!(
                "{part}: {times:.2} of {name}'s requests/s, but the client's core was not full"
            )),
            Some(times) => verdicts.at_least(&format!("{part}: requests/s, of {name}'s"), times, *target),
            None => verdicts.cannot_tell(format!("{part}: {name} is not there to compare with")),
        }
    }
    let errors: u64 = ours.runs.iter().map(|run| run.errors).sum();
    verdicts.note(format!("{part}: {errors} errors of ours"), errors == 0);
}
