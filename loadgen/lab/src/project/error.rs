//! Why a command on a project failed: one line that says what would mend it.

use std::io;
use std::process::ExitCode;

use super::name::ProjectName;
use crate::backend::Service;
use crate::backend::local::LocalError;

/// Each message is one line.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The application could not be started or scaled.
    #[error(transparent)]
    Local(LocalError),
    /// Another program listens on a port that the project should have.
    #[error("port {port} ({service}) is in use: choose another with --{service}-port, or 0 for any free one")]
    PortInUse {
        /// The port.
        port: u16,
        /// The service.
        service: Service,
    },
    /// There is no session to talk to.
    #[error("project {0} is not running: start it with `loadgen up`, or name another one with --project")]
    NotRunning(ProjectName),
    /// There is a session, but it does not answer.
    #[error("project {0} is just being started or stopped by another process: try again in a moment")]
    Busy(ProjectName),
    /// The state directory cannot be used.
    #[error("cannot use the state directory {path}: {why}")]
    StateDir {
        /// The directory.
        path: String,
        /// What is wrong with it.
        why: String,
    },
    /// The conversation with the session broke off.
    #[error("lost the connection to project {project}: {source}; see what is left of it with `loadgen ps`")]
    Control {
        /// The project.
        project: ProjectName,
        /// The cause.
        source: io::Error,
    },
    /// The session said no.
    #[error("{0}")]
    Refused(String),
    /// The detached session said no, and what it would have exited with.
    #[error("{message}")]
    Detached {
        /// What it said.
        message: String,
        /// Its exit code.
        exit_code: u8,
    },
    /// This program cannot do what it needs the operating system for.
    #[error("cannot {doing}: {source}")]
    System {
        /// What was tried.
        doing: &'static str,
        /// The cause.
        source: io::Error,
    },
    /// The result could not be written.
    #[error("cannot write the output: {0}")]
    Output(#[from] io::Error),
}

impl Error {
    /// What the program should exit with: 4 for a port in use, 1 otherwise.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::PortInUse { .. } => 4,
            Self::Detached { exit_code, .. } => *exit_code,
            _ => 1,
        }
    }
}

impl From<LocalError> for Error {
    fn from(error: LocalError) -> Self {
        match error {
            LocalError::PortInUse { service, address } => Self::PortInUse { port: address.port(), service },
            other => Self::Local(other),
        }
    }
}

/// A reader who has had enough is no failure.
pub(super) fn forgive_broken_pipe(result: Result<ExitCode, Error>) -> Result<ExitCode, Error> {
    match result {
        Err(Error::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => Ok(ExitCode::SUCCESS),
        other => other,
    }
}
