//! The seam to the world: running commands. The real one is [`Shell`](super::shell::Shell); tests have a fake.

use std::future::Future;
use std::io;

use tokio::sync::mpsc;

use super::invocation::Invocation;

/// What a command left behind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Output {
    pub(crate) success: bool,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// Why there is no output.
#[derive(Debug)]
pub(crate) enum RunError {
    /// It could not be started.
    NotRun(io::Error),
    /// It took longer than it may.
    TimedOut,
}

/// Runs commands in the current folder, with the environment of this process.
pub(crate) trait Runner {
    /// Runs `command` to its end. One at a time: a command that nobody waits for any more is let finish first.
    fn run(&self, command: &Invocation) -> impl Future<Output = Result<Output, RunError>>;

    /// The lines that `command` prints, while it runs; dropping the receiver ends it.
    fn follow(&self, command: &Invocation) -> Result<mpsc::Receiver<String>, RunError>;
}
