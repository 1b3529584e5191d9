//! How redis is reached: the address and the patience, and connections made from them.

use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::io::tcp::TcpSettings;
use redis::{AsyncConnectionConfig, Client, ConnectionInfo, RedisResult};

/// How long redis may take.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Patience {
    pub(crate) connect: Duration,
    pub(crate) response: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { connect: Duration::from_secs(1), response: Duration::from_secs(2) }
    }
}

/// Makes connections to one redis.
#[derive(Clone, Debug)]
pub(crate) struct Link {
    client: Client,
    config: AsyncConnectionConfig,
}

impl Link {
    /// The way to `info`; nothing is connected yet.
    pub(crate) fn new(info: ConnectionInfo, patience: Patience) -> RedisResult<Self> {
        // Introducing the library to the server would cost a round trip, and some servers do not know the command.
        let introduction = info.redis_settings().clone().set_skip_set_lib_name();
        let tcp = TcpSettings::default().set_nodelay(true);
        let client = Client::open(info.set_redis_settings(introduction).set_tcp_settings(tcp))?;
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(patience.connect))
            .set_response_timeout(Some(patience.response));
        Ok(Self { client, config })
    }

    /// A new connection, which never reconnects by itself: whoever uses it has to know that it broke.
    pub(crate) async fn connect(&self) -> RedisResult<MultiplexedConnection> {
        self.client.get_multiplexed_async_connection_with_config(&self.config).await
    }
}
