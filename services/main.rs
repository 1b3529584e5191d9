//! `dockercoins`: one service of the application a process, and the commands beside them.

use std::process::ExitCode;

use clap::Parser;

#[derive(Debug, Parser)]
#[command(
    name = "dockercoins",
    about = "DockerCoins: the little mining application with one bottleneck",
    version,
    disable_help_subcommand = true
)]
struct Cli {
    #[command(subcommand)]
    command: dockercoins_app::Command,
}

fn main() -> ExitCode {
    match dockercoins_app::parsed::<Cli>() {
        Ok(cli) => dockercoins_app::reported(cli.command.run()),
        Err(ended) => ended,
    }
}
