//! `dockercoins`: one service of the application a process.

use std::process::ExitCode;

use clap::Parser;

/// `DockerCoins`: the little mining application with one bottleneck
#[derive(Debug, Parser)]
#[command(name = "dockercoins", version, disable_help_subcommand = true)]
struct Cli {
    #[command(subcommand)]
    service: dockercoins_app::Service,
}

fn main() -> ExitCode {
    dockercoins_app::reported(Cli::parse().service.run())
}
