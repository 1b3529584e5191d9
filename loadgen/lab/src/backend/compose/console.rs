//! Commands as a person is told of them: each with `$` before it, and what went wrong in one line.

use std::io;
use std::time::Duration;

use tokio::sync::mpsc;

use super::error::ComposeError;
use super::invocation::Invocation;
use super::mishaps;
use super::runner::{Output, RunError, Runner};
use crate::narrator::Narrator;

/// What a command gets that only reads.
const READING: Duration = Duration::from_secs(30);

/// Where commands are run and told.
#[derive(Debug)]
pub(super) struct Console<R> {
    runner: R,
    narrator: Narrator,
}

impl<R> Console<R> {
    pub(super) fn new(runner: R, narrator: Narrator) -> Self {
        Self { runner, narrator }
    }

    /// Tells a person `line`.
    pub(super) fn say(&self, line: &str) {
        self.narrator.say(line);
    }
}

impl<R: Runner> Console<R> {
    /// Tells and runs `command`, which changes something; what it printed.
    pub(super) async fn change(&self, command: &Invocation) -> Result<String, ComposeError> {
        self.say(&format!("$ {command}"));
        self.run(command).await
    }

    /// Tells and runs `command`, which only reads; what it printed.
    pub(super) async fn read(&self, command: Invocation) -> Result<String, ComposeError> {
        self.say(&format!("$ {command}"));
        self.read_untold(command).await
    }

    /// Runs `command`, which only reads and has been told already; what it printed.
    pub(super) async fn read_untold(&self, command: Invocation) -> Result<String, ComposeError> {
        self.run(&command.within(READING)).await
    }

    /// Tells and runs `command`, which only reads; what it left behind, also if it failed. `None` if there is no such program.
    pub(super) async fn attempt(&self, command: Invocation) -> Result<Option<Output>, ComposeError> {
        self.say(&format!("$ {command}"));
        let command = command.within(READING);
        match self.runner.run(&command).await {
            Ok(output) => Ok(Some(output)),
            Err(RunError::NotRun(source)) if source.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(not_run(&command, error)),
        }
    }

    /// Tells of `command` and follows the lines that it prints.
    pub(super) fn follow(&self, command: &Invocation) -> Result<mpsc::Receiver<String>, ComposeError> {
        self.say(&format!("$ {command}"));
        self.runner.follow(command).map_err(|error| not_run(command, error))
    }

    async fn run(&self, command: &Invocation) -> Result<String, ComposeError> {
        let output = self.runner.run(command).await.map_err(|error| not_run(command, error))?;
        if output.success {
            Ok(output.stdout)
        } else {
            Err(mishaps::explain(command, &output.stderr, &|name| std::env::var(name).ok()))
        }
    }
}

fn not_run(command: &Invocation, error: RunError) -> ComposeError {
    match error {
        RunError::NotRun(source)
            if source.kind() == io::ErrorKind::NotFound && command.program == "docker" =>
        {
            ComposeError::NoDocker
        }
        RunError::NotRun(source) => ComposeError::NotRun { command: command.to_string(), source },
        RunError::TimedOut => ComposeError::TimedOut { command: command.to_string(), within: command.within },
    }
}
