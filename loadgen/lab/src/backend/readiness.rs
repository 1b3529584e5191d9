//! Asking a replica at its admin port whether it is ready.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::time::timeout;

use crate::scrape::{ScrapeError, Scraper};

/// What a replica gets to say that it is ready.
const ANSWERS_WITHIN: Duration = Duration::from_secs(1);

/// In what way a replica is not ready.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Silence {
    /// Nobody listens.
    Nobody,
    /// It says so, or says nothing.
    NotYet,
}

/// Whether the replica whose admin port is `admin` is ready.
pub(super) async fn readiness(scraper: &Scraper, admin: SocketAddr) -> Result<(), Silence> {
    match timeout(ANSWERS_WITHIN, scraper.get(admin, "/readyz")).await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(ScrapeError::Connect { .. } | ScrapeError::Exchange { .. })) => Err(Silence::Nobody),
        _ => Err(Silence::NotYet),
    }
}
