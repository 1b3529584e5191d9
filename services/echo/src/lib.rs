//! The echo service: answers any request with what it received, after a service time whose law is known. So it is what a
//! load generator is calibrated against, and what a workshop looks at proxies and load balancers with.
//!
//! ```text
//! settings   station, format, sizes and their limits
//! service    which request is answered how
//! received   what came: who sent it, the head, the body
//! format     text or JSON, and who asked for which
//! text json  what came, written down
//! filler     a body of as many bytes as asked for
//! bytes chunked status delay    the paths that ask for something else than an echo, one a file
//! ```

mod bytes;
mod chunked;
mod delay;
mod filler;
mod format;
mod json;
mod received;
mod service;
mod settings;
mod status;
mod text;

pub use format::Format;
pub use settings::Settings;

use dockercoins_kit::Replica;
use dockercoins_kit::host::Service;
use dockercoins_kit::serve::{Protocols, serve_each};
use dockercoins_kit::station::Station;
use tokio::net::TcpListener;

/// Name and port.
pub const SERVICE: Service = Service { name: "echo", port: Some(80) };

/// Serves `listener` until the replica is shut down. Fails only if its metrics are registered already.
pub async fn run(
    listener: TcpListener,
    replica: Replica,
    station: Station,
    settings: Settings,
) -> Result<(), prometheus::Error> {
    let shutdown = replica.shutdown.clone();
    let echo = service::Echo::new(&replica, station, &settings)?;
    serve_each(listener, shutdown, Protocols::Http1And2, |stream| {
        let (echo, client) = (echo.clone(), received::client(stream));
        move |request| {
            let (echo, client) = (echo.clone(), client.clone());
            async move { echo.answer(&client, request).await }
        }
    })
    .await;
    Ok(())
}
