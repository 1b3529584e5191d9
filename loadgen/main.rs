//! `loadgen`: the instrument. This file composes: it parses, runs, and turns endings into exit codes.

mod help;

use std::ffi::OsString;
use std::future::Future;
use std::io::{self, IsTerminal, Write};
use std::path::Path;
use std::process::ExitCode;

use anyhow::Context;
use clap::{CommandFactory, Parser, Subcommand};
use clap_complete::Shell;
use dockercoins_app::{failed, parsed_from, reported};
use loadgen_engine::DialectError;
use loadgen_engine::bench::{self, BenchArgs, Console, MergeArgs, bench, merge};
use loadgen_engine::ping::{self, PingArgs, Screen, ping};
use loadgen_lab::args::LabArgs;
use loadgen_lab::blackbox::{PlanArgs, check_plan};
use loadgen_lab::compare::{CompareArgs, compare};
use loadgen_lab::predict::{PredictArgs, predict};
use loadgen_lab::project::{DownArgs, LogsArgs, PsArgs, ScaleArgs, UpArgs};
use loadgen_lab::provenance::Provenance;
use loadgen_lab::rerender::{ReportArgs, rerender};
use loadgen_lab::{lab, project};
use tokio::signal::unix::{SignalKind, signal};

use help::{BENCH_HELP, COMPARE_HELP, LAB_HELP, MERGE_HELP, PREDICT_HELP, REPORT_HELP};

#[derive(Debug, Parser)]
#[command(
    name = "loadgen",
    about = "Finds the bottleneck of DockerCoins: scales it step by step, measures, predicts, proves",
    version,
    disable_help_subcommand = true,
    after_help = EXAMPLES
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

const EXAMPLES: &str = "\
Examples:
  loadgen lab                          find the bottleneck, on local processes, in about a minute
  loadgen predict --target 100/s       the cheapest replica counts for 100 hashes a second
  loadgen up -d                        start the application; the page is http://localhost:8000
  loadgen scale worker=10              ten workers
  loadgen ping localhost:8001 -c 5     how long rng makes one wait
  loadgen ps                           what runs, and how busy it is
  loadgen down                         stop it";

#[derive(Debug, Subcommand)]
enum Command {
    /// Scale step by step, measure, name the bottleneck, prove it
    #[command(after_help = LAB_HELP)]
    Lab(Box<LabArgs>),
    /// Say what replica counts would give, without starting anything
    #[command(after_help = PREDICT_HELP)]
    Predict(Box<PredictArgs>),
    /// Write the report of a lab anew, with pictures, from the JSON that it left
    #[command(after_help = REPORT_HELP)]
    Report(ReportArgs),
    /// Tell whether a lab found worse figures than one before, for a gate
    #[command(after_help = COMPARE_HELP)]
    Compare(CompareArgs),
    /// Look at a plan file for `lab --plan`
    #[command(subcommand)]
    Plan(PlanArgs),
    /// Start the application on local processes
    Up(UpArgs),
    /// Set replica counts, such as worker=10 rng=3
    Scale(ScaleArgs),
    /// List the replicas and how busy they are
    Ps(PsArgs),
    /// Show what the replicas log
    Logs(LogsArgs),
    /// Stop the application
    Down(DownArgs),
    /// Measure the response time of URLs, one request after the other, as httping does
    Ping(Box<PingArgs>),
    /// Send load: so many requests, for so long, or at such a rate
    #[command(after_help = BENCH_HELP)]
    Bench(Box<BenchArgs>),
    /// Add up the reports of several benches that ran side by side
    #[command(after_help = MERGE_HELP)]
    Merge(MergeArgs),
    /// Print a completion script for a shell
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Run one service of the application
    #[command(hide = true, subcommand)]
    Service(Box<dockercoins_app::Service>),
}

fn main() -> ExitCode {
    let words = match words() {
        Ok(words) => words,
        Err(error) => return failed(&error, WRONG_USAGE),
    };
    match parsed_from::<Cli>(words) {
        Ok(cli) => reported(run(cli.command)),
        Err(ended) => ended,
    }
}

/// What the process should exit with if what was typed means nothing.
const WRONG_USAGE: u8 = 2;

/// What was typed; for `bench` it may be in the words of hey and oha, for `ping` in those of httping.
fn words() -> Result<Vec<OsString>, DialectError> {
    let mut typed = std::env::args_os();
    let mut words: Vec<OsString> = typed.by_ref().take(2).collect();
    match words.get(1).and_then(|command| command.to_str()) {
        Some("bench") => words.extend(bench::translated(typed)?),
        Some("ping") => words.extend(ping::translated(typed)?),
        _ => words.extend(typed),
    }
    Ok(words)
}

fn run(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Lab(args) => block_on(lab(*args)),
        Command::Predict(args) => Ok(predicted(&args)),
        Command::Report(args) => Ok(rerendered(&args)),
        Command::Compare(args) => Ok(compared(&args)),
        Command::Plan(PlanArgs::Check { file }) => Ok(checked(&file)),
        Command::Up(args) => block_on(project(args.run())),
        Command::Scale(args) => block_on(project(args.run())),
        Command::Ps(args) => block_on(project(args.run())),
        Command::Logs(args) => block_on(project(args.run())),
        Command::Down(args) => block_on(project(args.run())),
        Command::Bench(args) => block_on(benched(args)),
        Command::Merge(args) => Ok(merged(&args)),
        Command::Ping(args) => block_on(pinged(*args)),
        Command::Completions { shell } => completions(shell),
        Command::Service(service) => service.run(),
    }
}

/// One thread: the instrument leaves the other cores to what it measures.
fn block_on(future: impl Future<Output = anyhow::Result<ExitCode>>) -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.context("cannot start the runtime")?;
    let ended = runtime.block_on(future);
    // Dropping it would wait for a look-up that a silent name server leaves unanswered.
    runtime.shutdown_background();
    ended
}

async fn lab(args: LabArgs) -> anyhow::Result<ExitCode> {
    let executable = std::env::current_exe().context("cannot find the program that is running")?;
    let provenance = Provenance::here(std::env::args_os().skip(1));
    match lab::lab(&args, &provenance, executable, &mut io::stdout()).await {
        Ok(outcome) => Ok(outcome.exit_code().into()),
        Err(error) => Ok(failed(&error, error.exit_code())),
    }
}

fn rerendered(args: &ReportArgs) -> ExitCode {
    match rerender(args, &mut io::stdout()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => failed(&error, error.exit_code()),
    }
}

fn checked(file: &Path) -> ExitCode {
    match check_plan(file, &mut io::stdout()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => failed(&error, error.exit_code()),
    }
}

fn compared(args: &CompareArgs) -> ExitCode {
    match compare(args, &mut io::stdout()) {
        Ok(ruling) => ruling.exit_code().into(),
        Err(error) => failed(&error, error.exit_code()),
    }
}

async fn project(
    command: impl Future<Output = Result<ExitCode, project::Error>>,
) -> anyhow::Result<ExitCode> {
    Ok(command.await.unwrap_or_else(|error| failed(&error, error.exit_code())))
}

async fn benched(args: Box<BenchArgs>) -> anyhow::Result<ExitCode> {
    let (stopping, stop) = tokio::sync::watch::channel(false);
    let is_dumb = std::env::var_os("TERM").is_none_or(|term| term == "dumb");
    let console = Console { is_terminal: io::stderr().is_terminal() && !is_dumb, no_color: no_color() };
    let (done, ended) = tokio::sync::oneshot::channel();
    let mut stopped = Box::pin(stopped().context("cannot wait for ^C")?);
    // A thread that is not waited for: what is stuck in a full pipe is left behind by whoever interrupts twice.
    std::thread::Builder::new()
        .name("bench".to_owned())
        .spawn(move || done.send(bench(&args, &mut io::stdout(), console, &stop)))
        .context("cannot start a thread")?;
    let mut ended = Box::pin(ended);
    let ended = tokio::select! {
        ended = &mut ended => ended,
        () = &mut stopped => {
            let _ = stopping.send(true);
            let again = self::stopped().context("cannot wait for ^C")?;
            tokio::select! {
                ended = &mut ended => ended,
                () = again => return Ok(INTERRUPTED.into()),
            }
        }
    };
    match ended.context("the run broke off")? {
        Ok(status) => Ok(status.exit_code().into()),
        Err(error) => Ok(failed(&error, error.exit_code())),
    }
}

/// What the process should exit with if it was interrupted and had nothing more to say.
const INTERRUPTED: u8 = 130;

fn merged(args: &MergeArgs) -> ExitCode {
    match merge(args, &mut io::stdout()) {
        Ok(status) => status.exit_code().into(),
        Err(error) => failed(&error, error.exit_code()),
    }
}

fn predicted(args: &PredictArgs) -> ExitCode {
    match predict(args, &mut io::stdout()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => failed(&error, error.exit_code()),
    }
}

async fn pinged(args: PingArgs) -> anyhow::Result<ExitCode> {
    let stop = stopped().context("cannot wait for ^C")?;
    let mut out = io::stdout();
    let screen = Screen { is_terminal: out.is_terminal(), no_color: no_color() };
    match ping(args, &mut out, screen, stop).await {
        Ok(status) => Ok(status.exit_code().into()),
        Err(error) => Ok(failed(&error, error.exit_code())),
    }
}

fn no_color() -> bool {
    std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
}

/// Resolves on ^C, SIGTERM, or when the terminal is closed: each leaves the summary behind, and the terminal as it was.
fn stopped() -> io::Result<impl Future<Output = ()>> {
    let [mut interrupt, mut terminate, mut hang_up] =
        [signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?, signal(SignalKind::hangup())?];
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            _ = hang_up.recv() => {}
        }
    })
}

fn completions(shell: Shell) -> anyhow::Result<ExitCode> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "loadgen", &mut script);
    match io::stdout().write_all(&script) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(error).context("cannot print the script")
        }
        _ => Ok(ExitCode::SUCCESS),
    }
}
