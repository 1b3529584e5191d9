//! The random byte service: `GET /N` answers with N random bytes, one request at a time.
//!
//! ```text
//! settings   station, size limit, source of randomness
//! bytes      a streamed body of N random bytes
//! service    which request is answered how
//! ```

mod bytes;
mod service;
mod settings;

pub use settings::{Settings, Source};

use dockercoins_kit::Replica;
use dockercoins_kit::host::Service;
use dockercoins_kit::station::Station;
use tokio::net::TcpListener;

/// Name and port, as the original's.
pub const SERVICE: Service = Service { name: "rng", port: Some(80) };

/// Serves `listener` until the replica is shut down. Fails only if its metrics are registered already.
pub async fn run(
    listener: TcpListener,
    replica: Replica,
    station: Station,
    settings: Settings,
) -> Result<(), prometheus::Error> {
    let shutdown = replica.shutdown.clone();
    let rng = service::Rng::new(&replica, station, &settings)?;
    dockercoins_kit::serve::serve(listener, shutdown, move |request| {
        let rng = rng.clone();
        async move { rng.answer(request.method(), request.uri().path()).await }
    })
    .await;
    Ok(())
}
