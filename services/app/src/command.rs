//! What `dockercoins` runs: a service, or one of the commands that are run beside them.

use std::process::ExitCode;

use clap::Subcommand;
use dockercoins_tunnel as tunnel;

use crate::{Service, block_on, health};

/// What to run.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// One of the services
    #[command(flatten)]
    Service(Box<Service>),
    /// Asks a service whether it is ready: exit code 0 if so, else 1
    Health(health::Settings),
    /// Makes TCP connections from here for whoever speaks HTTP/2 over its standard input and output
    Tunnel,
}

impl Command {
    /// Runs it to its end.
    pub fn run(self) -> anyhow::Result<ExitCode> {
        match self {
            Self::Service(service) => service.run(),
            Self::Health(settings) => block_on(async move {
                health::check(settings).await?;
                Ok(ExitCode::SUCCESS)
            }),
            Self::Tunnel => block_on(async {
                let (input, output) = tunnel::stdio()?;
                tunnel::run(input, output).await?;
                Ok(ExitCode::SUCCESS)
            }),
        }
    }
}
