//! `loadgen ping`: one request after the other, a line for each, as httping does it. Owns the order of things; the
//! flags are in [`args`], the requests in `lane`, the words in `page`.

use std::future::Future;
use std::io::{self, Write};
use std::pin::pin;
use std::sync::Arc;

use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

use crate::timeline::Timeline;

pub mod args;
mod lane;
mod page;
mod tally;
#[cfg(test)]
mod tests;

pub use args::PingArgs;
use args::Plan;
use lane::{Lane, Pong};
use page::Page;
use tally::Tally;

/// Lines that may wait for a slow terminal.
const BACKLOG: usize = 256;

/// How a ping ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PingStatus {
    /// At least one answer came, or nobody reads the lines any more.
    Succeeded,
    /// No answer came.
    Failed,
    /// It was stopped before its count was reached.
    Interrupted,
}

impl PingStatus {
    /// What the process should exit with: 0, 1, or 130 as after ^C.
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::Succeeded => 0,
            Self::Failed => 1,
            Self::Interrupted => 130,
        }
    }
}

/// Why pinging had to be given up.
#[derive(Debug, thiserror::Error)]
pub enum PingError {
    /// The lines could not be written.
    #[error("cannot write the output: {0}")]
    Write(#[from] io::Error),
}

/// Pings until the count is reached or `stop` resolves, writing a line for each answer to `out` and the statistics at
/// the end. A reader that goes away ends it quietly.
pub async fn ping(
    args: PingArgs,
    out: &mut impl Write,
    stop: impl Future<Output = ()>,
) -> Result<PingStatus, PingError> {
    match run(&args.plan(), out, stop).await {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(PingStatus::Succeeded),
        done => Ok(done?),
    }
}

async fn run(plan: &Plan, out: &mut impl Write, stop: impl Future<Output = ()>) -> io::Result<PingStatus> {
    let timeline = Timeline::start();
    let mut page = Page::new(out, &plan.targets);
    page.opening()?;
    let mut tallies = vec![Tally::default(); plan.targets.len()];
    let (stopping, stopped) = watch::channel(false);
    // Aborts the lanes if writing fails.
    let mut lanes = JoinSet::new();
    let mut pongs = start(plan, timeline, &stopped, &mut lanes);
    let mut stop = pin!(stop);
    let mut interrupted = false;
    loop {
        tokio::select! {
            pong = pongs.recv() => {
                let Some(pong) = pong else { break };
                tallies[pong.lane].add(&pong.observation.sample);
                page.line(&pong)?;
            }
            () = &mut stop, if !interrupted => {
                interrupted = true;
                let _ = stopping.send(true);
            }
        }
    }
    page.closing(&tallies, timeline.now())?;
    let any = tallies.iter().any(|tally| tally.successes() > 0);
    Ok(match (interrupted, any) {
        (true, _) => PingStatus::Interrupted,
        (false, true) => PingStatus::Succeeded,
        (false, false) => PingStatus::Failed,
    })
}

/// Starts a lane per target; the receiver ends when all lanes have.
fn start(
    plan: &Plan,
    timeline: Timeline,
    stopped: &watch::Receiver<bool>,
    lanes: &mut JoinSet<()>,
) -> mpsc::Receiver<Pong> {
    let (pongs, received) = mpsc::channel(BACKLOG);
    for (index, target) in plan.targets.iter().enumerate() {
        let call = Arc::new(plan.call(target));
        let lane = Lane::new(index, call, plan.limit(), timeline, pongs.clone());
        lanes.spawn(lane.run(plan.due(), stopped.clone()));
    }
    received
}
