//! `loadgen down`: stops a project and leaves nothing of it.

use std::io::{self, Write};
use std::process::ExitCode;

use super::client::Client;
use super::error::{Error, forgive_broken_pipe};
use super::name::ProjectArgs;
use super::protocol::{Request, Response};
use super::state_dir::StateDir;

/// Stops the application
#[derive(Clone, Debug, clap::Args)]
pub struct DownArgs {
    /// Which project.
    #[command(flatten)]
    pub project: ProjectArgs,
}

impl DownArgs {
    /// Returns once all processes have ended. A project that does not run is no failure.
    pub async fn run(self) -> Result<ExitCode, Error> {
        let project = &self.project.project;
        let result = match Client::connect(project).await {
            Ok(client) => stop(client).await,
            Err(Error::NotRunning(_)) => {
                self.sweep()?;
                let line = writeln!(io::stdout(), "project {project} is not running: nothing to stop");
                line.map(|()| ExitCode::SUCCESS).map_err(Error::from)
            }
            Err(error) => Err(error),
        };
        forgive_broken_pipe(result)
    }

    /// Removes what a session that was killed has left.
    fn sweep(&self) -> Result<(), Error> {
        let dir = StateDir::of(&self.project.project);
        if dir.exists()
            && let Some(held) = dir.hold()?
        {
            held.release();
        }
        Ok(())
    }
}

async fn stop(mut client: Client) -> Result<ExitCode, Error> {
    client.send(&Request::Down).await?;
    while let Some(part) = client.next().await? {
        if let Response::Stopped { summary } = part {
            writeln!(io::stdout(), "{summary}")?;
        }
    }
    Ok(ExitCode::SUCCESS)
}
