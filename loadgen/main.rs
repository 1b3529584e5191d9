//! `loadgen`: the instrument. This file composes: it parses, runs, and turns endings into exit codes.

use std::future::Future;
use std::io::{self, Write};
use std::process::ExitCode;

use anyhow::Context;
use clap::{CommandFactory, Parser, Subcommand};
use clap_complete::Shell;
use dockercoins_app::{failed, parsed, reported};
use loadgen_engine::ping::{PingArgs, ping};
use loadgen_lab::args::LabArgs;
use loadgen_lab::project::{DownArgs, LogsArgs, PsArgs, ScaleArgs, UpArgs};
use loadgen_lab::{lab, project};

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
    /// Measure the response time of URLs, one request after the other
    Ping(PingArgs),
    /// Print a completion script for a shell
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Run one service of the application
    #[command(hide = true, subcommand)]
    Service(Box<dockercoins_app::Service>),
}

const LAB_HELP: &str = "\
Exit codes:
  0    done
  1    an expectation failed
  2    wrong usage
  3    inconclusive: Little's law does not close, an interval is too wide, or the proof failed
  4    the application could not be run
  130  interrupted; what was measured until then is reported";

fn main() -> ExitCode {
    match parsed::<Cli>() {
        Ok(cli) => reported(run(cli.command)),
        Err(ended) => ended,
    }
}

fn run(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Lab(args) => block_on(lab(*args)),
        Command::Up(args) => block_on(project(args.run())),
        Command::Scale(args) => block_on(project(args.run())),
        Command::Ps(args) => block_on(project(args.run())),
        Command::Logs(args) => block_on(project(args.run())),
        Command::Down(args) => block_on(project(args.run())),
        Command::Ping(args) => block_on(pinged(args)),
        Command::Completions { shell } => completions(shell),
        Command::Service(service) => service.run(),
    }
}

/// One thread: the instrument leaves the other cores to what it measures.
fn block_on(future: impl Future<Output = anyhow::Result<ExitCode>>) -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.context("cannot start the runtime")?.block_on(future)
}

async fn lab(args: LabArgs) -> anyhow::Result<ExitCode> {
    let executable = std::env::current_exe().context("cannot find the program that is running")?;
    match lab::lab(&args, executable, &mut io::stdout()).await {
        Ok(outcome) => Ok(outcome.exit_code().into()),
        Err(error) => Ok(failed(&error, error.exit_code())),
    }
}

async fn project(
    command: impl Future<Output = Result<ExitCode, project::Error>>,
) -> anyhow::Result<ExitCode> {
    Ok(command.await.unwrap_or_else(|error| failed(&error, error.exit_code())))
}

async fn pinged(args: PingArgs) -> anyhow::Result<ExitCode> {
    let stop = async {
        // Without a handler ^C ends the program anyway, only without the summary.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    Ok(ping(args, &mut io::stdout(), stop).await?.exit_code().into())
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
