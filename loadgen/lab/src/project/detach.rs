//! `loadgen up -d`: this program started again as a session of its own, away from the terminal. Owns how the two tell
//! each other how the start went: one line of JSON over a socket, which is the child's standard input.

use std::fs::File;
use std::io::{self, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream as StdUnixStream;
use std::process::{Command, ExitCode, Stdio};

use serde::{Deserialize, Serialize};
use tokio::io::BufReader;
use tokio::net::UnixStream;

use super::error::Error;
use super::protocol::read_message;
use super::session::Audience;
use super::state_dir::StateDir;
use super::up::UpArgs;

/// Log lines that an error quotes.
const QUOTED: usize = 3;

/// How the start went.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "started", rename_all = "snake_case")]
enum Outcome {
    Ready { welcome: Vec<String> },
    Failed { message: String, exit_code: u8 },
}

/// The process that has started this one.
#[derive(Debug)]
pub(super) struct Starter(UnixStream);

impl Starter {
    fn from_stdin() -> io::Result<Self> {
        let socket = StdUnixStream::from(io::stdin().as_fd().try_clone_to_owned()?);
        socket.set_nonblocking(true)?;
        UnixStream::from_std(socket).map(Self)
    }

    pub(super) async fn announce_ready(&self, welcome: &[String]) {
        self.announce(&Outcome::Ready { welcome: welcome.to_vec() }).await;
    }

    /// A starter that has left has nothing to be told, and one line always fits into the socket.
    async fn announce(&self, outcome: &Outcome) {
        let Ok(mut line) = serde_json::to_vec(outcome) else { return };
        line.push(b'\n');
        while self.0.writable().await.is_ok() {
            match self.0.try_write(&line) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                _ => return,
            }
        }
    }

    /// Resolves when it has left.
    pub(super) async fn gone(&self) {
        while self.0.readable().await.is_ok() {
            match self.0.try_read(&mut [0; 8]) {
                Ok(1..) => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Ok(0) | Err(_) => return,
            }
        }
    }
}

/// The child's part.
pub(super) async fn run_child(args: &UpArgs) -> Result<ExitCode, Error> {
    let system = |doing| move |source| Error::System { doing, source };
    // ^C in the terminal must not reach this process or its children. A leader of its group cannot leave it, and then
    // has left the terminal's already.
    let _ = rustix::process::setsid();
    let starter = Starter::from_stdin().map_err(system("reach the process that started this one"))?;
    let audience = Audience::Starter(starter);
    let result = args.start(&StateDir::of(&args.project.project), &audience).await;
    if let (Err(error), Audience::Starter(starter)) = (&result, &audience) {
        starter.announce(&Outcome::Failed { message: error.to_string(), exit_code: error.exit_code() }).await;
    }
    result
}

/// The parent's part: returns once the application is ready, or has failed to become so.
pub(super) async fn start_child(args: &UpArgs, dir: &StateDir) -> Result<ExitCode, Error> {
    let (mut socket, mut child) = spawn(dir)?;
    let outcome = read_message(&mut socket).await;
    let project = &args.project.project;
    match outcome {
        Ok(Some(Outcome::Ready { welcome })) => {
            let mut out = io::stdout().lock();
            writeln!(out, "project {project} is up (pid {}); `loadgen down` stops it", child.id())?;
            welcome.iter().try_for_each(|line| writeln!(out, "{line}"))?;
            Ok(ExitCode::SUCCESS)
        }
        Ok(Some(Outcome::Failed { message, exit_code })) => {
            // What it had is freed by the time this returns.
            let _ = child.wait();
            Err(Error::Detached { message, exit_code })
        }
        Ok(None) | Err(_) => Err(Error::Refused(obituary(dir))),
    }
}

fn spawn(dir: &StateDir) -> Result<(BufReader<UnixStream>, std::process::Child), Error> {
    let system = |doing| move |source| Error::System { doing, source };
    dir.create()?;
    let log = File::create(dir.log()).map_err(system("create the log file"))?;
    let executable = std::env::current_exe().map_err(system("find this program"))?;
    let (ours, theirs) = StdUnixStream::pair().map_err(system("make a socket"))?;
    ours.set_nonblocking(true).map_err(system("make a socket"))?;
    let socket = UnixStream::from_std(ours).map_err(system("make a socket"))?;
    let child = Command::new(executable)
        .args(std::env::args_os().skip(1))
        .arg("--detached-child")
        .stdin(Stdio::from(OwnedFd::from(theirs)))
        .stdout(log.try_clone().map_err(system("create the log file"))?)
        .stderr(log)
        .spawn()
        .map_err(system("start the session"))?;
    Ok((BufReader::new(socket), child))
}

/// What to say of a session that ended without a word.
fn obituary(dir: &StateDir) -> String {
    let log = std::fs::read_to_string(dir.log()).unwrap_or_default();
    let lines: Vec<&str> = log.lines().rev().take(QUOTED).collect();
    let last: Vec<&str> = lines.into_iter().rev().collect();
    let said = if last.is_empty() { "nothing was logged".to_owned() } else { last.join(" / ") };
    format!("the session ended before it was ready: {said}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;
    use tokio::time::timeout;

    const DEADLINE: Duration = Duration::from_secs(10);

    #[tokio::test]
    async fn the_starter_is_told_how_the_start_went() {
        let (ours, theirs) = UnixStream::pair().unwrap();
        let starter = Starter(theirs);
        starter.announce_ready(&["webui http://localhost:8000".to_owned()]).await;
        let told = timeout(DEADLINE, read_message(&mut BufReader::new(ours))).await.unwrap().unwrap();
        let welcome = vec!["webui http://localhost:8000".to_owned()];
        assert_eq!(told, Some(Outcome::Ready { welcome }));
    }

    #[tokio::test]
    async fn a_starter_is_told_of_a_failure_with_its_exit_code() {
        let (ours, theirs) = UnixStream::pair().unwrap();
        let failed = || Outcome::Failed { message: "port in use".to_owned(), exit_code: 4 };
        Starter(theirs).announce(&failed()).await;
        let told = timeout(DEADLINE, read_message(&mut BufReader::new(ours))).await.unwrap().unwrap();
        assert_eq!(told, Some(failed()));
    }

    #[tokio::test]
    async fn a_starter_who_leaves_is_noticed() {
        let (ours, theirs) = UnixStream::pair().unwrap();
        let starter = Starter(theirs);
        assert!(timeout(Duration::from_millis(20), starter.gone()).await.is_err());
        drop(ours);
        timeout(DEADLINE, starter.gone()).await.unwrap();
    }
}
