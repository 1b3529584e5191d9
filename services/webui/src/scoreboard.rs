//! What redis knows of the miners' work, and how it is read: over one connection, and quickly or not at all.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use redis::aio::MultiplexedConnection;
use redis::io::tcp::TcpSettings;
use redis::{AsyncConnectionConfig, Client, ConnectionInfo, RedisResult};
use serde::Serialize;
use tokio::sync::Mutex;
use tokio::time::timeout;

/// A page that waits longer than this looks broken.
const PATIENCE: Duration = Duration::from_millis(900);

/// What `/json` answers.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Score {
    /// Coins in the wallet.
    pub(crate) coins: u64,
    /// The counter as redis has it, which is text; nothing before the first worker's first report.
    pub(crate) hashes: Option<String>,
    /// Unix seconds.
    pub(crate) now: f64,
}

/// Why there is no score.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unread {
    #[error("redis does not answer: {0}")]
    Redis(#[from] redis::RedisError),
    #[error("redis does not answer within {} ms", PATIENCE.as_millis())]
    Late,
}

/// Reads scores; clones share the connection.
#[derive(Clone, Debug)]
pub(crate) struct Scoreboard(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    client: Client,
    connection: Mutex<Option<MultiplexedConnection>>,
    unreachable: AtomicBool,
}

impl Scoreboard {
    /// The scoreboard of the redis at `info`; nothing is connected yet.
    pub(crate) fn new(info: ConnectionInfo) -> RedisResult<Self> {
        // Introducing the library to the server would cost a round trip, and some servers do not know the command.
        let introduction = info.redis_settings().clone().set_skip_set_lib_name();
        let tcp = TcpSettings::default().set_nodelay(true);
        let client = Client::open(info.set_redis_settings(introduction).set_tcp_settings(tcp))?;
        Ok(Self(Arc::new(Shared {
            client,
            connection: Mutex::new(None),
            unreachable: AtomicBool::new(false),
        })))
    }

    /// The score as of now.
    pub(crate) async fn read(&self) -> Result<Score, Unread> {
        let read = timeout(PATIENCE, self.0.read()).await.unwrap_or(Err(Unread::Late));
        if read.is_err() {
            // Whatever it is that does not answer, the next reading shall not wait for it again.
            *self.0.connection.lock().await = None;
        }
        match (&read, self.0.unreachable.swap(read.is_err(), Ordering::Relaxed)) {
            (Err(error), false) => tracing::warn!("{error}"),
            (Ok(_), true) => tracing::info!("redis answers again"),
            _ => {}
        }
        read
    }
}

impl Shared {
    async fn read(&self) -> Result<Score, Unread> {
        let kept = self.connection.lock().await.clone();
        if let Some(connection) = kept
            && let Ok(score) = self.read_over(connection).await
        {
            return Ok(score);
        }
        // It may only have been the kept connection, closed since the last reading.
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(PATIENCE))
            .set_response_timeout(Some(PATIENCE));
        let connection = self.client.get_multiplexed_async_connection_with_config(&config).await?;
        Ok(self.read_over(connection).await?)
    }

    async fn read_over(&self, mut connection: MultiplexedConnection) -> RedisResult<Score> {
        let mut look = redis::pipe();
        look.hlen("wallet").get("hashes");
        let (coins, hashes) = look.query_async(&mut connection).await?;
        *self.connection.lock().await = Some(connection);
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64();
        Ok(Score { coins, hashes, now })
    }
}
