//! The web page that draws the mining speed, and the numbers behind it.
//!
//! ```text
//! settings    where redis is
//! site        which path is answered how
//! page        the page: HTML, style and script, compiled in
//! scoreboard  what redis knows, read over one connection
//! events      the same, pushed once a second
//! speed       hashes per second from a counter that grows in steps
//! ```

mod events;
mod page;
mod scoreboard;
mod settings;
mod site;
mod speed;

pub use settings::Settings;

use dockercoins_kit::Replica;
use dockercoins_kit::host::Service;
use dockercoins_kit::serve::serve;
use tokio::net::TcpListener;

use crate::scoreboard::Scoreboard;
use crate::site::Site;

/// Name and port, as the original's.
pub const SERVICE: Service = Service { name: "webui", port: Some(80) };

/// Why the page could not be served.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A metric was registered twice.
    #[error("cannot register the metrics")]
    Metrics(#[from] prometheus::Error),
    /// The redis URL is of a kind that this build does not know.
    #[error("cannot use --redis-url (REDIS_URL)")]
    Redis(#[from] redis::RedisError),
}

/// Serves `listener` until the replica is shut down. Event streams end when it drains, since they would never finish.
pub async fn run(listener: TcpListener, replica: Replica, settings: Settings) -> Result<(), Error> {
    let site = Site::new(&replica, Scoreboard::new(settings.redis_url)?)?;
    serve(listener, replica.shutdown, move |request| {
        let site = site.clone();
        async move { site.answer(request.method(), request.uri().path()).await }
    })
    .await;
    Ok(())
}
