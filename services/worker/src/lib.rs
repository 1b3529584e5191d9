//! The miner: asks rng for random bytes, has hasher hash them, keeps coins and counts loops in redis.
//!
//! ```text
//! settings   flags and environment            origin     the http:// URL of an upstream
//! cycle      one unit of work, over and over  hash       what hasher answers, checked
//! upstream   rng and hasher, as a caller sees them
//! addresses  which of a name's replicas is next
//! wire       one HTTP/1.1 connection          failure    what can go wrong between us and an upstream
//! ledger     loops, told to redis exactly once
//! wallet     coins                            link       how redis is reached
//! outage     one line when something fails, one when it is back
//! backoff    how long to wait before the next try
//! tally      what the worker counts of itself, read in one instant
//! ```

mod addresses;
mod backoff;
mod cycle;
mod failure;
mod hash;
mod ledger;
mod link;
mod origin;
mod outage;
mod settings;
mod tally;
mod upstream;
mod wallet;
mod wire;

pub use addresses::AddressChoice;
pub use settings::Settings;

use std::convert::Infallible;
use std::sync::Arc;

use dockercoins_kit::Replica;
use dockercoins_kit::host::Service;
use dockercoins_kit::station::{Station, StationSettings};
use tokio::task::{JoinError, JoinSet};

use crate::cycle::Mine;
use crate::ledger::Ledger;
use crate::tally::Tally;

/// Name and port, as the original's: it serves nobody.
pub const SERVICE: Service = Service { name: "worker", port: None };

/// Why a worker could not work.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A metric was registered twice.
    #[error("cannot register the metrics")]
    Metrics(#[from] prometheus::Error),
    /// The redis URL is of a kind that this build does not know.
    #[error("cannot use --redis-url (REDIS_URL)")]
    Redis(#[from] redis::RedisError),
    /// A loop ended, which none ever does by itself.
    #[error("a loop broke: {0}")]
    Loop(JoinError),
}

/// The station in which the loops think: room for all of them, the think time each.
pub fn station(settings: &Settings) -> Station {
    Station::new(StationSettings { service_time: settings.think_time, ..StationSettings::default() })
}

/// Mines until the replica drains. Cycles are then abandoned at their next wait, and the loops that redis does not know
/// of are sent, for as long as that takes: whoever is in a hurry drops the future.
pub async fn run(replica: Replica, station: Station, settings: Settings) -> Result<(), Error> {
    let tally = Arc::new(Tally::new(settings.concurrency));
    tally::register(&tally, &replica.registry)?;
    let mine = Mine::new(&settings, &replica.hostname, station, &tally)?;
    let mut loops = JoinSet::new();
    for _ in 0..settings.concurrency {
        loops.spawn(mine.miner().mine());
    }
    tokio::select! {
        () = replica.shutdown.draining() => {}
        broken = first_broken(&mut loops) => return Err(Error::Loop(broken)),
    }
    loops.shutdown().await;
    let ledger: &Ledger = mine.ledger();
    ledger.close().await;
    Ok(())
}

async fn first_broken(loops: &mut JoinSet<Infallible>) -> JoinError {
    match loops.join_next().await {
        Some(Err(error)) => error,
        // There is at least one loop, and none returns.
        None => std::future::pending().await,
    }
}
