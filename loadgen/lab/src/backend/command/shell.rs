//! Running real commands. Owns what becomes of a command when nobody waits for it any more: docker-compose must not be killed
//! in the middle of starting containers, or what it leaves behind cannot be told.

use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Child;
use tokio::sync::{Mutex, OwnedMutexGuard, mpsc, oneshot};
use tokio::time::{sleep, timeout};

use super::invocation::Invocation;
use super::runner::{Output, RunError, Runner};

/// What a command gets to finish once nobody waits for it.
const TO_FINISH: Duration = Duration::from_secs(10);

/// What it gets after the interrupt that follows.
const TO_GIVE_UP: Duration = Duration::from_secs(5);

/// Runs commands as children.
#[derive(Debug, Default)]
pub(crate) struct Shell {
    turn: Arc<Mutex<()>>,
}

impl Runner for Shell {
    async fn run(&self, command: &Invocation) -> Result<Output, RunError> {
        let turn = self.turn.clone().lock_owned().await;
        let child = spawn(command)?;
        let (answer, result) = oneshot::channel();
        tokio::spawn(attend(child, command.within, answer, turn));
        result.await.unwrap_or(Err(RunError::TimedOut))
    }

    fn follow(&self, command: &Invocation) -> Result<mpsc::Receiver<String>, RunError> {
        let mut child = spawn(command)?;
        let (sender, receiver) = mpsc::channel(64);
        let stdout = child.stdout.take();
        tokio::spawn(async move {
            let group = Group::of(&child);
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
            group.signal(Signal::KILL);
        });
        Ok(receiver)
    }
}

fn spawn(command: &Invocation) -> Result<Child, RunError> {
    command
        .program()
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        // A terminal's ^C is for the lab, which decides when to stop what.
        .process_group(0)
        .kill_on_drop(true)
        .spawn()
        .map_err(RunError::NotRun)
}

/// Sees `child` to its end, whether or not somebody still waits for the answer.
async fn attend(
    child: Child,
    within: Duration,
    mut answer: oneshot::Sender<Result<Output, RunError>>,
    _turn: OwnedMutexGuard<()>,
) {
    let group = Group::of(&child);
    let mut ended = Box::pin(child.wait_with_output());
    tokio::select! {
        output = &mut ended => {
            let _ = answer.send(output.map(Output::from).map_err(RunError::NotRun));
        }
        () = sleep(within) => {
            group.signal(Signal::KILL);
            let _ = answer.send(Err(RunError::TimedOut));
        }
        () = answer.closed() => {
            if timeout(TO_FINISH, &mut ended).await.is_err() {
                group.signal(Signal::INT);
                if timeout(TO_GIVE_UP, &mut ended).await.is_err() {
                    group.signal(Signal::KILL);
                }
            }
        }
    }
}

impl From<std::process::Output> for Output {
    fn from(output: std::process::Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Self { success: output.status.success(), stdout: text(&output.stdout), stderr: text(&output.stderr) }
    }
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
mod tests {
    use std::time::Instant;

    use super::*;

    fn sh(script: &str) -> Invocation {
        Invocation::new("sh", ["-c", script])
    }

    #[tokio::test]
    async fn both_outputs_and_success_are_told() {
        let shell = Shell::default();
        let output = shell.run(&sh("echo out; echo err >&2; exit 3")).await.unwrap();
        assert_eq!(output, Output { success: false, stdout: "out\n".into(), stderr: "err\n".into() });
        assert!(shell.run(&sh("true")).await.unwrap().success);
    }

    #[tokio::test]
    async fn a_program_that_is_not_there_is_told_apart() {
        let missing = Invocation::new("/no/such/program", ["x"]);
        let error = Shell::default().run(&missing).await.unwrap_err();
        assert!(matches!(error, RunError::NotRun(source) if source.kind() == std::io::ErrorKind::NotFound));
    }

    #[tokio::test]
    async fn a_command_that_takes_too_long_is_given_up() {
        let slow = sh("sleep 60").within(Duration::from_millis(50));
        assert!(matches!(Shell::default().run(&slow).await, Err(RunError::TimedOut)));
    }

    #[tokio::test]
    async fn a_command_that_nobody_waits_for_finishes_before_the_next_begins() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("done");
        let shell = Shell::default();
        let slow = sh(&format!("sleep 0.3; touch '{}'", file.display()));
        let _ = timeout(Duration::from_millis(50), shell.run(&slow)).await;
        assert!(!file.exists());
        shell.run(&sh("true")).await.unwrap();
        assert!(file.exists());
    }

    #[tokio::test]
    async fn lines_are_followed_until_nobody_listens() {
        let mut lines = Shell::default().follow(&sh("echo $$; echo two; sleep 60")).unwrap();
        let pid: i32 = lines.recv().await.unwrap().parse().unwrap();
        assert_eq!(lines.recv().await.as_deref(), Some("two"));
        drop(lines);
        let (end, group) = (Instant::now() + Duration::from_secs(10), Pid::from_raw(pid).unwrap());
        while rustix::process::test_kill_process_group(group).is_ok() {
            assert!(Instant::now() < end, "{pid} still runs");
            sleep(Duration::from_millis(10)).await;
        }
    }
}
