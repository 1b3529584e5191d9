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
mod tests {
    use std::path::Path;

    use rustix::process::WaitOptions;

    use super::*;

    const BETWEEN: Duration = Duration::from_millis(10);

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
    async fn what_says_too_much_is_cut_off_and_not_ended() {
        let more = LONGEST + 3 * CHUNK;
        let output =
            Shell::default().run(&sh(&format!("head -c {more} /dev/zero; echo done >&2"))).await.unwrap();
        assert_eq!((output.success, output.stdout.len(), output.stderr.as_str()), (true, LONGEST, "done\n"));
    }

    #[tokio::test]
    async fn a_command_has_ended_although_what_it_left_running_holds_its_pipes() {
        let folder = tempfile::tempdir().unwrap();
        let go_on = folder.path().join("go on");
        let left = format!(
            "(until [ -e '{0}' ]; do sleep 0.01; done; echo more; touch '{0}.done')&",
            go_on.display()
        );
        let began = Instant::now();
        let output = Shell::default().run(&sh(&format!("echo out; {left}"))).await.unwrap();
        assert_eq!(output, Output { success: true, stdout: "out\n".into(), stderr: String::new() });
        assert!(began.elapsed() < TO_FINISH, "{:?}", began.elapsed());
        // What it writes later, unheard, does it no harm.
        std::fs::write(&go_on, "").unwrap();
        while !folder.path().join("go on.done").exists() {
            assert!(began.elapsed() < TO_FINISH, "it was ended");
            sleep(Duration::from_millis(10)).await;
        }
    }

    /// The number in `file`, once it is there.
    fn number(file: &Path) -> Option<i32> {
        std::fs::read_to_string(file).ok()?.trim().parse().ok()
    }

    /// Waits for every process of the group that `pid` leads to have ended.
    fn wait_for_the_end_of(pid: i32) {
        let (end, group) = (Instant::now() + TO_FINISH, Pid::from_raw(pid).unwrap());
        while rustix::process::test_kill_process_group(group).is_ok() {
            // What has ended is there until somebody asks how, and the runtime that would is gone.
            let _ = rustix::process::waitpgid(group, WaitOptions::NOHANG);
            assert!(Instant::now() < end, "{pid} still runs");
            std::thread::sleep(BETWEEN);
        }
    }

    /// Ends the runtime in which a command with a child of its own runs once `known` has its number out of a file; both must end.
    fn assert_ends_with_the_runtime(known: impl AsyncFnOnce(&Path) -> i32) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("pid");
        let slow = sh(&format!("echo $$ > '{}'; sleep 60; true", file.display()));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let pid = runtime.block_on(async {
            let shell = Shell::default();
            tokio::select! {
                biased;
                _ = shell.run(&slow) => panic!("it ended"),
                pid = known(&file) => pid,
            }
        });
        drop(runtime);
        wait_for_the_end_of(pid);
    }

    #[test]
    fn a_command_does_not_outlive_the_runtime_with_its_own_children() {
        assert_ends_with_the_runtime(async |file: &Path| {
            loop {
                sleep(BETWEEN).await;
                if let Some(pid) = number(file) {
                    break pid;
                }
            }
        });
    }

    #[test]
    fn a_command_that_nobody_got_to_attend_to_does_not_outlive_the_runtime_either() {
        assert_ends_with_the_runtime(async |file: &Path| {
            loop {
                // Nothing else of the runtime gets on meanwhile.
                std::thread::sleep(BETWEEN);
                if let Some(pid) = number(file) {
                    break pid;
                }
            }
        });
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
        let [go_on, done] = ["go on", "done"].map(|name| folder.path().join(name));
        let shell = Shell::default();
        let waits =
            format!("until [ -e '{}' ]; do sleep 0.01; done; touch '{}'", go_on.display(), done.display());
        assert!(timeout(Duration::from_millis(50), shell.run(&sh(&waits))).await.is_err());
        assert!(!done.exists());
        std::fs::write(&go_on, "").unwrap();
        shell.run(&sh("true")).await.unwrap();
        assert!(done.exists());
    }

    #[tokio::test]
    async fn lines_are_followed_until_nobody_listens() {
        let mut lines = Shell::default().follow(&sh("echo $$; echo two; sleep 60")).unwrap();
        let pid: i32 = lines.recv().await.unwrap().parse().unwrap();
        assert_eq!(lines.recv().await.as_deref(), Some("two"));
        drop(lines);
        let end = Instant::now() + TO_FINISH;
        while rustix::process::test_kill_process_group(Pid::from_raw(pid).unwrap()).is_ok() {
            assert!(Instant::now() < end, "{pid} still runs");
            sleep(BETWEEN).await;
        }
    }
}
