//! A web site for the tests, which remembers what it was asked, and the way from flags to a run.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::SystemTime;

use clap::Parser;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet, spawn_blocking};

use crate::recorder::Recorder;

use super::{BenchArgs, Plan, Run, run};

/// A running site; ends when dropped.
pub(super) struct Site {
    pub(super) address: SocketAddr,
    seen: Seen,
    connections: Arc<AtomicUsize>,
    accepting: JoinHandle<()>,
}

/// Requests, and when they came.
type Seen = Arc<Mutex<Vec<(SystemTime, String)>>>;

/// From a request line to the whole answer; `None` to keep silent.
type Answers = fn(&str) -> Option<String>;

impl Drop for Site {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl Site {
    pub(super) async fn start(answers: Answers) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (seen, connections) = (Seen::default(), Arc::<AtomicUsize>::default());
        let (noted, counted) = (seen.clone(), connections.clone());
        let accepting = tokio::spawn(async move {
            let mut conversations = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                counted.fetch_add(1, Ordering::SeqCst);
                conversations.spawn(converse(stream, answers, noted.clone()));
            }
        });
        Self { address, seen, connections, accepting }
    }

    /// Requests, whole, in the order in which they came.
    pub(super) fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap().iter().map(|(_, text)| text.clone()).collect()
    }

    /// When the first one came.
    pub(super) fn first_at(&self) -> SystemTime {
        self.seen.lock().unwrap()[0].0
    }

    pub(super) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    pub(super) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }
}

async fn converse(stream: TcpStream, answers: Answers, seen: Seen) {
    let mut stream = BufReader::new(stream);
    while let Some(text) = read(&mut stream).await {
        let answer = answers(text.lines().next().unwrap_or_default());
        seen.lock().unwrap().push((SystemTime::now(), text));
        let Some(answer) = answer else { return std::future::pending().await };
        if stream.write_all(answer.as_bytes()).await.is_err() {
            return;
        }
    }
}

async fn read(stream: &mut BufReader<TcpStream>) -> Option<String> {
    let (mut text, mut length) = (String::new(), 0);
    while !text.ends_with("\r\n\r\n") {
        let start = text.len();
        if stream.read_line(&mut text).await.ok()? == 0 {
            return None;
        }
        if let Some(("content-length", value)) = text[start..].split_once(": ") {
            length = value.trim().parse().unwrap();
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.ok()?;
    Some(text + std::str::from_utf8(&body).unwrap())
}

/// An answer without body.
#[expect(clippy::unnecessary_wraps, reason = "it is what a site's answers are")]
pub(super) fn answer(status: u16, headers: &str) -> Option<String> {
    Some(format!("HTTP/1.1 {status} X\r\ncontent-length: 0\r\n{headers}\r\n"))
}

#[derive(Parser)]
struct Cli {
    #[command(flatten)]
    args: BenchArgs,
}

/// The plan that these flags make.
pub(super) fn plan(flags: &[&str]) -> Result<Plan, String> {
    let words = std::iter::once("bench").chain(flags.iter().copied());
    let args = Cli::try_parse_from(words).map_err(|error| error.to_string())?.args;
    Plan::from_args(&args).map_err(|error| error.to_string())
}

/// Runs what these flags ask for.
pub(super) async fn bench(flags: &[&str]) -> Run {
    let plan = plan(flags).unwrap();
    let (_stop, stopped) = watch::channel(false);
    spawn_blocking(move || run(plan, &stopped, &mut ())).await.unwrap().unwrap()
}

/// Everything recorded.
pub(super) fn total(run: &Run) -> Recorder {
    run.collected.slices.total_from(std::time::Duration::ZERO)
}

/// How many requests ended how.
pub(super) fn outcomes(run: &Run) -> Vec<(String, u64)> {
    let total = total(run);
    total.outcomes().iter().map(|(outcome, count)| (outcome.to_string(), count)).collect()
}
