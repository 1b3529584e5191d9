//! The workers' counters while something is done to the application: read over and over, whoever of them answers.

use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use tokio::time::timeout;

use crate::backend::{Backend, BackendError, Replica, Service};
use crate::measure::MeasureError;
use crate::scrape::Metrics;
use crate::stop::Stop;
use crate::tape::{Reading, Tape};

/// From one round of reading to the next: short enough that no cycle's end is missed.
const BETWEEN_ROUNDS: Duration = Duration::from_millis(50);

/// A replica that takes longer to answer is passed over, or the others would not be read meanwhile.
const ANSWERS_WITHIN: Duration = Duration::from_millis(500);

/// Readings of workers.
#[derive(Debug)]
pub(super) struct Recording {
    workers: Vec<Replica>,
    /// How many there were at first.
    count: usize,
    pub(super) tape: Tape,
}

impl Recording {
    /// Of the workers that are ready now.
    pub(super) async fn start<B: Backend>(backend: &B) -> Result<Self, BackendError> {
        let workers = backend.replicas(Service::Worker).await?;
        Ok(Self { count: workers.len(), workers, tape: Tape::default() })
    }

    /// Goes on while `doing` is done, and after that until `enough` of what is known by then; the former's result. `live` is told
    /// the throughput now and then.
    pub(super) async fn during<B: Backend, T>(
        &mut self,
        backend: &B,
        doing: impl Future<Output = Result<T, BackendError>>,
        stop: &Stop,
        live: &mut dyn FnMut(f64),
        mut enough: impl FnMut(&Tape, f64) -> bool,
    ) -> Result<T, MeasureError> {
        let mut doing = pin!(doing);
        let mut done = None;
        loop {
            tokio::select! {
                biased;
                () = stop.wait() => return Err(MeasureError::Stopped),
                outcome = &mut doing, if done.is_none() => done = Some(outcome?),
                read = self.round(backend) => {
                    read?;
                    live(self.tape.recent_rate(backend.now()));
                    if done.is_some() && enough(&self.tape, backend.now()) {
                        break;
                    }
                }
            }
        }
        done.ok_or(MeasureError::Stopped)
    }

    /// The same with nothing to do, for so long.
    pub(super) async fn lasting<B: Backend>(
        &mut self,
        backend: &B,
        time: Duration,
        stop: &Stop,
        live: &mut dyn FnMut(f64),
    ) -> Result<(), MeasureError> {
        let until = backend.now() + time.as_secs_f64();
        self.during(backend, async { Ok(()) }, stop, live, |_, now| now >= until).await
    }

    async fn round<B: Backend>(&mut self, backend: &B) -> Result<(), BackendError> {
        backend.sleep(BETWEEN_ROUNDS).await;
        let mut all_read = true;
        for worker in &self.workers {
            match timeout(ANSWERS_WITHIN, backend.admin_get(worker, "/metrics")).await {
                Ok(Ok(text)) => {
                    self.tape.record(worker, Reading::new(backend.now(), &Metrics::parse(&text)));
                }
                _ => all_read = false,
            }
        }
        self.tape.end_round();
        if !all_read || self.workers.len() < self.count {
            // Another may have taken its place, at another address.
            self.workers = backend.replicas(Service::Worker).await?;
        }
        Ok(())
    }

    /// Hashes per second since `from`, in seconds since the Unix epoch, as far as they are known; `None` before two have been mined.
    pub(super) fn throughput_from(&self, from: f64) -> Option<f64> {
        let counted = self.tape.counted();
        let (first, last) = counted.span()?;
        counted.rate_between(first.max(from), last).map(|rate| rate.0)
    }

    /// Errors that workers have met between two instants, in seconds since the Unix epoch.
    pub(super) fn errors(&self, from: f64, to: f64) -> f64 {
        self.tape.added(Service::Worker, from, to).iter().map(|(_, added)| added.errors).sum()
    }
}
