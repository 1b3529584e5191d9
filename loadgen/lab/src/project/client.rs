//! A client's side of the conversation with a project's session.

use std::io::{self, ErrorKind};

use tokio::io::BufReader;
use tokio::net::UnixStream;

use super::error::Error;
use super::name::ProjectName;
use super::protocol::{Report, Request, Response, read_message, write_message};
use super::state_dir::StateDir;

/// A connection to the session of a project.
#[derive(Debug)]
pub(super) struct Client {
    project: ProjectName,
    stream: BufReader<UnixStream>,
}

impl Client {
    pub(super) async fn connect(project: &ProjectName) -> Result<Self, Error> {
        Self::connect_in(&StateDir::of(project), project).await
    }

    pub(super) async fn connect_in(dir: &StateDir, project: &ProjectName) -> Result<Self, Error> {
        if !dir.exists() {
            return Err(Error::NotRunning(project.clone()));
        }
        dir.verify()?;
        match UnixStream::connect(dir.socket()).await {
            Ok(stream) => Ok(Self { project: project.clone(), stream: BufReader::new(stream) }),
            // A socket that nobody listens on was left by a session that was killed.
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::ConnectionRefused) => {
                Err(Error::NotRunning(project.clone()))
            }
            Err(error) => Err(self::lost(project, error)),
        }
    }

    pub(super) async fn send(&mut self, request: &Request) -> Result<(), Error> {
        let sent = write_message(&mut self.stream, request).await;
        sent.map_err(|error| lost(&self.project, error))
    }

    /// The next part of the answer; none at its end.
    pub(super) async fn next(&mut self) -> Result<Option<Response>, Error> {
        let message = read_message(&mut self.stream).await.map_err(|error| lost(&self.project, error))?;
        match message {
            Some(Response::Done) => Ok(None),
            Some(Response::Failed { message }) => Err(Error::Refused(message)),
            Some(part) => Ok(Some(part)),
            None => Err(lost(&self.project, ErrorKind::UnexpectedEof.into())),
        }
    }

    /// The state of the project.
    pub(super) async fn report(&mut self) -> Result<Report, Error> {
        self.send(&Request::Status).await?;
        match self.next().await? {
            Some(Response::Status(report)) => Ok(report),
            other => Err(Error::Refused(format!("expected the project's state, but got {other:?}"))),
        }
    }
}

fn lost(project: &ProjectName, source: io::Error) -> Error {
    Error::Control { project: project.clone(), source }
}
