//! Coins, kept in redis.

use std::sync::Arc;

use bytes::Bytes;
use redis::aio::MultiplexedConnection;
use redis::{AsyncCommands, RedisResult};
use tokio::sync::Mutex;

use crate::hash::Hash;
use crate::link::Link;
use crate::outage::Outage;

/// The hash of coins: from digits to the bytes that were hashed.
const WALLET: &str = "wallet";

/// Where the loops put their coins, over one connection.
#[derive(Debug)]
pub(crate) struct Wallet {
    link: Link,
    outage: Arc<Outage>,
    connection: Mutex<Option<MultiplexedConnection>>,
}

impl Wallet {
    /// A wallet with no connection yet.
    pub(crate) fn new(link: Link, outage: Arc<Outage>) -> Self {
        Self { link, outage, connection: Mutex::new(None) }
    }

    /// Keeps the coin `hash` of `bytes`, trying until redis has it: to keep it twice changes nothing.
    pub(crate) async fn keep(&self, hash: &Hash, bytes: &Bytes) {
        tracing::info!("Coin found: {}...", &hash.as_str()[..8]);
        let mut tries = self.outage.tries();
        let is_new = loop {
            if let Some(is_new) = tries.settle(self.put(hash, bytes).await).await {
                break is_new;
            }
        };
        // After a failure, the coin that is there already may be this one.
        if !is_new && !tries.any_failed() {
            tracing::info!("We already had that coin");
        }
    }

    async fn put(&self, hash: &Hash, bytes: &Bytes) -> RedisResult<bool> {
        let mut connection = self.connection().await?;
        let answer = connection.hset(WALLET, hash.as_str(), bytes.as_ref()).await;
        if answer.is_err() {
            *self.connection.lock().await = None;
        }
        answer
    }

    async fn connection(&self) -> RedisResult<MultiplexedConnection> {
        let mut kept = self.connection.lock().await;
        if let Some(connection) = &*kept {
            return Ok(connection.clone());
        }
        let connection = self.link.connect().await?;
        *kept = Some(connection.clone());
        Ok(connection)
    }
}
