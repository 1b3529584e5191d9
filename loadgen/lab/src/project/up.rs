//! `loadgen up`: starts the application, or scales one that runs already.

use std::io::{self, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::process::ExitCode;

use super::assignment::Assignment;
use super::client::Client;
use super::error::{Error, forgive_broken_pipe};
use super::name::ProjectArgs;
use super::output::Printer;
use super::plan::Plan;
use super::session::{self, Audience};
use super::state_dir::StateDir;
use super::{detach, scale};
use crate::application::ApplicationArgs;
use crate::backend::Service;

/// Starts the application and shows its log; ^C stops it
#[derive(Clone, Debug, clap::Args)]
pub struct UpArgs {
    /// Which project.
    #[command(flatten)]
    pub project: ProjectArgs,

    /// Leave the application running in the background
    #[arg(short, long)]
    pub detach: bool,

    /// Number of replicas of a service, such as worker=10; may be repeated
    #[arg(long, value_name = "SERVICE=N")]
    pub scale: Vec<Assignment>,

    /// Address to listen on; 0.0.0.0 lets other machines in
    #[arg(long, value_name = "ADDRESS", default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    pub bind: IpAddr,

    /// Port of the web page; 0 for any free one
    #[arg(long, value_name = "PORT", default_value_t = 8000)]
    pub webui_port: u16,

    /// Port of rng; 0 for any free one
    #[arg(long, value_name = "PORT", default_value_t = 8001)]
    pub rng_port: u16,

    /// Port of hasher; 0 for any free one
    #[arg(long, value_name = "PORT", default_value_t = 8002)]
    pub hasher_port: u16,

    /// How the application is set up.
    #[command(flatten)]
    pub application: ApplicationArgs,

    /// Allow faults to be injected through the replicas' admin ports
    #[arg(long)]
    pub enable_faults: bool,

    /// We are the detached session: standard input is a socket to whoever started us
    #[arg(long, hide = true)]
    pub detached_child: bool,
}

impl UpArgs {
    /// Runs the application until it is stopped; detached, returns once it is ready.
    pub async fn run(self) -> Result<ExitCode, Error> {
        if self.detached_child {
            return detach::run_child(&self).await;
        }
        let dir = StateDir::of(&self.project.project);
        let result = match Client::connect_in(&dir, &self.project.project).await {
            Ok(client) => self.already_up(client).await,
            Err(Error::NotRunning(_)) if self.detach => detach::start_child(&self, &dir).await,
            Err(Error::NotRunning(_)) => {
                let audience = Audience::Reader(Printer::new(io::stdout()));
                let result = self.start(&dir, &audience).await;
                audience.finish().await;
                result
            }
            Err(error) => Err(error),
        };
        forgive_broken_pipe(result)
    }

    pub(super) async fn start(&self, dir: &StateDir, audience: &Audience) -> Result<ExitCode, Error> {
        let Some(held) = dir.hold()? else { return Err(Error::Busy(self.project.project.clone())) };
        let executable =
            std::env::current_exe().map_err(|source| Error::System { doing: "find this program", source })?;
        let plan = Plan::new(self, executable, dir.path());
        session::run(held, plan, audience).await
    }

    async fn already_up(&self, client: Client) -> Result<ExitCode, Error> {
        if !self.scale.is_empty() {
            return scale::request(client, self.scale.clone()).await;
        }
        let mut client = client;
        let report = client.report().await?;
        let mut out = io::stdout().lock();
        let project = &self.project.project;
        writeln!(
            out,
            "project {project} is already up; change it with `loadgen scale`, stop it with `loadgen down`"
        )?;
        for line in welcome(&report.addresses) {
            writeln!(out, "{line}")?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// One line for each address that people use.
pub(super) fn welcome(addresses: &[(Service, SocketAddr)]) -> Vec<String> {
    let line = |(service, address): &(Service, SocketAddr)| match service {
        Service::Store | Service::Worker => None,
        _ if address.ip().is_loopback() || address.ip().is_unspecified() => {
            Some(format!("{service:6} http://localhost:{}", address.port()))
        }
        _ => Some(format!("{service:6} http://{address}")),
    };
    addresses.iter().rev().filter_map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_comes_first_and_the_store_is_not_shown() {
        let local = |port| SocketAddr::from(([127, 0, 0, 1], port));
        let addresses = [
            (Service::Store, local(6379)),
            (Service::Rng, local(8001)),
            (Service::Hasher, ([10, 0, 0, 1], 8002).into()),
            (Service::Webui, ([0, 0, 0, 0], 8000).into()),
        ];
        let expected =
            ["webui  http://localhost:8000", "hasher http://10.0.0.1:8002", "rng    http://localhost:8001"];
        assert_eq!(welcome(&addresses), expected);
    }
}
