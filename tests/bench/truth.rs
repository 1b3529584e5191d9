//! `cargo bench --bench truth`: whether percentiles are true, against servers whose response times are known by arithmetic.
//!
//! - `stall`: a server that does nothing for L = 1 s in every period of P = 10 s, at 1,000 requests a second. A request that
//!   is due u into a stall is answered when the stall is over, after L − u; all others at once. Due instants are spread
//!   evenly, so the share of requests that take longer than x < L is (L − x)/P, and the quantile q is
//!
//!   ```text
//!   R(q) = L − (1 − q)·P   for 1 − q < L/P;   0.9 s for q = 0.99
//!   ```
//!
//!   A tool with few connections that measures from the sending of a request sees only as many slow requests as it has
//!   connections in each stall, and calls the 99th percentile fast.
//!   (wrk puts in afterwards what it thinks that it missed, from the mean time between requests, so it comes near.)
//! - `bimodal`: a server that answers after 10 ms, but every fiftieth time after 100 ms: p50 and p90 are 10 ms, p99 and p99.9
//!   are 100 ms.

#![expect(clippy::print_stdout, reason = "a benchmark prints what it finds")]

use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use bench_kit::cores::on_core;
use bench_kit::server::Served;
use bench_kit::tools::{Hey, Loadgen, Oha, Wrk};
use bench_kit::{Behaviour, Cores, Load, Options, Pace, Reading, Server, Tool, Verdicts, columns, spend};
use clap::Parser;

const EVERY: Duration = Duration::from_secs(10);
const STALL: Duration = Duration::from_secs(1);
// Waking both processes takes a tenth of a millisecond, which belongs to the response time and not to the law.
const FAST: Duration = Duration::from_millis(20);
const SLOW: Duration = Duration::from_millis(200);
const SLOW_EVERY: u64 = 50;
const RATE: u32 = 1000;

/// Few, as people have them; 1,000 a second need one.
const CONNECTIONS: usize = 16;

/// Enough that none of the bimodal requests waits: 1,000/s × 100 ms.
const MANY: usize = 200;

#[derive(Debug, Parser)]
struct Cli {
    #[command(flatten)]
    options: Options,
}

/// A tool, how it is called here, and how it is loaded.
struct Entry {
    what: &'static str,
    tool: Box<dyn Tool>,
    paced: bool,
}

fn main() -> anyhow::Result<ExitCode> {
    let options = Cli::parse().options;
    let cores = Cores::pick()?;
    let ours = options.loadgen.as_deref().unwrap_or(Path::new(env!("CARGO_BIN_EXE_loadgen")));
    let mut verdicts = Verdicts::default();
    if options.wants("stall") {
        // Whole periods, so that the share of stalled requests is what the formula says.
        let lasting = options.lasting(30).as_secs().next_multiple_of(EVERY.as_secs());
        stall(cores, ours, Duration::from_secs(lasting), &mut verdicts)?;
    }
    if options.wants("bimodal") {
        bimodal(cores, ours, options.lasting(20), &mut verdicts)?;
    }
    Ok(verdicts.conclude(options.check))
}

fn stall(cores: Cores, ours: &Path, lasting: Duration, verdicts: &mut Verdicts) -> anyhow::Result<()> {
    let entries = [
        entry("loadgen", Loadgen::new(ours), true),
        entry("loadgen, uncorrected", Loadgen::new(ours).uncorrected(), true),
        entry("wrk2 -R 1000", Wrk { paced: true }, true),
        entry("oha -q 1000 --latency-correction", Oha { corrected: true }, true),
        entry("oha -q 1000", Oha::default(), true),
        entry("hey -q 1000", Hey, true),
        entry("wrk", Wrk::default(), false),
    ];
    let truth = stalled_quantile(0.99);
    let behaviour = Behaviour::Stalling { every: EVERY, lasting: STALL };
    println!(
        "\nstall: {STALL:?} in every {EVERY:?}, {CONNECTIONS} connections; the 99th percentile is {truth:?}"
    );
    let mut table = columns(&["tool", "p50", "p99", "off"]);
    for entry in entries {
        let Some(reading) = run(&entry, cores, behaviour, CONNECTIONS, lasting)? else {
            table.add_row([entry.what, "not there"]);
            continue;
        };
        let p99 = reading.quantile(0.99);
        let off = p99.map(|p99| off(p99, truth));
        table.add_row([entry.what.to_owned(), millis(reading.quantile(0.5)), millis(p99), per_cent(off)]);
        let error = off.map_or(f64::INFINITY, f64::abs);
        match entry.what {
            "loadgen" => verdicts
                .note(format!("stall: loadgen's p99 is {} off, target 2 %", per_cent(off)), error <= 0.02),
            "loadgen, uncorrected" => {
                verdicts.note(
                    format!("stall: the uncorrected p99 is {} off, as it must be", per_cent(off)),
                    off.is_some() && error > 0.5,
                );
            }
            _ => {}
        }
    }
    println!("{table}");
    Ok(())
}

/// R(q) = L − (1 − q)·P.
fn stalled_quantile(share: f64) -> Duration {
    STALL.saturating_sub(EVERY.mul_f64(1.0 - share))
}

fn bimodal(cores: Cores, ours: &Path, lasting: Duration, verdicts: &mut Verdicts) -> anyhow::Result<()> {
    let entries = [
        entry("loadgen", Loadgen::new(ours), true),
        entry("oha -q 1000", Oha::default(), true),
        entry("wrk", Wrk::default(), false),
    ];
    let behaviour = Behaviour::Bimodal { fast: FAST, slow: SLOW, slow_every: SLOW_EVERY };
    let truth = [(0.5, FAST), (0.9, FAST), (0.99, SLOW), (0.999, SLOW)];
    println!("\nbimodal: {FAST:?}, every {SLOW_EVERY}th time {SLOW:?}, {MANY} connections");
    let mut table = columns(&["tool", "p50", "p90", "p99", "p99.9", "farthest off"]);
    for entry in entries {
        let Some(reading) = run(&entry, cores, behaviour, MANY, lasting)? else {
            table.add_row([entry.what, "not there"]);
            continue;
        };
        let times = truth.map(|(share, _)| reading.quantile(share));
        let offs = truth.iter().zip(times).filter_map(|((_, truth), time)| Some(off(time?, *truth)));
        let worst = offs.max_by(|a, b| a.abs().total_cmp(&b.abs()));
        let mut cells = vec![entry.what.to_owned()];
        cells.extend(times.map(millis));
        cells.push(per_cent(worst));
        table.add_row(cells);
        if entry.what == "loadgen" {
            let all = times.iter().all(Option::is_some);
            let held = all && worst.is_some_and(|worst| worst.abs() <= 0.01);
            verdicts.note(format!("bimodal: loadgen is at most {} off, target 1 %", per_cent(worst)), held);
        }
    }
    println!("{table}");
    Ok(())
}

fn entry(what: &'static str, tool: impl Tool + 'static, paced: bool) -> Entry {
    Entry { what, tool: Box::new(tool), paced }
}

/// What the tool says; `None` if it is not there. Each gets a server of its own, whose periods begin with it.
fn run(
    entry: &Entry,
    cores: Cores,
    behaviour: Behaviour,
    connections: usize,
    lasting: Duration,
) -> anyhow::Result<Option<Reading>> {
    if !entry.tool.is_there() {
        return Ok(None);
    }
    let server = Server::start(cores.server, behaviour)?;
    let pace = if entry.paced { Pace::Rate { per_second: RATE, lasting } } else { Pace::For(lasting) };
    let load = Load { url: server.url(), connections, pace, fresh: false };
    let mut command = entry.tool.command(&load).with_context(|| format!("{} cannot do that", entry.what))?;
    let spent = on_core(cores.client, || spend(&mut command, |_| ()))?;
    Ok(Some(entry.tool.read(&spent.output)?))
}

/// How far `told` is from `truth`, as a share of it.
fn off(told: Duration, truth: Duration) -> f64 {
    told.as_secs_f64() / truth.as_secs_f64() - 1.0
}

fn per_cent(share: Option<f64>) -> String {
    share.map_or("–".to_owned(), |share| format!("{:+.2} %", share * 100.0))
}

fn millis(time: Option<Duration>) -> String {
    time.map_or("–".to_owned(), |time| format!("{:.2} ms", time.as_secs_f64() * 1e3))
}
