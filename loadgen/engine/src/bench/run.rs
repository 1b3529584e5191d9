//! A whole run: a thread for each shard, and what they have counted, put together while it goes on.

use std::ops::ControlFlow;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant, SystemTime};

use tokio::runtime::{Builder, LocalOptions};
use tokio::sync::watch;

use crate::error::ExchangeError;
use crate::timeline::Timeline;

use super::chunk::{CHUNK, Chunk, Grid};
use super::chunks::Chunks;
use super::collect::Collected;
use super::plan::Plan;
use super::script::Numbers;
use super::shard::Shard;
use super::source::Quota;
use super::tally::Tally;
use super::usage::{Meter, Usage};
use super::{descriptors, preflight};

/// What the names of sending threads begin with.
pub(super) const THREAD_NAME: &str = "load-";

/// What a run leaves behind.
#[derive(Clone, Debug)]
pub struct Run {
    /// When it began.
    pub started_at: SystemTime,
    /// How long it took: to the end of its last request, or of its schedule.
    pub took: Duration,
    /// Whether it was stopped from outside.
    pub interrupted: bool,
    /// Times and outcomes.
    pub collected: Collected,
    /// Everything else that was counted.
    pub tally: Tally,
    /// What each sending thread needed.
    pub usage: Vec<Usage>,
}

/// Why there was no run.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// A thread could not be started.
    #[error("cannot start a thread: {0}; try fewer --threads")]
    Thread(#[source] std::io::Error),
    /// No connection can come about.
    #[error("{0}")]
    Impossible(#[source] Box<ExchangeError>),
}

/// Sees a run while it goes on.
pub trait Observer {
    /// A thread has handed over a chunk.
    fn chunk(&mut self, _chunk: &Chunk) {}

    /// Some time has passed, a tenth of a second or so. The run ends if it breaks off.
    fn tick(&mut self, _watch: &Watch<'_>) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }

    /// The run is over; nothing is seen of it any more. The observer may see another one.
    fn ended(&mut self) {}
}

/// What is known of a run that goes on.
#[derive(Clone, Copy, Debug)]
pub struct Watch<'a> {
    /// What it was meant to be.
    pub plan: &'a Plan,
    /// Since its start.
    pub elapsed: Duration,
    /// What has been handed over.
    pub collected: &'a Collected,
}

/// Nobody looks.
impl Observer for () {}

/// Carries `plan` out, which takes this thread for as long as it takes; ends early when `stop` turns true.
pub fn run(plan: Plan, stop: &watch::Receiver<bool>, observer: &mut dyn Observer) -> Result<Run, RunError> {
    descriptors::raise_limit();
    preflight::check(&plan, stopped(stop.clone())).map_err(|error| RunError::Impossible(error.into()))?;
    let plan = Arc::new(plan);
    let (started_at, timeline) = start(&plan);
    let grid = Grid(plan.warm_up.unwrap_or_default());
    let (quota, numbers) = (Quota::new(plan.own_requests()), Numbers::of(plan.share));
    let (broken_off, break_off) = watch::channel(false);
    let (full, chunks) = channel();
    let mut threads = Vec::new();
    let mut returns = Vec::new();
    for index in 0..plan.threads {
        let (back, empty) = channel();
        let chunks = Chunks::new(grid, Sender::clone(&full), empty);
        let (plan, quota, numbers) = (plan.clone(), quota.clone(), numbers.clone());
        let stops = [stop.clone(), break_off.clone()];
        let body = move || shard(plan, timeline, quota, numbers, chunks, index, stops);
        let thread = std::thread::Builder::new().name(format!("{THREAD_NAME}{index}")).spawn(body);
        threads.push(thread.map_err(RunError::Thread)?);
        returns.push(back);
    }
    drop(full);
    let mut collected = Collected::new(grid.0);
    let mut collecting = Collecting { plan: &plan, timeline, chunks, returns, collected: &mut collected };
    collecting.run(observer, || {
        // The threads are gone if nobody listens.
        let _ = broken_off.send(true);
    });
    observer.ended();
    let (tally, usage) = join(threads)?;
    Ok(Run { started_at, took: tally.ended_at, interrupted: *stop.borrow(), collected, tally, usage })
}

/// The instant that offsets count from, by both clocks: now, unless another one was given.
fn start(plan: &Plan) -> (SystemTime, Timeline) {
    let given = plan.start_at.and_then(|at| Some((at.time(), at.instant()?)));
    let (time, instant) = given.unwrap_or_else(|| (SystemTime::now(), Instant::now()));
    (time, Timeline::starting_at(instant))
}

/// A sending thread, and what it leaves behind.
type Sending = JoinHandle<std::io::Result<(Tally, Usage)>>;

fn shard(
    plan: Arc<Plan>,
    timeline: Timeline,
    quota: Quota,
    numbers: Numbers,
    chunks: Chunks,
    index: usize,
    [stop, break_off]: [watch::Receiver<bool>; 2],
) -> std::io::Result<(Tally, Usage)> {
    let meter = Meter::start();
    let runtime = Builder::new_current_thread().enable_all().build_local(LocalOptions::default())?;
    let ended = async move {
        tokio::select! {
            () = stopped(stop) => {}
            () = stopped(break_off) => {}
        }
    };
    let shard = Rc::new(Shard::new(plan, timeline, quota, numbers, chunks, index));
    let tally = runtime.block_on(shard.run(ended));
    let usage = meter.read();
    runtime.shutdown_background();
    Ok((tally, usage))
}

/// Resolves once `stop` is true.
async fn stopped(mut stop: watch::Receiver<bool>) {
    if stop.wait_for(|stop| *stop).await.is_err() {
        std::future::pending::<()>().await;
    }
}

fn join(threads: Vec<Sending>) -> Result<(Tally, Vec<Usage>), RunError> {
    let (mut tally, mut usage) = (Tally::default(), Vec::new());
    for thread in threads {
        let counted = thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        let (part, used) = counted.map_err(RunError::Thread)?;
        tally.merge(&part);
        usage.push(used);
    }
    Ok((tally, usage))
}

/// Takes chunks in until all threads are done.
struct Collecting<'a> {
    plan: &'a Plan,
    timeline: Timeline,
    chunks: Receiver<Chunk>,
    /// Ways back to the threads, for memory to be used again.
    returns: Vec<Sender<Chunk>>,
    collected: &'a mut Collected,
}

impl Collecting<'_> {
    fn run(&mut self, observer: &mut dyn Observer, break_off: impl Fn()) {
        let mut tick_at = Instant::now() + CHUNK;
        let mut turn = 0;
        loop {
            match self.chunks.recv_timeout(tick_at.saturating_duration_since(Instant::now())) {
                Ok(chunk) => {
                    self.collected.add(&chunk);
                    observer.chunk(&chunk);
                    turn += 1;
                    // Whoever gets it back may have ended.
                    let _ = self.returns[turn % self.returns.len()].send(chunk);
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
            if Instant::now() >= tick_at {
                tick_at = Instant::now() + CHUNK;
                let elapsed = self.timeline.now();
                let watch = Watch { plan: self.plan, elapsed, collected: self.collected };
                if observer.tick(&watch).is_break() {
                    break_off();
                }
            }
        }
    }
}
