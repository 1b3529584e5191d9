//! The way a replica ends: drain, then close. Owns the two phases and who may trigger them; what each phase means is the
//! business of whoever waits for it.

use tokio::sync::watch;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Phase {
    Running,
    Draining,
    Closing,
}

/// The end that asks for the shutdown. Dropping it closes at once.
#[derive(Debug)]
pub struct Trigger(watch::Sender<Phase>);

/// The end that waits for the shutdown; clones all see the same phase.
#[derive(Clone, Debug)]
pub struct Shutdown(watch::Receiver<Phase>);

/// Makes a connected pair.
pub fn shutdown() -> (Trigger, Shutdown) {
    let (sender, receiver) = watch::channel(Phase::Running);
    (Trigger(sender), Shutdown(receiver))
}

impl Trigger {
    /// Readiness fails from here on; requests are still accepted, since routers take a moment to notice.
    pub fn drain(&self) {
        self.raise(Phase::Draining);
    }

    /// No new connection is accepted; what is in flight finishes.
    pub fn close(&self) {
        self.raise(Phase::Closing);
    }

    fn raise(&self, to: Phase) {
        self.0.send_if_modified(|phase| {
            let later = *phase < to;
            *phase = to.max(*phase);
            later
        });
    }
}

impl Shutdown {
    /// Resolves once the replica drains (or closes).
    pub async fn draining(&self) {
        self.reached(Phase::Draining).await;
    }

    /// Resolves once the replica closes.
    pub async fn closing(&self) {
        self.reached(Phase::Closing).await;
    }

    /// Whether the replica drains (or closes) already.
    pub fn is_draining(&self) -> bool {
        *self.0.borrow() >= Phase::Draining
    }

    async fn reached(&self, wanted: Phase) {
        let mut receiver = self.0.clone();
        // An error means that the trigger is gone, and nobody is left who could close us later.
        let _ = receiver.wait_for(|phase| *phase >= wanted).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn closing_implies_draining_and_phases_never_go_back() {
        let (trigger, shutdown) = shutdown();
        assert!(!shutdown.is_draining());
        trigger.close();
        trigger.drain();
        shutdown.draining().await;
        shutdown.closing().await;
        assert!(shutdown.is_draining());
    }

    #[tokio::test]
    async fn a_dropped_trigger_closes() {
        let (trigger, shutdown) = shutdown();
        drop(trigger);
        shutdown.closing().await;
    }
}
