//! What a session and its clients say to each other: the client one line of JSON, the session one or more.

use std::io;
use std::net::SocketAddr;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::assignment::Assignment;
use crate::backend::Service;
use crate::backend::local::ReplicaStatus;

/// A line that is longer than this is no message.
const LONGEST: u64 = 16 << 20;

/// What a client asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "command", rename_all = "snake_case")]
pub(super) enum Request {
    /// Answered by one `Status`.
    Status,
    /// Answered by one `Scaled` for each target.
    Scale { targets: Vec<Assignment> },
    /// Answered by `Line`s and `Missed`s; endless if followed.
    Logs { services: Vec<Service>, tail: usize, follow: bool },
    /// Answered by one `Stopped`, once nothing is left.
    Down,
}

/// What the session answers. An answer ends with `Done` or `Failed`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "snake_case")]
pub(super) enum Response {
    Status(Report),
    Scaled { service: Service, before: usize, replicas: usize, seconds: f64 },
    Line { replica: String, text: String },
    Missed { lines: u64 },
    Stopped { summary: String },
    Failed { message: String },
    Done,
}

/// The state of a project.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Report {
    /// Where services are reached as a whole.
    pub(super) addresses: Vec<(Service, SocketAddr)>,
    pub(super) replicas: Vec<ReplicaStatus>,
    /// What happened to replicas by itself, oldest first.
    pub(super) incidents: Vec<Incident>,
}

/// A crash and what was done about it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Incident {
    pub(super) seconds_ago: f64,
    pub(super) what: String,
}

pub(super) async fn write_message(
    stream: &mut (impl AsyncWrite + Unpin),
    message: &impl Serialize,
) -> io::Result<()> {
    let mut line = serde_json::to_vec(message)?;
    line.push(b'\n');
    stream.write_all(&line).await
}

/// The next message; none at the stream's end.
pub(super) async fn read_message<T: DeserializeOwned>(
    stream: &mut (impl AsyncBufRead + Unpin),
) -> io::Result<Option<T>> {
    let mut line = Vec::new();
    match stream.take(LONGEST).read_until(b'\n', &mut line).await? {
        0 => Ok(None),
        _ => Ok(Some(serde_json::from_slice(&line)?)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::local::Phase;

    async fn round_trip<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(message: T) -> String {
        let mut bytes = Vec::new();
        write_message(&mut bytes, &message).await.unwrap();
        assert_eq!(read_message::<T>(&mut &bytes[..]).await.unwrap(), Some(message));
        String::from_utf8(bytes).unwrap()
    }

    #[tokio::test]
    async fn a_message_is_one_line_and_comes_back_as_it_was() {
        let scale = Request::Scale { targets: vec!["worker=10".parse().unwrap()] };
        let line = round_trip(scale).await;
        assert_eq!(line, "{\"command\":\"scale\",\"targets\":[{\"service\":\"worker\",\"replicas\":10}]}\n");
        round_trip(Request::Logs { services: vec![Service::Store], tail: 3, follow: true }).await;
        round_trip(Response::Line { replica: "rng-1".into(), text: "two\nlines".into() }).await;
        let replica = ReplicaStatus {
            name: "rng-1".into(),
            service: Service::Rng,
            phase: Phase::Backoff,
            pid: None,
            restarts: 1,
            address: Some(([127, 0, 0, 1], 80).into()),
            admin: None,
        };
        let incident = Incident { seconds_ago: 1.5, what: "rng-1 was killed".into() };
        let addresses = vec![(Service::Webui, ([127, 0, 0, 1], 8000).into())];
        let report = Report { addresses, replicas: vec![replica], incidents: vec![incident] };
        round_trip(Response::Status(report)).await;
    }

    #[tokio::test]
    async fn the_end_is_no_message_and_nonsense_is_an_error() {
        assert_eq!(read_message::<Request>(&mut &b""[..]).await.unwrap(), None);
        assert!(read_message::<Request>(&mut &b"{\"command\":\"dance\"}\n"[..]).await.is_err());
    }
}
