//! The chunks of one thread, one after the other. Owns handing each over when its time is up, and using its memory again.

use std::sync::mpsc::{Receiver, Sender};
use std::time::Duration;

use crate::sample::Sample;

use super::chunk::{Chunk, Grid, Standing};

/// Records into the chunk of now.
#[derive(Debug)]
pub(super) struct Chunks {
    current: Chunk,
    grid: Grid,
    full: Sender<Chunk>,
    empty: Receiver<Chunk>,
}

impl Chunks {
    /// Chunks on `grid` that go to `full`, and come back through `empty` once they have been read.
    pub(super) fn new(grid: Grid, full: Sender<Chunk>, empty: Receiver<Chunk>) -> Self {
        Self { current: Chunk::at(Duration::ZERO, grid), grid, full, empty }
    }

    /// Adds a sample, which was done just now.
    pub(super) fn record(&mut self, sample: &Sample, lag: Duration) {
        if self.current.is_over(sample.done_at) {
            self.turn(sample.done_at);
        }
        self.current.record(sample, lag);
    }

    /// Counts a request that is due now and is not sent, since too many wait.
    pub(super) fn overflow(&mut self, now: Duration) {
        if self.current.is_over(now) {
            self.turn(now);
        }
        self.current.overflow();
    }

    /// Time passes, with a sample or without; the thread stands like this.
    pub(super) fn pass(&mut self, now: Duration, standing: Standing) {
        if self.current.is_over(now) {
            self.turn(now);
        }
        self.current.stand(standing);
    }

    /// Hands the last one over.
    pub(super) fn finish(&mut self) {
        self.turn(self.current.to());
    }

    fn turn(&mut self, now: Duration) {
        let next = match self.empty.try_recv() {
            Ok(mut chunk) => {
                chunk.begin(now, self.grid);
                chunk
            }
            Err(_) => Chunk::at(now, self.grid),
        };
        // Whoever collects them outlives the threads; if not, nobody asks for them.
        let _ = self.full.send(std::mem::replace(&mut self.current, next));
    }
}
