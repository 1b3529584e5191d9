//! Running real commands. Owns what becomes of a command when nobody waits for it any more: docker-compose must not be killed
//! in the middle of starting containers, or what it leaves behind cannot be told.

use std::io;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, BufReader};
use tokio::process::Child;
use tokio::sync::{Mutex, OwnedMutexGuard, mpsc, oneshot};
use tokio::time::{Instant, sleep, timeout, timeout_at};

use super::invocation::Invocation;
use super::runner::{Output, RunError, Runner};

/// What a command gets to finish once nobody waits for it.
const TO_FINISH: Duration = Duration::from_secs(10);

/// What it gets after the interrupt that follows.
const TO_GIVE_UP: Duration = Duration::from_secs(5);

/// How long after a command has ended its output may still come.
const TO_SAY_MORE: Duration = Duration::from_millis(500);

/// What is read of its output at once, in bytes.
const CHUNK: usize = 8 * 1024;

/// What is kept of each of its outputs, in bytes: more than all objects of a large cluster as JSON, and less than would fill the
/// memory if it never stops.
const LONGEST: usize = 64 * 1024 * 1024;

/// Runs commands as children.
#[derive(Debug, Default)]
pub(crate) struct Shell {
    turn: Arc<Mutex<()>>,
}

impl Runner for Shell {
    async fn run(&self, command: &Invocation) -> Result<Output, RunError> {
        let turn = self.turn.clone().lock_owned().await;
        let (child, unfinished) = spawn(command)?;
        let (answer, result) = oneshot::channel();
        tokio::spawn(attend(child, unfinished, command.within, answer, turn));
        result.await.unwrap_or(Err(RunError::TimedOut))
    }

    fn follow(&self, command: &Invocation) -> Result<mpsc::Receiver<String>, RunError> {
        let (mut child, unfinished) = spawn(command)?;
        let (sender, receiver) = mpsc::channel(64);
        let stdout = child.stdout.take();
        tokio::spawn(async move {
            let _until_here = (unfinished, child);
            let Some(stdout) = stdout else { return };
            let mut lines = BufReader::new(stdout).lines();
            loop {
                let line = tokio::select! {
                    line = lines.next_line() => line,
                    () = sender.closed() => break,
                };
                let Ok(Some(line)) = line else { break };
                if sender.send(line).await.is_err() {
                    break;
                }
            }
        });
        Ok(receiver)
    }
}

/// Starts `command`. Its end is seen to from now on, even if the runtime ends before anybody else gets to attend to it.
fn spawn(command: &Invocation) -> Result<(Child, Unfinished), RunError> {
    let child = command
        .program()
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        // A terminal's ^C is for the lab, which decides when to stop what.
        .process_group(0)
        .kill_on_drop(true)
        .spawn()
        .map_err(RunError::NotRun)?;
    let unfinished = Unfinished(Some(Group::of(&child)));
    Ok((child, unfinished))
}

/// Sees `child` to its end, whether or not somebody still waits for the answer.
async fn attend(
    child: Child,
    mut unfinished: Unfinished,
    within: Duration,
    mut answer: oneshot::Sender<Result<Output, RunError>>,
    _turn: OwnedMutexGuard<()>,
) {
    let mut ended = Box::pin(ended(child));
    tokio::select! {
        output = &mut ended => {
            unfinished.0 = None;
            let _ = answer.send(output.map_err(RunError::NotRun));
        }
        () = sleep(within) => {
            let _ = answer.send(Err(RunError::TimedOut));
        }
        () = answer.closed() => {
            let mut finished = timeout(TO_FINISH, &mut ended).await.is_ok();
            if !finished {
                unfinished.signal(Signal::INT);
                finished = timeout(TO_GIVE_UP, &mut ended).await.is_ok();
            }
            if finished {
                unfinished.0 = None;
            }
        }
    }
}

/// A command that is killed with all its own children when this is dropped, as it is where the lab ends without waiting.
struct Unfinished(Option<Group>);

impl Unfinished {
    fn signal(&self, signal: Signal) {
        if let Some(group) = self.0 {
            group.signal(signal);
        }
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        self.signal(Signal::KILL);
    }
}

/// What `child` left behind. Its end is enough: something that it has started and left running may keep its pipes open.
async fn ended(mut child: Child) -> io::Result<Output> {
    let (stdout, stderr) = (read(child.stdout.take()), read(child.stderr.take()));
    let success = child.wait().await?.success();
    let deadline = Instant::now() + TO_SAY_MORE;
    Ok(Output { success, stdout: text(stdout, deadline).await, stderr: text(stderr, deadline).await })
}

/// Reads `pipe` for as long as it is open: who still writes there, unheard, is not ended for that. What is too much is left out.
fn read(pipe: Option<impl AsyncRead + Unpin + Send + 'static>) -> mpsc::UnboundedReceiver<Vec<u8>> {
    let (sender, receiver) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        let Some(mut pipe) = pipe else { return };
        let mut chunk = Vec::with_capacity(CHUNK);
        let mut room = LONGEST;
        while pipe.read_buf(&mut chunk).await.is_ok_and(|read| read > 0) {
            chunk.truncate(room);
            room -= chunk.len();
            if chunk.is_empty() {
                continue;
            }
            // Nobody listens once the command has ended.
            let _ = sender.send(std::mem::replace(&mut chunk, Vec::with_capacity(CHUNK)));
        }
    });
    receiver
}

async fn text(mut chunks: mpsc::UnboundedReceiver<Vec<u8>>, deadline: Instant) -> String {
    let mut text = Vec::new();
    while let Ok(Some(chunk)) = timeout_at(deadline, chunks.recv()).await {
        text.extend(chunk);
    }
    String::from_utf8_lossy(&text).into_owned()
}

/// A child and its own children, such as the plugin behind `docker compose`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Group(Option<Pid>);

impl Group {
    pub(crate) fn of(child: &Child) -> Self {
        Self(child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw))
    }

    pub(crate) fn signal(self, signal: Signal) {
        if let Some(group) = self.0 {
            // It may just have ended by itself.
            let _ = kill_process_group(group, signal);
        }
    }
}

#[cfg(test)]
mod tests;
