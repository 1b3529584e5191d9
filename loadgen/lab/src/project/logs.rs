//! `loadgen logs`: what the replicas have logged.

use std::io::{self, Write};
use std::process::ExitCode;

use super::assignment;
use super::client::Client;
use super::error::{Error, forgive_broken_pipe};
use super::name::ProjectArgs;
use super::output::{Prefix, missed};
use super::protocol::{Request, Response};
use crate::backend::Service;

/// Shows what the replicas have logged
#[derive(Clone, Debug, clap::Args)]
pub struct LogsArgs {
    /// Which project.
    #[command(flatten)]
    pub project: ProjectArgs,

    /// Go on with new lines as they come
    #[arg(short, long)]
    pub follow: bool,

    /// Number of lines to show of each replica [default: all that are kept, which are 500]
    #[arg(long, value_name = "N")]
    pub tail: Option<usize>,

    /// Only these services
    #[arg(value_name = "SERVICE", value_parser = assignment::service)]
    pub services: Vec<Service>,
}

impl LogsArgs {
    /// Returns once the lines are shown; if followed, once the application is stopped.
    pub async fn run(self) -> Result<ExitCode, Error> {
        forgive_broken_pipe(self.show().await)
    }

    async fn show(self) -> Result<ExitCode, Error> {
        let mut client = Client::connect(&self.project.project).await?;
        let services = if self.services.is_empty() { Service::ALL.to_vec() } else { self.services };
        let tail = self.tail.unwrap_or(usize::MAX);
        client.send(&Request::Logs { services, tail, follow: self.follow }).await?;
        let mut prefix = Prefix::for_stdout();
        while let Some(part) = client.next().await? {
            let line = match part {
                Response::Line { replica, text } => prefix.line(&replica, &text),
                Response::Missed { lines } => missed(lines),
                _ => continue,
            };
            writeln!(io::stdout(), "{line}")?;
        }
        Ok(ExitCode::SUCCESS)
    }
}
