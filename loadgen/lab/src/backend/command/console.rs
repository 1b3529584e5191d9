//! Commands as a person is told of them: each with `$` before it.

use std::io;
use std::time::Duration;

use tokio::sync::mpsc;

use super::error::CommandError;
use super::invocation::Invocation;
use super::runner::{Output, RunError, Runner};
use crate::narrator::Narrator;

/// What a command gets that only reads.
const READING: Duration = Duration::from_secs(30);

/// Where commands are run and told.
#[derive(Debug)]
pub(crate) struct Console<R> {
    runner: R,
    narrator: Narrator,
}

impl<R> Console<R> {
    pub(crate) fn new(runner: R, narrator: Narrator) -> Self {
        Self { runner, narrator }
    }

    /// Tells a person `line`.
    pub(crate) fn say(&self, line: &str) {
        self.narrator.say(line);
    }
}

impl<R: Runner> Console<R> {
    /// Tells and runs `command`, which changes something; what it printed.
    pub(crate) async fn change(&self, command: &Invocation) -> Result<String, CommandError> {
        self.say(&format!("$ {command}"));
        self.run(command).await
    }

    /// Tells and runs `command`, which only reads; what it printed.
    pub(crate) async fn read(&self, command: Invocation) -> Result<String, CommandError> {
        self.say(&format!("$ {command}"));
        self.read_untold(command).await
    }

    /// Runs `command`, which only reads and has been told already; what it printed.
    pub(crate) async fn read_untold(&self, command: Invocation) -> Result<String, CommandError> {
        self.run(&command.within(READING)).await
    }

    /// Tells and runs `command`, which only reads; what it left behind, also if it failed. `None` if there is no such program.
    pub(crate) async fn attempt(&self, command: Invocation) -> Result<Option<Output>, CommandError> {
        self.say(&format!("$ {command}"));
        let command = command.within(READING);
        match self.runner.run(&command).await {
            Ok(output) => Ok(Some(output)),
            Err(RunError::NotRun(source)) if source.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(CommandError::new(&command, error)),
        }
    }

    /// Tells of `command` and follows the lines that it prints.
    pub(crate) fn follow(&self, command: &Invocation) -> Result<mpsc::Receiver<String>, CommandError> {
        self.say(&format!("$ {command}"));
        self.runner.follow(command).map_err(|error| CommandError::new(command, error))
    }

    async fn run(&self, command: &Invocation) -> Result<String, CommandError> {
        let output = self.runner.run(command).await.map_err(|error| CommandError::new(command, error))?;
        if output.success {
            Ok(output.stdout)
        } else {
            Err(CommandError::Failed { command: command.clone(), stderr: output.stderr })
        }
    }
}
