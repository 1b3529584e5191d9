//! The pods as they are now, kept up to date by `kubectl get --watch`. Owns the reading of what it prints; what of it is news is for
//! `news`.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::Deserialize;
use tokio::sync::{Notify, mpsc};
use tokio::task::JoinHandle;

use super::pod::Pod;
use crate::backend::{Event, Service};

mod news;

use news::State;

/// Watches the pods; dropping it ends the watch.
#[derive(Debug)]
pub(super) struct Watch {
    record: Arc<Record>,
    reader: Mutex<JoinHandle<()>>,
}

impl Watch {
    /// Reads the `lines` that the command prints.
    pub(super) fn start(lines: mpsc::Receiver<String>) -> Self {
        let record = Arc::<Record>::default();
        let reader = Mutex::new(tokio::spawn(record.clone().read(lines)));
        Self { record, reader }
    }

    /// Whether the command has ended: the API server ends each watch sooner or later.
    pub(super) fn has_ended(&self) -> bool {
        self.reader.lock().unwrap_or_else(PoisonError::into_inner).is_finished()
    }

    /// Goes on with the `lines` of another.
    pub(super) fn resume(&self, lines: mpsc::Receiver<String>) {
        *self.reader.lock().unwrap_or_else(PoisonError::into_inner) =
            tokio::spawn(self.record.clone().read(lines));
    }

    /// `pods` are all that there are.
    pub(super) fn know(&self, pods: Vec<Pod>) {
        self.record.state().know(pods);
        self.record.changed.notify_waiters();
    }

    /// Until the answer is dropped, what happens to `service` is the lab's own doing.
    pub(super) fn changing(&self, service: Service) -> Changing {
        self.record.state().changing.insert(service);
        Changing { record: self.record.clone(), service }
    }

    /// All pods, by name.
    pub(super) fn pods(&self) -> Vec<Pod> {
        self.record.state().pods.values().cloned().collect()
    }

    /// Resolves when anything has changed from now on.
    pub(super) async fn changed(&self) {
        self.record.changed.notified().await;
    }

    /// What is news since the last call.
    pub(super) fn take_events(&self) -> Vec<Event> {
        std::mem::take(&mut self.record.state().events)
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.reader.lock().unwrap_or_else(PoisonError::into_inner).abort();
    }
}

/// While it lives, the lab changes a service.
#[derive(Debug)]
pub(super) struct Changing {
    record: Arc<Record>,
    service: Service,
}

impl Drop for Changing {
    fn drop(&mut self) {
        self.record.state().changing.remove(&self.service);
    }
}

#[derive(Debug, Default)]
struct Record {
    state: Mutex<State>,
    changed: Notify,
}

impl Record {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn read(self: Arc<Self>, mut lines: mpsc::Receiver<String>) {
        while let Some(line) = lines.recv().await {
            if let Ok(Happened { kind, object }) = serde_json::from_str(&line)
                && let Some(pod) = Pod::parse(&object)
            {
                self.state().take_in(&kind, pod);
                self.changed.notify_waiters();
            }
        }
    }
}

/// A line of the watch.
#[derive(Deserialize)]
struct Happened {
    #[serde(rename = "type")]
    kind: String,
    object: serde_json::Value,
}
