//! Keeping one replica running: start, restart after a crash, stop. Each keeper is a task of its own; others see its
//! [`Status`] and can ask it to stop.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use dockercoins_forward::Backends;
use serde::{Deserialize, Serialize};
use tokio::sync::{oneshot, watch};
use tokio::task::JoinHandle;

use super::backoff::Backoff;
use super::events::Events;
use super::logs::Logs;
use super::process::{Announcement, Ending, Process, Recipe};
use crate::backend::Event;
use crate::clock::unix_seconds;

/// What a replica that does not become ready is given before it is killed and tried again. Longer than what anyone
/// waits for it, so that the one who waits gets to say so first.
const HUNG: Duration = Duration::from_secs(60);

/// What a replica is doing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    /// It was started for the first time and is not ready yet.
    #[default]
    Starting,
    /// It is ready.
    Running,
    /// It was started again and is not ready yet.
    Restarting,
    /// It has ended and waits to be started again.
    Backoff,
}

/// A replica as its keeper sees it.
#[derive(Clone, Debug, Default)]
pub(super) struct Status {
    pub(super) phase: Phase,
    pub(super) pid: Option<u32>,
    pub(super) announced: Option<Announcement>,
    /// Times it was started again.
    pub(super) restarts: u32,
    /// Starts in a row that did not end in readiness.
    pub(super) failed_starts: u32,
    /// How it ended last, as a clause.
    pub(super) last_end: String,
}

/// What keepers share.
#[derive(Clone, Debug)]
pub(super) struct Surroundings {
    pub(super) logs: Logs,
    pub(super) events: Events,
    /// Who is told where the replica serves.
    pub(super) backends: Backends,
    pub(super) grace: Duration,
}

/// A handle to one replica. Dropping it kills the replica.
#[derive(Debug)]
pub(super) struct Keeper {
    pub(super) name: Arc<str>,
    status: watch::Receiver<Status>,
    stop: Option<oneshot::Sender<()>>,
    task: JoinHandle<Option<Ending>>,
}

impl Keeper {
    pub(super) fn start(recipe: Recipe, around: Surroundings) -> Self {
        let name = recipe.replica.clone();
        let (status, seen) = watch::channel(Status::default());
        let (stop, stopping) = oneshot::channel();
        let kept = Kept { recipe, around, status, backoff: Backoff::default(), crash: None };
        Self { name, status: seen, stop: Some(stop), task: tokio::spawn(kept.keep(stopping)) }
    }

    pub(super) fn status(&self) -> Status {
        self.status.borrow().clone()
    }

    /// Follows what becomes of it.
    pub(super) fn watch(&self) -> watch::Receiver<Status> {
        self.status.clone()
    }

    /// Stops the replica without losing a request; tells how it ended, if it was running.
    pub(super) async fn stop(mut self) -> Option<Ending> {
        drop(self.stop.take());
        (&mut self.task).await.unwrap_or_else(|error| Some(Ending::Lost(error.to_string())))
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// The end of a process that nobody asked for, until it can be told what was done about it.
#[derive(Debug)]
struct Crash {
    at_unix_seconds: f64,
    what: String,
    pause: Duration,
}

struct Kept {
    recipe: Recipe,
    around: Surroundings,
    status: watch::Sender<Status>,
    backoff: Backoff,
    crash: Option<Crash>,
}

impl Kept {
    /// Runs until asked to stop (or until nobody is left who could ask).
    async fn keep(mut self, mut stopping: oneshot::Receiver<()>) -> Option<Ending> {
        loop {
            let mut ready_for = Duration::ZERO;
            let ended = match Process::spawn(&self.recipe, &self.around.logs) {
                Ok(mut process) => {
                    self.started(process.pid);
                    tokio::select! {
                        biased;
                        _ = &mut stopping => return Some(self.stop(process).await),
                        ended = self.run(&mut process, &mut ready_for) => ended,
                    }
                }
                Err(error) => {
                    Ending::Lost(format!("cannot run {}: {error}", self.recipe.executable.display()))
                }
            };
            let pause = self.ended(&ended, ready_for);
            tokio::select! {
                biased;
                _ = &mut stopping => {
                    self.report("stopped before it was restarted");
                    return None;
                }
                () = tokio::time::sleep(pause) => {}
            }
        }
    }

    fn started(&mut self, pid: u32) {
        let restarted = self.crash.is_some();
        if let Some(crash) = &self.crash {
            let pause = humantime::format_duration(crash.pause);
            self.report(&format!("restarted after {pause} as pid {pid}"));
        }
        self.status.send_modify(|status| {
            status.pid = Some(pid);
            status.restarts += u32::from(restarted);
            status.phase = if restarted { Phase::Restarting } else { Phase::Starting };
        });
    }

    /// From the start to the end; `ready_for` is how long it was ready in between.
    async fn run(&self, process: &mut Process, ready_for: &mut Duration) -> Ending {
        let announced = match tokio::time::timeout(HUNG, process.ready()).await {
            Ok(Ok(announced)) => announced,
            Ok(Err(ending)) => return ending,
            Err(_) => return Ending::Lost(format!("not ready within {} s", HUNG.as_secs())),
        };
        let since = Instant::now();
        if let Some(address) = announced.address {
            self.around.backends.add(address);
        }
        self.status.send_modify(|status| {
            status.phase = Phase::Running;
            status.announced = Some(announced);
            status.failed_starts = 0;
        });
        let ended = process.ended().await;
        *ready_for = since.elapsed();
        ended
    }

    /// Notes an end that nobody asked for; returns the pause before the next start.
    fn ended(&mut self, ending: &Ending, ready_for: Duration) -> Duration {
        self.leave_forwarder();
        self.report("could not be restarted");
        let pause = self.backoff.after(ready_for);
        let status = self.status.borrow().clone();
        let pid = status.pid.map(|pid| format!(" (pid {pid})")).unwrap_or_default();
        let what = format!("{}{pid} {ending}", self.recipe.replica);
        self.crash = Some(Crash { at_unix_seconds: unix_seconds(), what, pause });
        self.status.send_modify(|status| {
            status.phase = Phase::Backoff;
            status.pid = None;
            status.announced = None;
            status.failed_starts += u32::from(ready_for.is_zero());
            status.last_end = format!("it {ending}");
        });
        pause
    }

    /// Takes the replica out of the forwarder, waits for connections being dialled to it, and ends it.
    async fn stop(&mut self, process: Process) -> Ending {
        if let Some(address) = self.leave_forwarder() {
            self.around.backends.idle(address).await;
        }
        process.stop(self.around.grace).await
    }

    fn leave_forwarder(&self) -> Option<SocketAddr> {
        let address = self.status.borrow().announced.and_then(|announced| announced.address)?;
        self.around.backends.remove(address);
        Some(address)
    }

    fn report(&mut self, outcome: &str) {
        let Some(crash) = self.crash.take() else { return };
        let what = format!("{}; {outcome}", crash.what);
        self.around.logs.push(self.recipe.service, &self.recipe.replica, &what);
        let replica = self.recipe.replica.to_string();
        self.around.events.push(Event { at_unix_seconds: crash.at_unix_seconds, replica, what });
    }
}
