//! A store on a free port, as the tests start and stop it.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::time::Duration;

use dockercoins_kit::shutdown::{Trigger, shutdown};
use dockercoins_store::{Error, Settings, run};
use redis::RedisResult;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// The longest that anything in a test may take.
pub(crate) const DEADLINE: Duration = Duration::from_secs(20);

/// A running store.
pub(crate) struct Store {
    pub(crate) address: SocketAddr,
    trigger: Trigger,
    running: JoinHandle<Result<(), Error>>,
}

impl Store {
    /// Starts a store that keeps nothing.
    pub(crate) async fn start() -> Self {
        Self::with(Settings::default()).await
    }

    /// Starts a store that keeps its data in a journal.
    pub(crate) async fn kept_in(journal: &Path) -> Self {
        Self::with(Settings { appendonly: Some(journal.to_owned()), ..Settings::default() }).await
    }

    /// Starts a store that asks for a password.
    pub(crate) async fn guarded_by(password: &str) -> Self {
        let requirepass = Some(password.parse().unwrap());
        Self::with(Settings { requirepass, ..Settings::default() }).await
    }

    async fn with(settings: Settings) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let (trigger, shutdown) = shutdown();
        let running = tokio::spawn(run(listener, settings, shutdown));
        Self { address, trigger, running }
    }

    /// A connection as applications make it.
    pub(crate) async fn client(&self) -> redis::aio::MultiplexedConnection {
        self.client_with("").await
    }

    /// A connection that reads RESP3.
    pub(crate) async fn resp3_client(&self) -> redis::aio::MultiplexedConnection {
        self.client_with("/?protocol=resp3").await
    }

    async fn client_with(&self, options: &str) -> redis::aio::MultiplexedConnection {
        self.client_as("", options).await.unwrap()
    }

    /// A connection of a client that says who it is: USER:PASSWORD@, or nothing.
    pub(crate) async fn client_as(
        &self,
        who: &str,
        options: &str,
    ) -> RedisResult<redis::aio::MultiplexedConnection> {
        let client = redis::Client::open(format!("redis://{who}{}{options}", self.address)).unwrap();
        let patient = redis::AsyncConnectionConfig::new()
            .set_connection_timeout(Some(DEADLINE))
            .set_response_timeout(Some(DEADLINE));
        client.get_multiplexed_async_connection_with_config(&patient).await
    }

    /// A bare connection.
    pub(crate) async fn socket(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    /// Asks the store to close, without waiting for it.
    pub(crate) fn close(&self) {
        self.trigger.close();
    }

    /// How the store ended; it must have been asked to.
    pub(crate) async fn ended(self) -> Result<(), Error> {
        tokio::time::timeout(DEADLINE, self.running).await.expect("the store should end").unwrap()
    }

    /// Ends the store without giving it a chance to do anything more.
    pub(crate) async fn kill(self) {
        self.running.abort();
        assert!(self.running.await.unwrap_err().is_cancelled());
    }
}
