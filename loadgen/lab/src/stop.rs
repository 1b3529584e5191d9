//! ^C, as the lab sees it: a latch that every wait looks at.

use tokio::sync::watch;

/// How often a stop was asked for, counted by whoever listens for signals.
#[derive(Clone, Debug)]
pub struct Stop(watch::Receiver<u32>);

/// A latch and the sender that counts it up.
pub fn stop() -> (watch::Sender<u32>, Stop) {
    let (sender, receiver) = watch::channel(0);
    (sender, Stop(receiver))
}

impl Stop {
    /// Resolves when it is time to stop; never, if the sender went away unset.
    pub async fn wait(&self) {
        self.asked(1).await;
    }

    /// Resolves when it is time to stop without waiting for anything: it has been asked for twice.
    pub async fn insisted(&self) {
        self.asked(2).await;
    }

    async fn asked(&self, times: u32) {
        if self.0.clone().wait_for(|asked| *asked >= times).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
