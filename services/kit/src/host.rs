//! The life of a replica: bind, announce, run, and end within the grace period.

use std::future::Future;
use std::net::SocketAddr;

use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use crate::admin::Admin;
use crate::faults::Faults;
use crate::lifeline::{Announcement, Lifeline};
use crate::listen::{ListenError, listen};
use crate::replica::Replica;
use crate::settings::CommonArgs;
use crate::shutdown::{Trigger, shutdown};
use crate::station::Station;
use crate::{metrics, process};

/// The port of the admin listener unless it is set.
pub const ADMIN_PORT: u16 = 9090;

/// What a service is, as far as its life is concerned.
#[derive(Clone, Copy, Debug)]
pub struct Service {
    /// Its name, such as `rng`.
    pub name: &'static str,
    /// The port that it listens on unless it is set; `None` if it serves nobody.
    pub port: Option<u16>,
}

/// Why a replica could not live.
#[derive(Debug, thiserror::Error)]
pub enum HostError {
    /// The address is taken, or not ours.
    #[error("cannot listen on {address}; choose another with {flag}")]
    Listen {
        /// The address asked for.
        address: SocketAddr,
        /// The flag and the variable that set it.
        flag: &'static str,
        /// The cause.
        source: std::io::Error,
    },
    /// `--supervised` without a supervisor.
    #[error("--supervised wants a Unix socket as standard input: {0}")]
    Lifeline(std::io::Error),
    /// The process cannot be told to stop.
    #[error("cannot wait for signals: {0}")]
    Signals(std::io::Error),
    /// A metric was registered twice.
    #[error("cannot register the metrics")]
    Metrics(#[from] prometheus::Error),
}

/// How a replica's run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// By itself, or by finishing what was in flight after being told to stop.
    Finished,
    /// The grace period ran out with work unfinished.
    GraceExceeded,
}

/// Runs `service` for as long as it lives. `run` gets the replica and, if the service listens, its listener.
pub async fn host<R, F, E>(
    service: Service,
    common: &CommonArgs,
    station: Option<Station>,
    run: R,
) -> Result<Result<Ended, E>, HostError>
where
    R: FnOnce(Replica, Option<TcpListener>) -> F,
    F: Future<Output = Result<(), E>>,
{
    let listener = match service.port {
        Some(port) => Some(listen(common.listen, port).await.map_err(choose_another("--listen (LISTEN)"))?),
        None => None,
    };
    let admin = listen(common.admin_listen, ADMIN_PORT).await;
    let admin = admin.map_err(choose_another("--admin-listen (ADMIN_LISTEN)"))?;
    let (trigger, shutdown) = shutdown();
    let mut replica = Replica::new(service.name, common.hostname(), shutdown);
    replica.faults = Faults::new(common.enable_faults);
    process::register(&replica.registry)?;
    build_info(&replica)?;
    if let Some(station) = &station {
        metrics::station(&replica.registry, station)?;
    }
    let stop = stop_requested(common, listener.as_ref(), &admin).await?;
    tracing::info!("{}", started(service, &replica, listener.as_ref(), &admin));
    // Kept to the end, so that the last moments of a replica can still be watched.
    let (_admin_trigger, admin_shutdown) = crate::shutdown::shutdown();
    tokio::spawn(Admin::new(replica.clone(), station).run(admin, admin_shutdown));
    let ended = end_gracefully(common, &trigger, stop, run(replica, listener)).await;
    if matches!(ended, Ok(Ended::GraceExceeded)) {
        let period = humantime::format_duration(common.grace_period);
        tracing::warn!(
            "work was still unfinished after {period}; a longer time: --grace-period (GRACE_PERIOD)"
        );
    }
    Ok(ended)
}

async fn end_gracefully<E>(
    common: &CommonArgs,
    trigger: &Trigger,
    stop: impl Future<Output = Stop>,
    run: impl Future<Output = Result<(), E>>,
) -> Result<Ended, E> {
    let mut run = std::pin::pin!(run);
    let stop = tokio::select! {
        ended = &mut run => return ended.map(|()| Ended::Finished),
        stop = stop => stop,
    };
    tracing::info!("stopping: {}", stop.reason());
    trigger.drain();
    if !common.grace_pause.is_zero() && stop == Stop::Signal {
        let _ = tokio::time::timeout(common.grace_pause, &mut run).await;
    }
    trigger.close();
    match tokio::time::timeout(common.grace_period, run).await {
        Ok(ended) => ended.map(|()| Ended::Finished),
        Err(_) => Ok(Ended::GraceExceeded),
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stop {
    Signal,
    SupervisorGone,
}

impl Stop {
    const fn reason(self) -> &'static str {
        match self {
            Self::Signal => "a signal asked for it",
            Self::SupervisorGone => "the supervisor is gone",
        }
    }
}

/// Announces the replica if it is supervised; the future resolves when it has to stop.
async fn stop_requested(
    common: &CommonArgs,
    listener: Option<&TcpListener>,
    admin: &TcpListener,
) -> Result<impl Future<Output = Stop> + use<>, HostError> {
    let mut terminate = signal(SignalKind::terminate()).map_err(HostError::Signals)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(HostError::Signals)?;
    let lifeline = if common.supervised {
        let mut lifeline = Lifeline::from_stdin().map_err(HostError::Lifeline)?;
        let address = listener.map(TcpListener::local_addr).transpose().map_err(HostError::Lifeline)?;
        let admin = admin.local_addr().map_err(HostError::Lifeline)?;
        lifeline.announce(&Announcement { address, admin }).await.map_err(HostError::Lifeline)?;
        Some(lifeline)
    } else {
        None
    };
    Ok(async move {
        let severed = async {
            match lifeline {
                Some(lifeline) => lifeline.severed().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = terminate.recv() => Stop::Signal,
            _ = interrupt.recv() => Stop::Signal,
            () = severed => Stop::SupervisorGone,
        }
    })
}

fn choose_another(flag: &'static str) -> impl FnOnce(ListenError) -> HostError {
    move |ListenError { address, source }| HostError::Listen { address, flag, source }
}

fn build_info(replica: &Replica) -> Result<(), prometheus::Error> {
    let service = replica.service;
    metrics::snapshot(&replica.registry, "dockercoins_build", move |readings| {
        let labels = [("service", service), ("version", env!("CARGO_PKG_VERSION"))];
        readings.gauge("dockercoins_build_info", "Always 1; the labels tell.", &labels, 1.0);
    })
}

fn started(
    service: Service,
    replica: &Replica,
    listener: Option<&TcpListener>,
    admin: &TcpListener,
) -> String {
    let at = |listener: &TcpListener| listener.local_addr().map_or("?".into(), |address| address.to_string());
    let serving = listener.map_or(String::new(), |listener| format!(" on {}", at(listener)));
    format!("{} running as {}{serving}, admin on {}", service.name, replica.hostname, at(admin))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_cause_of_a_taken_port_is_told_once() {
        let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let error = listen(taken.local_addr().ok(), 80).await.unwrap_err();
        let error = choose_another("--listen (LISTEN)")(error);
        let cause = std::error::Error::source(&error).expect("a cause").to_string();
        assert!(cause.contains("in use") && !error.to_string().contains(&cause), "{error}: {cause}");
    }
}
