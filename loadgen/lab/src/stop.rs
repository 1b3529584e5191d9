//! ^C, as the lab sees it: a latch that every wait looks at.

use tokio::sync::watch;

/// Set once, by whoever listens for signals.
#[derive(Clone, Debug)]
pub struct Stop(watch::Receiver<bool>);

/// A latch and the sender that sets it.
pub fn stop() -> (watch::Sender<bool>, Stop) {
    let (sender, receiver) = watch::channel(false);
    (sender, Stop(receiver))
}

impl Stop {
    /// Whether to stop.
    pub fn requested(&self) -> bool {
        *self.0.borrow()
    }

    /// Resolves when it is time to stop; never, if the sender went away unset.
    pub async fn wait(&self) {
        if self.0.clone().wait_for(|stop| *stop).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
