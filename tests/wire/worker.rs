//! worker: bytes from rng, a hash from hasher, coins and loops to redis.

use std::time::Duration;

use crate::harness::fake::{LUCKY, LUCKY_HASH, LuckyRng};
use crate::harness::http::post;
use crate::harness::machine::{self, Turn};
use crate::harness::metrics::cycles;
use crate::harness::service::Service;
use crate::harness::store::{hashes, wallet};
use crate::harness::wait::eventually;

const SOON: Duration = Duration::from_secs(30);

/// Everything a worker talks to, without delays: that takes CPU from who measures time.
struct Town {
    _turn: Turn,
    rng: Service,
    hasher: Service,
    store: Service,
}

impl Town {
    fn start() -> Self {
        let without_delay = ["--service-time", "0ms"];
        Self {
            _turn: machine::busy(),
            rng: Service::start("rng", &without_delay),
            hasher: Service::start("hasher", &without_delay),
            store: Service::start("store", &[]),
        }
    }

    fn worker(&self, flags: &[&str]) -> Service {
        Service::worker(self.rng.address(), self.hasher.address(), self.store.address(), flags)
    }
}

#[test]
fn a_worker_reports_its_loops_to_redis_and_says_so() {
    let town = Town::start();
    let mut worker = town.worker(&["--think-time", "2ms"]);
    eventually("hashes", SOON, || (hashes(town.store.address()) > 0).then_some(()));
    let said = worker.stop(SOON);
    assert!(said.status.success(), "{said:?}");
    let batch = |line: &str| {
        let (units, _) = line.split_once(" units of work done, updating hash counter")?;
        units.rsplit(' ').next()?.parse::<u64>().ok()
    };
    let announced: u64 = said.stdout.lines().filter_map(batch).sum();
    assert_eq!(announced, hashes(town.store.address()), "{}", said.stdout);
}

#[test]
fn a_coin_is_a_hash_with_a_leading_zero_kept_with_its_bytes() {
    let town = Town::start();
    let mut worker = town.worker(&["--think-time", "1ms"]);
    let coins = || Some(wallet(town.store.address())).filter(|coins| coins.len() >= 3);
    eventually("three coins", SOON, coins);
    let said = worker.stop(SOON).stdout;
    for (hash, bytes) in wallet(town.store.address()) {
        assert!(hash.starts_with('0') && bytes.len() == 32, "{hash}: {bytes:?}");
        assert_eq!(post(town.hasher.address(), &bytes).text(), hash);
        assert!(said.contains(&format!("Coin found: {}...", &hash[..8])), "{hash} in:\n{said}");
    }
}

#[test]
fn a_coin_found_again_is_said_to_be_known() {
    let town = Town::start();
    let rng = LuckyRng::start();
    let flags = ["--think-time", "5ms"];
    let worker = Service::worker(rng.address, town.hasher.address(), town.store.address(), &flags);
    let says = |text: &'static str| {
        worker.program.stdout().find(text, SOON, |line| line.contains(text).then_some(()));
    };
    says("Coin found: 09318b41...");
    says("We already had that coin");
    let coins = wallet(town.store.address());
    assert_eq!(coins.into_iter().collect::<Vec<_>>(), [(LUCKY_HASH.to_owned(), LUCKY.to_vec())]);
}

#[test]
fn a_worker_opens_a_connection_for_each_request_by_default() {
    let town = Town::start();
    let rng = LuckyRng::start();
    let flags = ["--think-time", "1ms"];
    let mut worker = Service::worker(rng.address, town.hasher.address(), town.store.address(), &flags);
    eventually("twenty requests", SOON, || (rng.requests() >= 20).then_some(()));
    worker.stop(SOON);
    assert!(rng.connections() >= rng.requests(), "{} for {}", rng.connections(), rng.requests());
}

#[test]
fn a_worker_keeps_its_connection_on_request() {
    let town = Town::start();
    let rng = LuckyRng::start();
    let flags = ["--think-time", "1ms", "--keep-alive"];
    let mut worker = Service::worker(rng.address, town.hasher.address(), town.store.address(), &flags);
    eventually("twenty requests", SOON, || (rng.requests() >= 20).then_some(()));
    worker.stop(SOON);
    assert_eq!(rng.connections(), 1);
}

#[test]
fn a_worker_thinks_for_a_tenth_of_a_second_in_each_of_its_loops() {
    let town = Town::start();
    let worker = town.worker(&["--concurrency", "5"]);
    let start = std::time::Instant::now();
    let before = cycles(worker.admin);
    eventually("thirty cycles", SOON, || (cycles(worker.admin) - before >= 30).then_some(()));
    let took = start.elapsed();
    assert!(took > Duration::from_millis(500), "five loops of ten a second each make 50/s: {took:?}");
}

#[test]
fn a_worker_goes_on_when_rng_comes_back() {
    let mut town = Town::start();
    let worker = town.worker(&["--think-time", "1ms"]);
    eventually("work", SOON, || (cycles(worker.admin) > 0).then_some(()));
    let address = town.rng.address().to_string();
    town.rng.program.kill();
    town.rng = Service::on(&address, "rng", &["--service-time", "0ms"]);
    let before = cycles(worker.admin);
    eventually("more work", SOON, || (cycles(worker.admin) > before + 5).then_some(()));
}

#[test]
fn a_kept_connection_that_rng_closed_in_the_meantime_costs_no_time() {
    let mut town = Town::start();
    let worker = town.worker(&["--think-time", "300ms", "--keep-alive"]);
    eventually("work", SOON, || (cycles(worker.admin) > 0).then_some(()));
    let address = town.rng.address().to_string();
    town.rng.program.kill();
    town.rng = Service::on(&address, "rng", &["--service-time", "0ms"]);
    let before = cycles(worker.admin);
    eventually("more work", SOON, || (cycles(worker.admin) > before + 1).then_some(()));
}
