//! The session's side of the conversation with its clients.

use std::io;
use std::time::{Duration, Instant};

use tokio::io::BufReader;
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{mpsc, watch};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{sleep, timeout};

use super::assignment::Assignment;
use super::protocol::{Incident, Report, Request, Response, read_message, write_message};
use super::state_dir::StateDir;
use crate::backend::local::{Followed, LogLine, Supervisor};
use crate::backend::{Event, Service};
use crate::clock::unix_seconds;

/// What clients get to read their last answer.
const FAREWELL: Duration = Duration::from_secs(1);
/// Incidents that a report shows.
const INCIDENTS: usize = 5;

/// The control socket of a running session.
#[derive(Debug)]
pub(super) struct Control {
    stop_requests: mpsc::UnboundedReceiver<()>,
    finished: watch::Sender<Option<String>>,
    task: JoinHandle<()>,
}

impl Control {
    /// Listens in `dir`, which this process holds; a socket left there by another is stale.
    pub(super) fn start(dir: &StateDir, supervisor: Supervisor) -> io::Result<Self> {
        let path = dir.socket();
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let listener = UnixListener::bind(path)?;
        let (ask_stop, stop_requests) = mpsc::unbounded_channel();
        let (finished, seen) = watch::channel(None);
        let desk = Desk { supervisor, ask_stop, finished: seen };
        let task = tokio::spawn(accept(listener, desk));
        Ok(Self { stop_requests, finished, task })
    }

    /// Resolves when a client asks the session to stop.
    pub(super) async fn stop_requested(&mut self) {
        if self.stop_requests.recv().await.is_none() {
            std::future::pending::<()>().await;
        }
    }

    /// Tells the clients that wait for it how the session ended.
    pub(super) async fn finish(self, summary: String) {
        self.finished.send_replace(Some(summary));
        let _ = self.task.await;
    }
}

async fn accept(listener: UnixListener, desk: Desk) {
    let mut clients = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    clients.spawn(desk.clone().serve(stream));
                }
                // Most likely there are no descriptors left; they come back as clients leave.
                Err(_) => sleep(Duration::from_millis(50)).await,
            },
            Some(_) = clients.join_next() => {}
            _ = desk.farewell() => break,
        }
    }
    let _ = timeout(FAREWELL, async { while clients.join_next().await.is_some() {} }).await;
}

/// What it takes to answer a client.
#[derive(Clone, Debug)]
struct Desk {
    supervisor: Supervisor,
    ask_stop: mpsc::UnboundedSender<()>,
    finished: watch::Receiver<Option<String>>,
}

impl Desk {
    async fn serve(self, stream: UnixStream) {
        // A client that leaves before it has its answer is not missed.
        let _ = self.answer(stream).await;
    }

    async fn answer(self, stream: UnixStream) -> io::Result<()> {
        let mut stream = BufReader::new(stream);
        let request = match read_message(&mut stream).await {
            Ok(Some(request)) => request,
            Ok(None) => return Ok(()),
            Err(error) => {
                let message = format!("the session does not understand this command, is it older? ({error})");
                return write_message(&mut stream, &Response::Failed { message }).await;
            }
        };
        let last = match request {
            Request::Status => {
                write_message(&mut stream, &Response::Status(self.report())).await?;
                Response::Done
            }
            Request::Scale { targets } => self.scale(&mut stream, &targets).await?,
            Request::Logs { services, tail, follow } => {
                self.logs(&mut stream, &services, tail, follow).await?;
                Response::Done
            }
            Request::Down => {
                // The session may be stopping already; then this client just waits with the others.
                let _ = self.ask_stop.send(());
                let summary = self.farewell().await;
                write_message(&mut stream, &Response::Stopped { summary }).await?;
                Response::Done
            }
        };
        write_message(&mut stream, &last).await
    }

    async fn scale(
        &self,
        stream: &mut BufReader<UnixStream>,
        targets: &[Assignment],
    ) -> io::Result<Response> {
        for Assignment { service, replicas } in targets.iter().copied() {
            let started = Instant::now();
            let before = match self.supervisor.scale(service, replicas).await {
                Ok(before) => before,
                Err(error) => return Ok(Response::Failed { message: error.to_string() }),
            };
            let seconds = started.elapsed().as_secs_f64();
            write_message(stream, &Response::Scaled { service, before, replicas, seconds }).await?;
        }
        Ok(Response::Done)
    }

    async fn logs(
        &self,
        stream: &mut BufReader<UnixStream>,
        services: &[Service],
        tail: usize,
        follow: bool,
    ) -> io::Result<()> {
        let (lines, mut follower) = self.supervisor.logs(services, tail);
        for line in lines {
            write_message(stream, &response(&line)).await?;
        }
        if !follow {
            return Ok(());
        }
        loop {
            let next = tokio::select! {
                next = follower.next() => next,
                _ = self.farewell() => None,
            };
            match next {
                Some(Followed::Line(line)) if !services.contains(&line.service) => {}
                Some(Followed::Line(line)) => write_message(stream, &response(&line)).await?,
                Some(Followed::Missed(lines)) => write_message(stream, &Response::Missed { lines }).await?,
                None => return Ok(()),
            }
        }
    }

    fn report(&self) -> Report {
        let (events, _) = self.supervisor.events_after(0);
        let now = unix_seconds();
        let incident = |event: &Event| Incident {
            seconds_ago: (now - event.at_unix_seconds).max(0.0),
            what: event.what.clone(),
        };
        let passed_over = events.len().saturating_sub(INCIDENTS);
        let address = |service| Some((service, self.supervisor.address(service)?));
        Report {
            addresses: Service::ALL.into_iter().filter_map(address).collect(),
            replicas: Service::ALL
                .into_iter()
                .flat_map(|service| self.supervisor.statuses(service))
                .collect(),
            incidents: events.iter().skip(passed_over).map(incident).collect(),
        }
    }

    /// Waits until the session has ended; tells how.
    async fn farewell(&self) -> String {
        let mut finished = self.finished.clone();
        let summary = finished.wait_for(Option::is_some).await.ok().and_then(|summary| summary.clone());
        summary.unwrap_or_else(|| "the session was killed".to_owned())
    }
}

fn response(line: &LogLine) -> Response {
    Response::Line { replica: line.replica.to_string(), text: line.text.to_string() }
}
