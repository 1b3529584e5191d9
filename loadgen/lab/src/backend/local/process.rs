//! One child process. Owns the contract with it: how it is started, how it says that it is ready, where its output goes,
//! and how it is ended. That it should be running at all is its keeper's business.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream as StdUnixStream;
use std::os::unix::process::ExitStatusExt;
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use std::time::Duration;

use rustix::process::Signal;
use serde::Deserialize;
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::net::UnixStream;
use tokio::process::{Child, Command};
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::lines::each_line;
use super::logs::Logs;
use crate::backend::Service;
use crate::backend::command::Group;

/// What the output still in the pipes gets to arrive once the process has ended.
const LAST_WORDS: Duration = Duration::from_millis(200);

/// What a replica is started from.
#[derive(Clone, Debug)]
pub(super) struct Recipe {
    pub(super) service: Service,
    pub(super) replica: Arc<str>,
    pub(super) executable: std::path::PathBuf,
    pub(super) args: Vec<String>,
}

/// What a replica says once it is ready.
#[derive(Clone, Copy, Debug, Deserialize)]
pub(super) struct Announcement {
    pub(super) address: Option<SocketAddr>,
    pub(super) admin: SocketAddr,
}

/// How a process ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// It returned this code.
    Exited(i32),
    /// It was ended by this signal.
    Signalled(i32),
    /// It did not follow SIGTERM within this time and got SIGKILL.
    Killed(Duration),
    /// It could not be started, or not be waited for.
    Lost(String),
}

impl From<io::Result<ExitStatus>> for Ending {
    fn from(status: io::Result<ExitStatus>) -> Self {
        match status {
            Ok(status) => match (status.code(), status.signal()) {
                (Some(code), _) => Self::Exited(code),
                (None, signal) => Self::Signalled(signal.unwrap_or_default()),
            },
            Err(error) => Self::Lost(error.to_string()),
        }
    }
}

impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exited(code) => write!(f, "exited with code {code}"),
            Self::Signalled(signal) => write!(f, "was killed by signal {signal}"),
            Self::Killed(grace) => {
                let grace = humantime::format_duration(*grace);
                write!(f, "did not stop within {grace} and was killed")
            }
            Self::Lost(error) => write!(f, "was lost: {error}"),
        }
    }
}

/// A running process; dropping it kills it, and what it has started: a build may be a script around the program itself.
#[derive(Debug)]
pub(super) struct Process {
    pub(super) pid: u32,
    child: Child,
    /// The child ends by itself when this end is gone, however we go.
    lifeline: BufReader<UnixStream>,
    readers: JoinSet<()>,
}

impl Process {
    pub(super) fn spawn(recipe: &Recipe, logs: &Logs) -> io::Result<Self> {
        let (ours, theirs) = StdUnixStream::pair()?;
        ours.set_nonblocking(true)?;
        let lifeline = BufReader::new(UnixStream::from_std(ours)?);
        // The command owns the child's end of the socket and must not outlive this statement: while a copy is open here,
        // the child's death could not be seen.
        let mut child = Command::new(&recipe.executable)
            .args(&recipe.args)
            .stdin(Stdio::from(OwnedFd::from(theirs)))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            // A terminal's ^C is for the supervisor, which stops the replicas in order.
            .process_group(0)
            .kill_on_drop(true)
            .spawn()?;
        let mut readers = JoinSet::new();
        read_into(&mut readers, child.stdout.take(), recipe, logs);
        read_into(&mut readers, child.stderr.take(), recipe, logs);
        Ok(Self { pid: child.id().unwrap_or_default(), child, lifeline, readers })
    }

    /// Waits until the replica says that it is ready.
    pub(super) async fn ready(&mut self) -> Result<Announcement, Ending> {
        let mut line = String::new();
        let told = self.lifeline.read_line(&mut line).await;
        match told {
            Ok(1..) => serde_json::from_str(&line)
                .map_err(|error| Ending::Lost(format!("it announced {:?}: {error}", line.trim_end()))),
            // It has closed its end: it is ending, and how is what matters.
            Ok(0) => Err(self.ended().await),
            Err(error) => Err(Ending::Lost(error.to_string())),
        }
    }

    /// Waits for the end, and for what was said before it.
    pub(super) async fn ended(&mut self) -> Ending {
        let status = self.child.wait().await;
        // A grandchild might hold the pipes open for ever.
        let all_read = async { while self.readers.join_next().await.is_some() {} };
        let _ = timeout(LAST_WORDS, all_read).await;
        status.into()
    }

    /// Asks it to end, and kills it if it does not within `grace`.
    pub(super) async fn stop(mut self, grace: Duration) -> Ending {
        Group::of(&self.child).signal(Signal::TERM);
        if let Ok(ending) = timeout(grace, self.ended()).await {
            return ending;
        }
        Group::of(&self.child).signal(Signal::KILL);
        let _ = self.child.wait().await;
        Ending::Killed(grace)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        Group::of(&self.child).signal(Signal::KILL);
    }
}

fn read_into<R>(readers: &mut JoinSet<()>, stream: Option<R>, recipe: &Recipe, logs: &Logs)
where
    R: AsyncRead + Unpin + Send + 'static,
{
    let (service, replica, logs) = (recipe.service, recipe.replica.clone(), logs.clone());
    if let Some(stream) = stream {
        readers.spawn(each_line(stream, move |line| logs.push(service, &replica, &line)));
    }
}
