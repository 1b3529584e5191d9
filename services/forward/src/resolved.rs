//! The stand-alone forwarder: one port or several, the backends of each being all the addresses of a name.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use dockercoins_kit::listen::{ListenError, listen};
use dockercoins_kit::{Replica, Shutdown};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::forwarder::serve;
use crate::name::Name;
use crate::route::Route;
use crate::settings::Settings;

/// What a client waits while a name has not led anywhere yet, before it is turned away.
const PATIENCE: Duration = Duration::from_secs(3);

/// A route has no port to listen on.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen on {address}; choose another port in --route {route} (FORWARD_ROUTES)")]
pub struct RouteError {
    route: Route,
    address: SocketAddr,
    source: io::Error,
}

/// Forwards until the replica closes, then lets the open connections finish, for 5 s at most. `listener` serves `--to`;
/// routes listen on ports of their own. Ready once every name has been resolved; clients that come before wait for that,
/// for 3 s at most. A name that cannot be resolved is no error: the last known addresses stay, and it is looked up again.
///
/// # Errors
/// If a route's port is taken.
pub async fn run(
    listener: Option<TcpListener>,
    replica: Replica,
    settings: Settings,
) -> Result<(), RouteError> {
    let lanes = lanes(listener, &settings).await?;
    replica.readiness.set(false);
    let backends: Vec<_> = lanes.iter().map(|lane| lane.name.backends()).collect();
    let mut running = JoinSet::new();
    for lane in lanes {
        running.spawn(lane.run(settings.resolve_every, replica.shutdown.clone()));
    }
    let readiness = replica.readiness;
    let resolved = tokio::spawn(async move {
        for backends in backends {
            backends.filled().await;
        }
        readiness.set(true);
    });
    while running.join_next().await.is_some() {}
    resolved.abort();
    Ok(())
}

async fn lanes(listener: Option<TcpListener>, settings: &Settings) -> Result<Vec<Lane>, RouteError> {
    let destination = &settings.destination;
    let single = listener.zip(destination.to.clone());
    let mut lanes: Vec<Lane> =
        single.map(|(listener, to)| Lane { listener, name: Name::new(to) }).into_iter().collect();
    for route in &destination.routes {
        lanes.push(Lane::open(route).await?);
    }
    Ok(lanes)
}

/// One port, and the name that its connections go to.
struct Lane {
    listener: TcpListener,
    name: Name,
}

impl Lane {
    async fn open(route: &Route) -> Result<Self, RouteError> {
        let taken = |ListenError { address, source }| RouteError { route: route.clone(), address, source };
        let listener = listen(None, route.port).await.map_err(taken)?;
        if let Ok(address) = listener.local_addr() {
            tracing::info!("forwarding {address} to {}", route.to);
        }
        Ok(Self { listener, name: Name::new(route.to.clone()) })
    }

    async fn run(self, resolve_every: Duration, shutdown: Shutdown) {
        let backends = self.name.backends();
        tokio::select! {
            never = self.name.keep_resolved(resolve_every) => match never {},
            () = serve(self.listener, backends, PATIENCE, shutdown.closing()) => {}
        }
    }
}

#[cfg(test)]
mod tests;
