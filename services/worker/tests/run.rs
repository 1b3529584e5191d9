//! A worker between small stand-ins of rng and hasher and a real store.
#![expect(clippy::unwrap_used, reason = "what tests share fails by panicking, as they do")]
#![expect(clippy::float_cmp, reason = "a scrape shows counts as floats, exactly")]

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use clap::Parser;
use dockercoins_kit::Replica;
use dockercoins_kit::serve::{serve, text};
use dockercoins_kit::shutdown::{Trigger, shutdown};
use dockercoins_worker::{Error, Settings};
use hyper::StatusCode;
use redis::AsyncCommands;
use redis::aio::MultiplexedConnection;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

#[derive(Debug, Parser)]
struct Command {
    #[command(flatten)]
    settings: Settings,
}

/// Everything around a worker; it ends with the triggers.
struct World {
    rng: SocketAddr,
    hasher: SocketAddr,
    store: SocketAddr,
    /// Whether rng answers 503.
    rng_fails: Arc<AtomicBool>,
    _triggers: Vec<Trigger>,
}

impl World {
    async fn new() -> Self {
        let (rng, rng_trigger, rng_fails) = rng().await;
        let (hasher, hasher_trigger) = hasher().await;
        let (listener, store) = listen().await;
        let (store_trigger, shutdown) = shutdown();
        tokio::spawn(dockercoins_store::run(listener, dockercoins_store::Settings::default(), shutdown));
        Self { rng, hasher, store, rng_fails, _triggers: vec![rng_trigger, hasher_trigger, store_trigger] }
    }

    fn worker(&self, more: &[&str]) -> Worker {
        let urls = [
            format!("--rng-url=http://{}", self.rng),
            format!("--hasher-url=http://{}", self.hasher),
            format!("--redis-url=redis://{}", self.store),
        ];
        let words = ["worker", "--think-time=0"].into_iter().chain(urls.iter().map(String::as_str));
        let settings = Command::parse_from(words.chain(more.iter().copied())).settings;
        let (trigger, shutdown) = shutdown();
        let replica = Replica::new("worker", "test", shutdown);
        let station = dockercoins_worker::station(&settings);
        let run = tokio::spawn(dockercoins_worker::run(replica.clone(), station, settings));
        Worker { replica, trigger, run }
    }

    async fn redis(&self) -> MultiplexedConnection {
        let client = redis::Client::open(format!("redis://{}", self.store)).unwrap();
        client.get_multiplexed_async_connection().await.unwrap()
    }
}

struct Worker {
    replica: Replica,
    trigger: Trigger,
    run: JoinHandle<Result<(), Error>>,
}

impl Worker {
    fn scrape(&self) -> String {
        dockercoins_kit::metrics::scrape(&self.replica.registry)
    }

    async fn reaches(&self, series: &str, value: f64) {
        let deadline = Instant::now() + Duration::from_secs(20);
        while reading(&self.scrape(), series).is_none_or(|reading| reading < value) {
            assert!(Instant::now() < deadline, "{series} does not reach {value}:\n{}", self.scrape());
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    async fn stop(&mut self) {
        self.trigger.drain();
        let ended = tokio::time::timeout(Duration::from_secs(10), &mut self.run).await;
        ended.expect("it goes on").unwrap().unwrap();
    }
}

/// The value of one series, if the scrape has it.
fn reading(scrape: &str, series: &str) -> Option<f64> {
    let value = scrape.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '))?;
    Some(value.parse().unwrap())
}

fn metric(scrape: &str, series: &str) -> f64 {
    reading(scrape, series).unwrap_or_else(|| panic!("no {series} in\n{scrape}"))
}

async fn listen() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

async fn rng() -> (SocketAddr, Trigger, Arc<AtomicBool>) {
    let (listener, address) = listen().await;
    let (trigger, shutdown) = shutdown();
    let fails = Arc::new(AtomicBool::new(false));
    let failing = fails.clone();
    tokio::spawn(serve(listener, shutdown, move |request| {
        assert_eq!(request.uri().path(), "/32");
        let status =
            if failing.load(Ordering::Relaxed) { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK };
        std::future::ready(text(status, [b'r'; 32].to_vec()))
    }));
    (address, trigger, fails)
}

/// One hash in sixteen is a coin, and no two are the same.
async fn hasher() -> (SocketAddr, Trigger) {
    let (listener, address) = listen().await;
    let (trigger, shutdown) = shutdown();
    let count = Arc::new(AtomicU64::new(1));
    tokio::spawn(serve(listener, shutdown, move |_| {
        let number = count.fetch_add(1, Ordering::Relaxed);
        std::future::ready(text(StatusCode::OK, format!("{:x}{number:063x}", number % 16)))
    }));
    (address, trigger)
}

#[tokio::test]
async fn all_that_was_mined_is_in_redis_when_the_worker_has_ended() {
    let world = World::new().await;
    for more in [&[][..], &["--keep-alive"], &["--concurrency=4"], &["--keep-alive", "--concurrency=4"]] {
        let mut redis = world.redis().await;
        let (): () = redis.del(&["hashes", "wallet"]).await.unwrap();
        let mut worker = world.worker(more);
        worker.reaches("dockercoins_worker_cycles_total", 300.0).await;
        worker.stop().await;
        let [cycles, sent, coins] = ["cycles", "sent_loops", "coins"]
            .map(|noun| metric(&worker.scrape(), &format!("dockercoins_worker_{noun}_total")));
        let hashes: f64 = redis.get("hashes").await.unwrap();
        let wallet: f64 = redis.hlen("wallet").await.unwrap();
        assert_eq!([hashes, sent], [cycles; 2], "{more:?}");
        assert!(wallet == coins || wallet == coins - 1.0, "{more:?}: {wallet} of {coins} coins");
        assert!(wallet >= (cycles / 16.0).floor(), "{more:?}: {wallet} coins in {cycles} cycles");
    }
}

#[tokio::test]
async fn a_coin_is_kept_with_the_bytes_it_was_made_of() {
    let world = World::new().await;
    let mut worker = world.worker(&[]);
    worker.reaches("dockercoins_worker_cycles_total", 20.0).await;
    worker.stop().await;
    let coin: Vec<u8> = world.redis().await.hget("wallet", format!("0{:063x}", 16)).await.unwrap();
    assert_eq!(coin, [b'r'; 32]);
}

#[tokio::test]
async fn a_scrape_agrees_with_itself_while_the_worker_works() {
    let world = World::new().await;
    let mut worker = world.worker(&["--concurrency=3", "--keep-alive"]);
    for goal in [50.0, 100.0, 200.0, 400.0] {
        worker.reaches("dockercoins_worker_cycles_total", goal).await;
        let scrape = worker.scrape();
        let stages = ["think", "rng", "hasher", "store"];
        let stage =
            |stage| metric(&scrape, &format!("dockercoins_worker_stage_seconds_total{{stage=\"{stage}\"}}"));
        let total = metric(&scrape, "dockercoins_worker_cycle_seconds_total");
        assert!((stages.map(stage).iter().sum::<f64>() - total).abs() < 1e-6);
        let [cycles, sent, unsent] = ["cycles_total", "sent_loops_total", "unsent_loops"]
            .map(|noun| metric(&scrape, &format!("dockercoins_worker_{noun}")));
        assert_eq!(sent + unsent, cycles);
    }
    worker.stop().await;
}

#[tokio::test]
async fn the_counter_exists_from_the_start_even_if_nothing_is_ever_mined() {
    let world = World::new().await;
    world.rng_fails.store(true, Ordering::Relaxed);
    let mut worker = world.worker(&[]);
    worker.reaches("dockercoins_worker_errors_total{stage=\"rng\"}", 1.0).await;
    assert_eq!(world.redis().await.get::<_, String>("hashes").await.unwrap(), "0");
    worker.stop().await;
}

#[tokio::test]
async fn rng_failing_stops_the_work_and_its_return_resumes_it() {
    let world = World::new().await;
    let mut worker = world.worker(&[]);
    worker.reaches("dockercoins_worker_cycles_total", 10.0).await;
    world.rng_fails.store(true, Ordering::Relaxed);
    worker.reaches("dockercoins_worker_errors_total{stage=\"rng\"}", 2.0).await;
    let before = metric(&worker.scrape(), "dockercoins_worker_cycles_total");
    world.rng_fails.store(false, Ordering::Relaxed);
    worker.reaches("dockercoins_worker_cycles_total", before + 10.0).await;
    worker.stop().await;
}

#[test]
fn the_think_time_can_be_changed_while_it_works() {
    let settings = Command::parse_from(["worker", "--think-time=3s"]).settings;
    let station = dockercoins_worker::station(&settings);
    assert_eq!(station.settings().service_time, Duration::from_secs(3));
    assert_eq!(station.settings().slots, None);
    let change = dockercoins_kit::station::StationChange::from_json(br#"{"service_time_ms": 0}"#).unwrap();
    assert_eq!(station.change(change).unwrap().service_time, Duration::ZERO);
}
