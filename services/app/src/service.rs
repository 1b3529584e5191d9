//! The services: which one, with which settings.

use std::error::Error;
use std::future::Future;
use std::process::ExitCode;

use clap::{Args, Subcommand};
use dockercoins_echo as echo;
use dockercoins_forward as forward;
use dockercoins_hasher as hasher;
use dockercoins_kit::Replica;
use dockercoins_kit::host::{Ended, Service as Hosted, host};
use dockercoins_kit::settings::CommonArgs;
use dockercoins_kit::station::Station;
use dockercoins_kit::telemetry;
use dockercoins_rng as rng;
use dockercoins_store as store;
use dockercoins_webui as webui;
use dockercoins_worker as worker;
use tokio::net::TcpListener;

use crate::block_on;

/// A service, and how it is to run.
#[derive(Debug, Subcommand)]
pub enum Service {
    /// Answers GET /N with N random bytes, one request at a time
    Rng(Run<rng::Settings>),
    /// Answers POST / with the SHA-256 of the body
    Hasher(Run<hasher::Settings>),
    /// Mines: asks rng, has hasher hash, counts in Redis
    Worker(Run<worker::Settings>),
    /// Serves the page that draws the mining speed
    Webui(Run<webui::Settings>),
    /// Stands in for Redis, in memory
    Store(Run<store::Settings>),
    /// Answers any request with what it received, as late as it is told to
    Echo(Run<echo::Settings>),
    /// Forwards TCP connections to the replicas behind a name, each in turn
    Forward(Run<forward::Settings>),
}

/// The settings of one service and those that every service has.
#[derive(Debug, Args)]
pub struct Run<S: Args> {
    #[command(flatten)]
    settings: S,
    #[command(flatten)]
    common: CommonArgs,
}

const STORE: Hosted = Hosted { name: "store", port: Some(6379) };
const FORWARD: Hosted = Hosted { name: "forward", port: Some(80) };
/// Each route has a port of its own.
const FORWARD_ROUTES: Hosted = Hosted { port: None, ..FORWARD };

impl Service {
    /// Runs the service until it is told to stop; 0 if it ended in order, 1 if its grace period ran out.
    pub fn run(self) -> anyhow::Result<ExitCode> {
        block_on(self.live())
    }

    async fn live(self) -> anyhow::Result<ExitCode> {
        match self {
            Self::Rng(Run { settings, common }) => {
                let station = settings.station();
                listening(rng::SERVICE, &common, Some(station.clone()), |listener, replica| {
                    rng::run(listener, replica, station, settings)
                })
                .await
            }
            Self::Hasher(Run { settings, common }) => {
                let station = settings.station();
                listening(hasher::SERVICE, &common, Some(station.clone()), |listener, replica| {
                    hasher::run(listener, replica, station, settings)
                })
                .await
            }
            Self::Worker(Run { settings, common }) => {
                let station = worker::station(&settings);
                hosted(worker::SERVICE, &common, Some(station.clone()), |replica, _| {
                    worker::run(replica, station, settings)
                })
                .await
            }
            Self::Webui(Run { settings, common }) => {
                listening(webui::SERVICE, &common, None, |listener, replica| {
                    webui::run(listener, replica, settings)
                })
                .await
            }
            Self::Store(Run { settings, common }) => {
                listening(STORE, &common, None, |listener, replica| {
                    store::run(listener, settings, replica.shutdown)
                })
                .await
            }
            Self::Echo(Run { settings, common }) => {
                let station = settings.station();
                listening(echo::SERVICE, &common, Some(station.clone()), |listener, replica| {
                    echo::run(listener, replica, station, settings)
                })
                .await
            }
            Self::Forward(Run { settings, common }) => {
                let service = if settings.has_routes() { FORWARD_ROUTES } else { FORWARD };
                hosted(service, &common, None, |replica, listener| forward::run(listener, replica, settings))
                    .await
            }
        }
    }
}

async fn listening<R, F, E>(
    service: Hosted,
    common: &CommonArgs,
    station: Option<Station>,
    run: R,
) -> anyhow::Result<ExitCode>
where
    R: FnOnce(TcpListener, Replica) -> F,
    F: Future<Output = Result<(), E>>,
    E: Error + Send + Sync + 'static,
{
    hosted(service, common, station, |replica, listener| async move {
        match listener {
            Some(listener) => run(listener, replica).await.map_err(anyhow::Error::from),
            None => anyhow::bail!("{} has no port to listen on", service.name),
        }
    })
    .await
}

async fn hosted<R, F, E>(
    service: Hosted,
    common: &CommonArgs,
    station: Option<Station>,
    run: R,
) -> anyhow::Result<ExitCode>
where
    R: FnOnce(Replica, Option<TcpListener>) -> F,
    F: Future<Output = Result<(), E>>,
    E: Into<anyhow::Error>,
{
    telemetry::init(common.log_format);
    Ok(match host(service, common, station, run).await?.map_err(Into::into)? {
        Ended::Finished => ExitCode::SUCCESS,
        Ended::GraceExceeded => ExitCode::FAILURE,
    })
}
