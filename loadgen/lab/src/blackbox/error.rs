//! Why there is no report, or not a whole one.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use super::location::Located;
use crate::backend::command::{CommandError, shortened};
use crate::report::Outcome;

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub enum BlackboxError {
    /// The plan cannot be read.
    #[error("cannot read {}: {source}; give the path of a plan's file", path.display())]
    Read {
        /// Where it should be.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// The plan makes no sense.
    #[error(transparent)]
    Plan(#[from] Located),
    /// Something went wrong before the first step was measured.
    #[error(transparent)]
    Drive(#[from] DriveError),
    /// It was stopped before the first step was measured.
    #[error("stopped before the first step was measured")]
    Interrupted,
    /// The report could not be printed.
    #[error("cannot print the report: {0}")]
    Output(#[source] io::Error),
}

impl BlackboxError {
    /// What the process should exit with.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Read { .. } | Self::Plan(_) => 2,
            Self::Drive(_) | Self::Output(_) => Outcome::BackendFailed.exit_code(),
            Self::Interrupted => Outcome::Interrupted.exit_code(),
        }
    }
}

/// Why a step could not be carried out. Each is one line.
#[derive(Debug, thiserror::Error)]
pub enum DriveError {
    /// A command could not be run, or failed.
    #[error("`{service}`: {why}")]
    Command {
        /// Whose command.
        service: String,
        /// The command, what it said, and what would mend it.
        why: String,
    },
    /// A child ended.
    #[error("{replica} has ended ({status}){}", said(.log))]
    Ended {
        /// Which.
        replica: String,
        /// How.
        status: String,
        /// The last line that it wrote.
        log: String,
    },
    /// A service does not answer.
    #[error("`{service}` was not ready within {}: {why}", humantime::format_duration(*.within))]
    NotReady {
        /// Which.
        service: String,
        /// How long was waited.
        within: Duration,
        /// What was tried last.
        why: String,
    },
    /// The throughput cannot be read.
    #[error("`throughput`: {0}")]
    Counter(String),
    /// The system refuses something.
    #[error("cannot {what}: {source}")]
    System {
        /// What.
        what: String,
        /// The cause.
        source: io::Error,
    },
}

fn said(log: &str) -> String {
    if log.is_empty() { String::new() } else { format!(", saying: {}", shortened(log)) }
}

impl DriveError {
    pub(super) fn command(service: &str, error: CommandError) -> Self {
        let why = match error {
            CommandError::NotRun { command, source } => format!("cannot run `{command}`: {source}"),
            CommandError::TimedOut { command } => {
                let within = humantime::format_duration(command.within);
                format!("`{command}` did not end within {within}; run it by hand to see more")
            }
            CommandError::Failed { command, stderr } => {
                let last = stderr.lines().map(str::trim).rfind(|line| !line.is_empty());
                let last = shortened(last.unwrap_or("nothing"));
                format!("`{command}` failed, saying: {last}; run it by hand to see more")
            }
        };
        Self::Command { service: service.to_owned(), why }
    }

    pub(super) fn system(what: impl Into<String>, source: io::Error) -> Self {
        Self::System { what: what.into(), source }
    }
}
