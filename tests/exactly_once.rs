//! A worker's loops reach `hashes` exactly once, whatever happens to the connection or to the store.

use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::harness::flapping::Flapping;
use crate::harness::machine;
use crate::harness::metrics::{cycles, last_cycles};
use crate::harness::program::Program;
use crate::harness::service::Service;
use crate::harness::store::{connect, hashes, wallet};
use crate::harness::wait::{eventually, settled};

const SOON: Duration = Duration::from_secs(30);
const TROUBLE: Duration = Duration::from_secs(3);
const WORKERS: usize = 4;

/// Workers without any delay, one rng and one hasher; the store is the story's.
struct Crew {
    rng: Service,
    _hasher: Service,
    workers: Vec<Service>,
}

impl Crew {
    fn start(store: SocketAddr) -> Self {
        let without_delay = ["--service-time", "0ms"];
        let rng = Service::start("rng", &without_delay);
        let hasher = Service::start("hasher", &without_delay);
        let flags = ["--think-time", "0ms", "--grace-period", "15s"];
        let worker = |_| Service::worker(rng.address(), hasher.address(), store, &flags);
        let workers = (0..WORKERS).map(worker).collect();
        Self { rng, _hasher: hasher, workers }
    }

    fn cycles(&self) -> u64 {
        self.workers.iter().map(|worker| cycles(worker.admin)).sum()
    }

    fn wait_for_more_than(&self, seen: u64) {
        eventually("more cycles", SOON, || (self.cycles() > seen).then_some(()));
    }

    /// Takes rng away so that the count stands, ends the workers gracefully, and returns the count.
    fn stop(mut self) -> u64 {
        self.rng.program.kill();
        let count = self.workers.iter().map(|worker| last_cycles(worker.admin)).sum();
        for worker in &mut self.workers {
            let said = worker.stop(Duration::from_secs(20));
            assert!(said.status.success(), "{said:?}");
        }
        count
    }
}

/// Breaks something again and again while the crew works, until that was enough; how often that is depends on the machine.
fn trouble(crew: &Crew, mut is_enough: impl FnMut() -> bool) {
    let (until, deadline) = (Instant::now() + TROUBLE, Instant::now() + 10 * TROUBLE);
    loop {
        crew.wait_for_more_than(crew.cycles());
        let enough = is_enough();
        if enough && Instant::now() >= until {
            return;
        }
        assert!(Instant::now() < deadline, "hardly any trouble");
    }
}

#[test]
fn behind_a_flapping_connection_every_loop_counts_once() {
    let _turn = machine::busy();
    let store = Service::start("store", &[]);
    let flapping = Flapping::in_front_of(store.address());
    let crew = Crew::start(flapping.address);
    trouble(&crew, || flapping.cuts() > 20);
    flapping.heal();
    let count = crew.stop();
    assert_eq!(hashes(store.address()), count, "after {} cuts", flapping.cuts());
}

#[test]
fn when_the_store_is_killed_and_restarted_every_loop_counts_once() {
    let _turn = machine::busy();
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("store.aof");
    let keeping = ["--appendonly", file.to_str().expect("a path")];
    let mut store = Service::start("store", &keeping);
    let address = store.address();
    let crew = Crew::start(address);
    let mut kills = 0;
    trouble(&crew, || {
        let before = hashes(address);
        eventually("a batch", SOON, || (hashes(address) > before).then_some(()));
        store.program.kill();
        store = Service::on(&address.to_string(), "store", &keeping);
        assert!(hashes(address) > before, "what was counted survives");
        kills += 1;
        kills >= 2
    });
    let count = crew.stop();
    assert_eq!(hashes(address), count, "after {kills} kills");
    assert!(!wallet(address).is_empty());
}

#[test]
fn a_worker_in_the_place_of_a_killed_one_of_its_name_counts_all_of_its_own_loops() {
    let _turn = machine::busy();
    let store = Service::start("store", &[]);
    let rng = Service::start("rng", &["--service-time", "0ms"]);
    let hasher = Service::start("hasher", &["--service-time", "0ms"]);
    let flags = ["--think-time", "1ms", "--hostname", "worker-1"];
    let start = || Service::worker(rng.address(), hasher.address(), store.address(), &flags);
    let mut killed = start();
    eventually("a batch", SOON, || (hashes(store.address()) > 0).then_some(()));
    killed.program.kill();
    let before = settled("the counter to stand", SOON, || hashes(store.address()));
    let mut successor = start();
    eventually("a batch", SOON, || (hashes(store.address()) > before).then_some(()));
    drop(rng);
    let count = last_cycles(successor.admin);
    assert!(successor.stop(SOON).status.success());
    assert_eq!(hashes(store.address()), before + count);
}

/// A real Redis that syncs every write, on a port that was free a moment ago (it can't pick one itself).
struct Redis {
    program: Program,
    address: SocketAddr,
}

impl Redis {
    fn start(folder: &Path) -> Self {
        let free = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
        Self::on(free.expect("a free port"), folder)
    }

    fn on(address: SocketAddr, folder: &Path) -> Self {
        let port = address.port().to_string();
        let mut command = Command::new("redis-server");
        command.args(["--bind", "127.0.0.1", "--port", &port, "--save", "", "--appendonly", "yes"]);
        command.args(["--appendfsync", "always", "--dir"]).arg(folder);
        let redis = Self { program: Program::start(&mut command), address };
        connect(address);
        redis
    }
}

#[test]
#[ignore = "needs redis-server"]
fn when_a_real_redis_is_killed_and_restarted_every_loop_counts_once() {
    let _turn = machine::busy();
    let folder = tempfile::tempdir().expect("a folder");
    let mut redis = Redis::start(folder.path());
    let address = redis.address;
    let crew = Crew::start(address);
    let mut kills = 0;
    trouble(&crew, || {
        let before = hashes(address);
        eventually("a batch", SOON, || (hashes(address) > before).then_some(()));
        redis.program.kill();
        redis = Redis::on(address, folder.path());
        kills += 1;
        kills >= 2
    });
    let count = crew.stop();
    assert_eq!(hashes(address), count, "after {kills} kills");
}

#[test]
#[ignore = "needs redis-server"]
fn behind_a_flapping_connection_to_a_real_redis_every_loop_counts_once() {
    let _turn = machine::busy();
    let folder = tempfile::tempdir().expect("a folder");
    let redis = Redis::start(folder.path());
    let flapping = Flapping::in_front_of(redis.address);
    let crew = Crew::start(flapping.address);
    trouble(&crew, || flapping.cuts() > 20);
    flapping.heal();
    let count = crew.stop();
    assert_eq!(hashes(redis.address), count, "after {} cuts", flapping.cuts());
}
