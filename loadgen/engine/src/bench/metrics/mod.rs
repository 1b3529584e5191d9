//! What a run shows while it goes on, for Prometheus to scrape. Owns a thread of its own, so that no scrape disturbs the load;
//! what is counted comes from the chunks that the sending threads hand over anyway.

use std::ops::ControlFlow;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::chunk::Chunk;
use super::run::{Observer, Watch};

mod address;
mod buckets;
mod figures;
mod page;
mod server;

pub use address::MetricsAddress;
pub use server::MetricsError;

use figures::Figures;
use server::Server;

/// Serves `/metrics` until it is dropped.
#[derive(Debug)]
pub(super) struct Metrics {
    figures: Shared,
    server: Server,
}

/// What is counted, and shown.
#[derive(Clone, Debug, Default)]
struct Shared(Arc<Mutex<Figures>>);

impl Metrics {
    /// Listens there.
    pub(super) fn serve(address: &MetricsAddress) -> Result<Self, MetricsError> {
        let figures = Shared::default();
        let shown = figures.clone();
        let server = Server::start(address, move || page::text(&shown.lock()))?;
        Ok(Self { figures, server })
    }

    /// Where the page is.
    pub(super) fn url(&self) -> String {
        format!("http://{}/metrics", self.server.address())
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Figures> {
        // Figures are whole between any two statements that could panic.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Observer for Metrics {
    fn chunk(&mut self, chunk: &Chunk) {
        self.figures.lock().add(chunk);
    }

    fn tick(&mut self, watch: &Watch<'_>) -> ControlFlow<()> {
        self.figures.lock().tick(watch.elapsed);
        ControlFlow::Continue(())
    }
}

#[cfg(test)]
mod tests;
