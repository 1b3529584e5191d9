//! The SHA-256 service: `POST /` answers with the lower-case hex digest of the body.
//!
//! ```text
//! settings   station, size limit
//! digest     hashing a body as it streams in
//! service    which request is answered how
//! ```

mod digest;
mod service;
mod settings;

pub use settings::Settings;

use dockercoins_kit::Replica;
use dockercoins_kit::host::Service;
use dockercoins_kit::station::Station;
use tokio::net::TcpListener;

/// Name and port, as the original's.
pub const SERVICE: Service = Service { name: "hasher", port: Some(80) };

/// Serves `listener` until the replica is shut down. Fails only if its metrics are registered already.
pub async fn run(
    listener: TcpListener,
    replica: Replica,
    station: Station,
    settings: Settings,
) -> Result<(), prometheus::Error> {
    let shutdown = replica.shutdown.clone();
    let hasher = service::Hasher::new(&replica, station, &settings)?;
    dockercoins_kit::serve::serve(listener, shutdown, move |request| {
        let hasher = hasher.clone();
        async move { hasher.answer(request).await }
    })
    .await;
    Ok(())
}
