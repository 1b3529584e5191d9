//! `loadgen ping`: one request after the other, a line for each, as httping does it. Owns the order of things.
//!
//! ```text
//! args → plan → lane (one a target) ─→ reporter: page      lines for people, with the ranking of several targets
//!                                               numbers    a number a line
//!                                               json       one document
//!                                               check      Nagios' line
//!                                               graph      the whole terminal
//! ```

use std::future::Future;
use std::io::{self, Write};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::MissedTickBehavior;

use crate::call::Call;
use crate::target::TargetError;
use crate::timeline::Timeline;
use crate::tls::TlsError;

pub mod args;
pub mod check;
mod graph;
mod json;
mod lane;
mod numbers;
mod page;
mod palette;
mod plan;
mod ranking;
mod reporter;
mod spread;
mod tally;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod words;

pub use args::{PingArgs, translated};
use check::Check;
pub use check::State;
use graph::Graph;
use json::Document;
use lane::{Lane, Pong};
use numbers::Numbers;
use page::Page;
use palette::Palette;
use plan::{Form, Plan};
use reporter::{Reporter, Wish};
use tally::Tally;

/// Lines that may wait for a slow terminal.
const BACKLOG: usize = 256;

/// Time between two pictures of what is live.
const FRAME: Duration = Duration::from_millis(100);

/// How a ping ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PingStatus {
    /// At least one answer came, or nobody reads the lines any more.
    Succeeded,
    /// No answer came.
    Failed,
    /// It was stopped before its count was reached.
    Interrupted,
    /// It was a Nagios check.
    Checked(State),
}

impl PingStatus {
    /// What the process should exit with: 0, 1, or 130 as after ^C; a check's own code if it is one.
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::Succeeded => 0,
            Self::Failed => 1,
            Self::Interrupted => 130,
            Self::Checked(state) => state.exit_code(),
        }
    }
}

/// Why pinging had to be given up.
#[derive(Debug, thiserror::Error)]
pub enum PingError {
    /// The lines could not be written.
    #[error("cannot write the output: {0}")]
    Write(#[from] io::Error),
    /// A graph where nobody can see it.
    #[error("-K needs a terminal; leave it out to get lines, or take -m or -M for a program")]
    NoTerminal,
    /// TLS cannot be spoken as the flags have it.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The flags make no URL.
    #[error(transparent)]
    Target(#[from] TargetError),
}

impl PingError {
    /// What the process should exit with: 2 after wrong usage.
    pub const fn exit_code(&self) -> u8 {
        match self {
            Self::Write(_) => 1,
            Self::NoTerminal | Self::Target(_) | Self::Tls(_) => 2,
        }
    }
}

/// What the output is written to.
#[derive(Clone, Copy, Debug, Default)]
pub struct Screen {
    /// Whether a person sees it at once.
    pub is_terminal: bool,
    /// Whether the environment asks for no colours (`NO_COLOR`).
    pub no_color: bool,
}

/// Pings until the count is reached or `stop` resolves, writing a line for each answer to `out` and the statistics at
/// the end. A reader that goes away ends it quietly.
pub async fn ping(
    args: PingArgs,
    out: &mut impl Write,
    screen: Screen,
    stop: impl Future<Output = ()>,
) -> Result<PingStatus, PingError> {
    let plan = Plan::from_args(args)?;
    let calls = plan.calls()?;
    if plan.show.form == Form::Graph && !screen.is_terminal {
        return Err(PingError::NoTerminal);
    }
    let mut reporter = reporter(&plan, out, screen);
    match run(&plan, calls, reporter.as_mut(), stop).await {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(PingStatus::Succeeded),
        done => Ok(done?),
    }
}

fn reporter<'a, W: Write>(plan: &'a Plan, out: &'a mut W, screen: Screen) -> Box<dyn Reporter + 'a> {
    let colours = plan.show.colours || (screen.is_terminal && !screen.no_color);
    match plan.show.form {
        Form::Lines => Box::new(Page::new(out, plan, Palette::new(colours))),
        Form::Graph => Box::new(Graph::new(Page::new(out, plan, Palette::new(colours)), plan, colours)),
        Form::Numbers => Box::new(Numbers::new(out, plan)),
        Form::Json => Box::new(Document::new(out, plan)),
        Form::Check(limits) => Box::new(Check::new(out, plan, limits)),
    }
}

async fn run(
    plan: &Plan,
    calls: Vec<Call>,
    reporter: &mut (dyn Reporter + '_),
    stop: impl Future<Output = ()>,
) -> io::Result<PingStatus> {
    let timeline = Timeline::start();
    reporter.opening()?;
    let mut tallies = vec![Tally::default(); plan.targets.len()];
    let (stopping, stopped) = watch::channel(false);
    // Aborts the lanes if writing fails.
    let mut lanes = JoinSet::new();
    let mut pongs = start(plan, calls, timeline, &stopped, &mut lanes);
    let mut stop = pin!(stop);
    let mut ending = None;
    let mut frames = tokio::time::interval(FRAME);
    frames.set_missed_tick_behavior(MissedTickBehavior::Skip);
    loop {
        tokio::select! {
            pong = pongs.recv() => {
                let Some(pong) = pong else { break };
                tallies[pong.lane].add(&pong.observation);
                reporter.pong(&pong)?;
            }
            () = &mut stop, if ending.is_none() => ending = Some(Wish::Interrupt),
            _ = frames.tick(), if reporter.is_live() => {
                ending = ending.or(reporter.tick(&tallies, timeline.now())?);
            }
        }
        if ending.is_some() {
            stopping.send_replace(true);
        }
    }
    reporter.closing(&tallies, timeline.now())?;
    Ok(status(plan, &tallies, ending == Some(Wish::Interrupt)))
}

fn status(plan: &Plan, tallies: &[Tally], interrupted: bool) -> PingStatus {
    let any = tallies.iter().any(|tally| tally.successes() > 0);
    match (plan.show.form, interrupted) {
        (Form::Check(limits), _) => PingStatus::Checked(State::of_all(tallies, limits)),
        (_, true) => PingStatus::Interrupted,
        (_, false) if any => PingStatus::Succeeded,
        (_, false) => PingStatus::Failed,
    }
}

/// Starts a lane per target; the receiver ends when all lanes have.
fn start(
    plan: &Plan,
    calls: Vec<Call>,
    timeline: Timeline,
    stopped: &watch::Receiver<bool>,
    lanes: &mut JoinSet<()>,
) -> mpsc::Receiver<Pong> {
    let (pongs, received) = mpsc::channel(BACKLOG);
    for (index, call) in calls.into_iter().enumerate() {
        let lane = Lane::new(index, Arc::new(call), plan, timeline, pongs.clone());
        lanes.spawn(lane.run(plan.due(), stopped.clone()));
    }
    received
}
