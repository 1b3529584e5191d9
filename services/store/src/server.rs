//! The server: takes connections in, and sees them off when the store is to stop.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use dockercoins_kit::shutdown::{Shutdown, Trigger, shutdown as shutdown_pair};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::access::{Access, Password};
use crate::connection;
use crate::database::Database;
use crate::journal::Error;
use crate::settings::Settings;

/// How long clients may take to fetch the answers to what they had sent before the store stopped.
const FAREWELL: Duration = Duration::from_secs(2);
/// The pause after a failed accept, which usually means that there is no file descriptor left.
const BREATHER: Duration = Duration::from_millis(50);

/// What all connections share.
pub(crate) struct Shared {
    database: Mutex<Database>,
    password: Option<Password>,
    clients: AtomicU64,
    stop: Trigger,
    stopping: Shutdown,
    /// Why the store had to stop by itself.
    failure: Mutex<Option<Error>>,
}

/// Serves clients that connect to `listener`, until `shutdown` closes or a client sends SHUTDOWN: then no more is
/// accepted, the commands received by then are answered, and the connections are closed.
///
/// # Errors
/// The journal cannot be opened or is damaged; or, later, cannot be written to, which stops the store.
pub async fn run(listener: TcpListener, settings: Settings, shutdown: Shutdown) -> Result<(), Error> {
    let shared = Arc::new(Shared::new(Database::open(settings.appendonly.as_deref())?, settings.requirepass));
    let mut connections = JoinSet::new();
    tokio::select! {
        () = shutdown.closing() => {}
        () = shared.stopping() => {}
        () = accept(&listener, &shared, &mut connections) => {}
    }
    drop(listener);
    shared.stop();
    if tokio::time::timeout(FAREWELL, async { while connections.join_next().await.is_some() {} })
        .await
        .is_err()
    {
        tracing::warn!("{} clients did not fetch their last answers in time", connections.len());
        connections.shutdown().await;
    }
    lock(&shared.failure).take().map_or(Ok(()), Err)
}

/// Accepts for ever; a failure to accept passes.
async fn accept(listener: &TcpListener, shared: &Arc<Shared>, connections: &mut JoinSet<()>) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                connections.spawn(connection::serve(stream, Arc::clone(shared)));
            }
            Err(error) => {
                tracing::warn!("cannot accept a connection: {error}");
                tokio::time::sleep(BREATHER).await;
            }
        }
        while connections.try_join_next().is_some() {}
    }
}

impl Shared {
    fn new(database: Database, password: Option<Password>) -> Self {
        let (stop, stopping) = shutdown_pair();
        Self {
            database: Mutex::new(database),
            password,
            clients: AtomicU64::new(0),
            stop,
            stopping,
            failure: Mutex::new(None),
        }
    }

    /// The database, for as long as a batch of commands takes; never across an await.
    pub(crate) fn database(&self) -> MutexGuard<'_, Database> {
        lock(&self.database)
    }

    /// A number that no client had before; the first is 1.
    pub(crate) fn next_client(&self) -> u64 {
        self.clients.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// What a client may do before it has said who it is.
    pub(crate) fn access(&self) -> Access {
        Access::new(self.password.clone())
    }

    /// Makes the store stop.
    pub(crate) fn stop(&self) {
        self.stop.close();
    }

    /// Makes the store stop because it cannot go on.
    pub(crate) fn fail(&self, error: Error) {
        lock(&self.failure).get_or_insert(error);
        self.stop();
    }

    /// Resolves once the store is to stop.
    pub(crate) async fn stopping(&self) {
        self.stopping.closing().await;
    }
}

/// Locks even after a panic elsewhere: each command leaves the data whole, or it would not have been answered.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
