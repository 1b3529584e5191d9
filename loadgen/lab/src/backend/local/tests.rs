//! The supervisor with fake replicas, which are real processes.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{sleep, timeout};

use super::fake_replica::config;
use super::{Ending, LocalBackend, LocalConfig, LocalError, Phase, Supervisor};
use crate::backend::{Backend, Service};

const DEADLINE: Duration = Duration::from_secs(20);

struct Ground {
    state: tempfile::TempDir,
}

impl Ground {
    fn new() -> Self {
        Self { state: tempfile::tempdir().unwrap() }
    }

    fn config(&self) -> LocalConfig {
        config(self.state.path())
    }

    async fn up(&self) -> Supervisor {
        let supervisor = Supervisor::bind(self.config()).await.unwrap();
        supervisor.up(&BTreeMap::new()).await.unwrap();
        supervisor
    }
}

async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let end = Instant::now() + DEADLINE;
    while !holds().await {
        assert!(Instant::now() < end, "not within {DEADLINE:?}: {what}");
        sleep(Duration::from_millis(10)).await;
    }
}

async fn ask(address: SocketAddr) -> String {
    let mut answer = String::new();
    let exchange = async {
        let mut stream = TcpStream::connect(address).await?;
        stream.read_to_string(&mut answer).await
    };
    // A connection that breaks off has no answer.
    let _ = timeout(DEADLINE, exchange).await.unwrap();
    answer
}

fn pid_of(supervisor: &Supervisor, service: Service) -> Pid {
    Pid::from_raw(i32::try_from(supervisor.statuses(service)[0].pid.unwrap()).unwrap()).unwrap()
}

fn pids(supervisor: &Supervisor) -> Vec<Pid> {
    let statuses = Service::ALL.into_iter().flat_map(|service| supervisor.statuses(service));
    statuses.map(|status| Pid::from_raw(i32::try_from(status.pid.unwrap()).unwrap()).unwrap()).collect()
}

fn is_gone(pid: Pid) -> bool {
    test_kill_process(pid).is_err()
}

#[tokio::test]
async fn up_starts_one_of_each_and_down_leaves_nothing() {
    let ground = Ground::new();
    let supervisor = ground.up().await;
    for service in Service::ALL {
        assert_eq!(supervisor.statuses(service).len(), 1, "{service}");
    }
    let rng = supervisor.address(Service::Rng).unwrap();
    assert_eq!(ask(rng).await, "rng-1");
    assert_eq!(supervisor.address(Service::Worker), None);
    let pids = pids(&supervisor);
    let stopped = supervisor.down().await;
    assert!(stopped.endings.iter().all(|(_, ending)| *ending == Ending::Exited(0)), "{stopped:?}");
    let order: Vec<&str> = stopped.endings.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!((order[0], order[4]), ("worker-1", "store-1"));
    assert!(pids.into_iter().all(is_gone));
    assert!(TcpStream::connect(rng).await.is_err(), "the port is still open");
    assert_eq!(std::fs::read_dir(ground.state.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn replicas_are_told_where_the_others_are() {
    let ground = Ground::new();
    let supervisor = ground.up().await;
    let (lines, _) = supervisor.logs(&[Service::Worker], 500);
    let rng = format!("--rng-url http://{}", supervisor.address(Service::Rng).unwrap());
    let redis = format!("--redis-url redis://{}", supervisor.address(Service::Store).unwrap());
    assert!(lines.iter().any(|line| line.text.contains(&rng) && line.text.contains(&redis)), "{lines:?}");
}

#[tokio::test]
async fn scaling_up_and_down_loses_no_connection() {
    let ground = Ground::new();
    let supervisor = ground.up().await;
    let rng = supervisor.address(Service::Rng).unwrap();
    let scaling = supervisor.clone();
    let steps = tokio::spawn(async move {
        for replicas in [3, 1, 4, 2] {
            scaling.scale(Service::Rng, replicas).await.unwrap();
            assert_eq!(scaling.statuses(Service::Rng).len(), replicas);
        }
    });
    while !steps.is_finished() {
        assert!(ask(rng).await.starts_with("rng-"));
    }
    steps.await.unwrap();
    let names: Vec<String> =
        supervisor.statuses(Service::Rng).into_iter().map(|status| status.name).collect();
    assert_eq!(names, ["rng-1", "rng-2"]);
    assert_ne!(ask(rng).await, ask(rng).await);
}

#[tokio::test]
async fn a_killed_replica_comes_back_behind_the_same_address_and_is_an_event() {
    let ground = Ground::new();
    let mut backend = LocalBackend::new(ground.config());
    backend.up().await.unwrap();
    let supervisor = backend.running.clone().unwrap();
    let rng = backend.address(Service::Rng).unwrap();
    kill_process(pid_of(&supervisor, Service::Rng), Signal::KILL).unwrap();
    let restarted = async || supervisor.statuses(Service::Rng)[0].restarts == 1;
    until("rng-1 is restarted", restarted).await;
    until("rng answers", async || ask(rng).await == "rng-1").await;
    let events = backend.events();
    assert_eq!(events.len(), 1, "{events:?}");
    assert!(events[0].what.contains("was killed by signal 9; restarted after 100ms as pid"), "{events:?}");
    assert!(backend.events().is_empty());
    backend.down().await.unwrap();
}

#[tokio::test]
async fn a_replica_that_cannot_start_fails_the_scaling_with_its_last_words_and_is_withdrawn() {
    let ground = Ground::new();
    let mut config = ground.config();
    config.service_args.insert(Service::Rng, vec!["--fail".into()]);
    let supervisor = Supervisor::bind(config).await.unwrap();
    let error = supervisor.scale(Service::Rng, 2).await.unwrap_err().to_string();
    assert!(error.contains("failed to start 3 times: it exited with code 101"), "{error}");
    assert!(supervisor.statuses(Service::Rng).is_empty());
}

#[tokio::test]
async fn a_program_that_is_not_there_is_named() {
    let ground = Ground::new();
    let config = LocalConfig { executable: "/nowhere/loadgen".into(), ..ground.config() };
    let supervisor = Supervisor::bind(config).await.unwrap();
    let error = supervisor.scale(Service::Rng, 1).await.unwrap_err().to_string();
    assert!(error.contains("cannot run /nowhere/loadgen"), "{error}");
}

#[tokio::test]
async fn a_replica_that_never_becomes_ready_is_named_with_the_time_it_was_given() {
    let ground = Ground::new();
    let mut config = LocalConfig { ready_within: Duration::from_millis(300), ..ground.config() };
    config.service_args.insert(Service::Rng, vec!["--hang".into()]);
    let supervisor = Supervisor::bind(config).await.unwrap();
    let error = supervisor.scale(Service::Rng, 1).await.unwrap_err().to_string();
    assert!(error.starts_with("rng-1 was not ready within 300ms"), "{error}");
}

#[tokio::test]
async fn a_replica_that_ignores_sigterm_is_killed_after_the_grace_period() {
    let ground = Ground::new();
    let mut config = LocalConfig { grace: Duration::from_millis(100), ..ground.config() };
    config.service_args.insert(Service::Worker, vec!["--stubborn".into()]);
    let supervisor = Supervisor::bind(config).await.unwrap();
    supervisor.scale(Service::Worker, 1).await.unwrap();
    let pid = pid_of(&supervisor, Service::Worker);
    let stopped = supervisor.down().await;
    assert_eq!(stopped.endings, [("worker-1".to_owned(), Ending::Killed(Duration::from_millis(100)))]);
    assert!(is_gone(pid));
}

#[tokio::test]
async fn dropping_the_backend_kills_every_replica() {
    let ground = Ground::new();
    let mut backend = LocalBackend::new(ground.config());
    backend.up().await.unwrap();
    let pids = pids(backend.running.as_ref().unwrap());
    drop(backend);
    until("all replicas are gone", async || pids.iter().copied().all(is_gone)).await;
}

#[tokio::test]
async fn a_port_in_use_is_found_before_anything_is_started() {
    let ground = Ground::new();
    let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut config = ground.config();
    config.listen.insert(Service::Hasher, taken.local_addr().unwrap());
    let error = Supervisor::bind(config).await.unwrap_err();
    assert!(matches!(error, LocalError::PortInUse { service: Service::Hasher, .. }), "{error}");
}

/// It knows one command, and the replicas of these tests need none.
async fn somebody_elses_redis() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            client.write_all(b"+PONG\r\n").await.unwrap();
        }
    });
    address
}

#[tokio::test]
async fn an_external_redis_takes_the_place_of_the_store() {
    let ground = Ground::new();
    let redis = somebody_elses_redis().await;
    let config = LocalConfig { redis: Some(format!("redis://{redis}")), ..ground.config() };
    let supervisor = Supervisor::bind(config).await.unwrap();
    supervisor.up(&BTreeMap::from([(Service::Worker, 3)])).await.unwrap();
    assert!(supervisor.statuses(Service::Store).is_empty());
    assert_eq!(supervisor.statuses(Service::Worker).len(), 3);
    assert!(supervisor.statuses(Service::Worker).iter().all(|status| status.phase == Phase::Running));
    assert!(matches!(supervisor.scale(Service::Store, 2).await, Err(LocalError::StoreScaled)));
    supervisor.down().await;
}
