//! `loadgen scale`: changes the number of replicas of a running project.

use std::io::{self, Write};
use std::process::ExitCode;

use super::assignment::Assignment;
use super::client::Client;
use super::error::{Error, forgive_broken_pipe};
use super::name::ProjectArgs;
use super::protocol::{Request, Response};

/// Changes how many replicas of services run
#[derive(Clone, Debug, clap::Args)]
pub struct ScaleArgs {
    /// Which project.
    #[command(flatten)]
    pub project: ProjectArgs,

    /// Services and their numbers of replicas, such as worker=10 rng=3
    #[arg(required = true, value_name = "SERVICE=N")]
    pub targets: Vec<Assignment>,
}

impl ScaleArgs {
    /// Returns once all replicas are ready, and those too many are gone.
    pub async fn run(self) -> Result<ExitCode, Error> {
        let client = Client::connect(&self.project.project).await?;
        forgive_broken_pipe(request(client, self.targets).await)
    }
}

pub(super) async fn request(mut client: Client, targets: Vec<Assignment>) -> Result<ExitCode, Error> {
    client.send(&Request::Scale { targets }).await?;
    while let Some(part) = client.next().await? {
        if let Response::Scaled { service, before, replicas, seconds } = part {
            writeln!(io::stdout(), "{service}: {before} → {replicas} ({seconds:.1} s)")?;
        }
    }
    Ok(ExitCode::SUCCESS)
}
