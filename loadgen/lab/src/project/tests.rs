//! Whole sessions with fake replicas, and clients that talk to them.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::time::timeout;

use super::client::Client;
use super::error::Error;
use super::name::ProjectName;
use super::output::Printer;
use super::plan::Plan;
use super::protocol::{Report, Request, Response};
use super::session::{self, Audience};
use super::state_dir::StateDir;
use crate::backend::Service;
use crate::backend::local::{Phase, fake_replica};

const DEADLINE: Duration = Duration::from_secs(20);

#[derive(Clone, Default)]
struct Page(Arc<Mutex<Vec<u8>>>);

impl Page {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Page {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

struct Ground {
    runtime: tempfile::TempDir,
    project: ProjectName,
    dir: StateDir,
    page: Page,
}

impl Ground {
    fn new() -> Self {
        let runtime = tempfile::tempdir().unwrap();
        let project: ProjectName = "lab".parse().unwrap();
        let dir = StateDir::below(Some(runtime.path()), runtime.path(), &project);
        Self { runtime, project, dir, page: Page::default() }
    }

    /// Runs a session beside `clients`, who have to stop it.
    async fn session<T>(&self, flags: &[&str], clients: impl Future<Output = T>) -> (Result<(), Error>, T) {
        let held = self.dir.hold().unwrap().unwrap();
        let mut config = fake_replica::config(self.dir.path());
        config.service_args.insert(Service::Rng, flags.iter().map(|flag| (*flag).to_owned()).collect());
        let plan = Plan { config, counts: BTreeMap::from([(Service::Worker, 2)]) };
        let audience = Audience::Reader(Printer::new(self.page.clone()));
        let both = async { tokio::join!(session::run(held, plan, &audience), clients) };
        let (ended, result) = timeout(DEADLINE, both).await.unwrap();
        audience.finish().await;
        (ended.map(drop), result)
    }

    async fn connect(&self) -> Client {
        Client::connect_in(&self.dir, &self.project).await.unwrap()
    }

    async fn ask(&self, request: Request) -> Result<Vec<Response>, Error> {
        let mut client = self.connect().await;
        client.send(&request).await?;
        let mut parts = Vec::new();
        while let Some(part) = client.next().await? {
            parts.push(part);
        }
        Ok(parts)
    }

    async fn until_ready(&self) -> Report {
        loop {
            // Until the session has its socket, nobody can be asked.
            if let Ok(mut client) = Client::connect_in(&self.dir, &self.project).await {
                let report = client.report().await.unwrap();
                let running = report.replicas.iter().filter(|replica| replica.phase == Phase::Running);
                if running.count() == 6 {
                    return report;
                }
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

#[tokio::test]
async fn a_session_is_scaled_shown_and_stopped_by_its_clients_and_leaves_nothing() {
    let ground = Ground::new();
    let clients = async {
        let report = ground.until_ready().await;
        assert_eq!(report.addresses.len(), 4);
        let scaled = ground.ask(Request::Scale { targets: vec!["worker=1".parse().unwrap()] }).await.unwrap();
        assert!(matches!(scaled[..], [Response::Scaled { before: 2, replicas: 1, .. }]), "{scaled:?}");
        let logs = Request::Logs { services: vec![Service::Rng], tail: 100, follow: false };
        let lines = ground.ask(logs).await.unwrap();
        let started = |part: &Response| matches!(part, Response::Line { replica, text } if replica == "rng-1" && text.contains("starts"));
        assert!(lines.iter().any(started), "{lines:?}");
        ground.ask(Request::Down).await.unwrap()
    };
    let (ended, stopped) = ground.session(&[], clients).await;
    ended.unwrap();
    let [Response::Stopped { summary }] = &stopped[..] else { panic!("{stopped:?}") };
    assert!(summary.starts_with("stopped 5 replicas in "), "{summary}");
    assert_eq!(ground.runtime.path().read_dir().unwrap().count(), 0);
    let page = ground.page.text();
    for expected in
        ["worker-2  | worker-2 starts", "webui  http://localhost:", "stopping: `loadgen down`", summary]
    {
        assert!(page.contains(expected), "{expected}: {page}");
    }
}

#[tokio::test]
async fn followers_and_late_stoppers_are_let_go_at_the_end() {
    let ground = Ground::new();
    let clients = async {
        ground.until_ready().await;
        let follow = Request::Logs { services: Service::ALL.to_vec(), tail: 0, follow: true };
        let (lines, first, second) =
            tokio::join!(ground.ask(follow), ground.ask(Request::Down), ground.ask(Request::Down));
        assert_eq!(first.unwrap(), second.unwrap());
        lines.unwrap()
    };
    let (ended, lines) = ground.session(&[], clients).await;
    ended.unwrap();
    let stops = |part: &Response| matches!(part, Response::Line { text, .. } if text.contains("stops"));
    assert!(lines.iter().any(stops), "{lines:?}");
}

#[tokio::test]
async fn a_start_that_fails_stops_what_was_started_and_says_why() {
    let ground = Ground::new();
    let (ended, ()) = ground.session(&["--fail"], async {}).await;
    let error = ended.unwrap_err().to_string();
    assert!(error.starts_with("rng-1 failed to start 3 times"), "{error}");
    assert!(ground.page.text().contains("stopped 1 replica in"), "{}", ground.page.text());
    assert_eq!(ground.runtime.path().read_dir().unwrap().count(), 0);
}

#[tokio::test]
async fn without_a_session_the_remedy_is_told_even_if_a_stale_socket_is_left() {
    let ground = Ground::new();
    let attempt = async || Client::connect_in(&ground.dir, &ground.project).await.unwrap_err().to_string();
    let remedy = "project lab is not running: start it with `loadgen up`, or name another one with --project";
    assert_eq!(attempt().await, remedy);
    ground.dir.create().unwrap();
    drop(std::os::unix::net::UnixListener::bind(ground.dir.socket()).unwrap());
    assert_eq!(attempt().await, remedy);
}

#[tokio::test]
async fn a_command_that_is_not_understood_is_answered() {
    use super::protocol::{read_message, write_message};
    let ground = Ground::new();
    let clients = async {
        ground.until_ready().await;
        let stream = tokio::net::UnixStream::connect(ground.dir.socket()).await.unwrap();
        let mut stream = tokio::io::BufReader::new(stream);
        write_message(&mut stream, &"dance").await.unwrap();
        let answer = read_message::<Response>(&mut stream).await.unwrap().unwrap();
        ground.ask(Request::Down).await.unwrap();
        answer
    };
    let (_, answer) = ground.session(&[], clients).await;
    assert!(matches!(answer, Response::Failed { .. }), "{answer:?}");
}
