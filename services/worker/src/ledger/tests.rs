use std::net::SocketAddr;

use dockercoins_kit::shutdown::{Trigger, shutdown};
use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};
use redis::AsyncCommands;
use redis::aio::MultiplexedConnection;
use tokio::net::TcpListener;

use super::*;
use crate::link::Patience;
use crate::tally::Stage;

mod cutter;
mod valve;

use cutter::cutter;
use valve::{Event, Valve};

/// A store of this test's own; it ends with the trigger.
async fn store() -> (SocketAddr, Trigger) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (trigger, shutdown) = shutdown();
    tokio::spawn(dockercoins_store::run(listener, dockercoins_store::Settings::default(), shutdown));
    (address, trigger)
}

async fn connection(store: SocketAddr) -> MultiplexedConnection {
    let client = redis::Client::open(format!("redis://{store}")).unwrap();
    client.get_multiplexed_async_connection().await.unwrap()
}

async fn hashes(store: SocketAddr) -> Option<u64> {
    connection(store).await.get(HASHES).await.unwrap()
}

fn ledger(redis: SocketAddr, response: Duration) -> Ledger {
    let info = redis::IntoConnectionInfo::into_connection_info(format!("redis://{redis}")).unwrap();
    let patience = Patience { connect: Duration::from_secs(1), response };
    let tally = Arc::new(Tally::new(1));
    let outage = Arc::new(Outage::new("redis".into(), Stage::Store, tally.clone()));
    Ledger::new("test", Link::new(info, patience).unwrap(), outage, tally)
}

fn add(ledger: &Ledger, loops: u64) {
    (0..loops).for_each(|_| ledger.add());
}

const PATIENT: Duration = Duration::from_secs(20);

#[tokio::test]
async fn the_first_flush_makes_the_counter_and_the_next_waits_for_its_time() {
    let (store, _trigger) = store().await;
    let ledger = ledger(store, PATIENT);
    assert!(ledger.flush_if_due(Instant::now()).await);
    assert_eq!(hashes(store).await, Some(0));
    add(&ledger, 3);
    assert!(!ledger.flush_if_due(Instant::now()).await);
    assert_eq!(hashes(store).await, Some(0));
    assert!(ledger.flush_if_due(Instant::now() + INTERVAL).await);
    assert_eq!(hashes(store).await, Some(3));
    assert_eq!(ledger.tally.counts().sent, 3);
}

#[tokio::test]
async fn the_number_of_the_last_batch_stands_beside_the_counter_for_a_day() {
    let (store, _trigger) = store().await;
    let ledger = ledger(store, PATIENT);
    for _ in 0..2 {
        add(&ledger, 1);
        ledger.close().await;
    }
    let mut connection = connection(store).await;
    let number: u64 = connection.get(&ledger.key).await.unwrap();
    let life: i64 = connection.ttl(&ledger.key).await.unwrap();
    assert_eq!(number, 2);
    assert!((86_300..=86_400).contains(&life), "{life}");
}

/// Time is paused, so that backoff takes none; it also makes some answers late at random.
#[tokio::test(start_paused = true)]
async fn connections_cut_at_random_and_waits_abandoned_at_random_lose_and_double_nothing() {
    let (store, _trigger) = store().await;
    let mut random = SmallRng::seed_from_u64(11);
    let (proxy, cuts) = cutter(store, SmallRng::from_rng(&mut random)).await;
    let ledger = ledger(proxy, PATIENT);
    let mut done = 0;
    for _ in 0..300 {
        let loops = random.random_range(1..100);
        add(&ledger, loops);
        done += loops;
        let impatience = Duration::from_millis(random.random_range(0..200));
        let _ = tokio::time::timeout(impatience, ledger.close()).await;
    }
    ledger.close().await;
    assert_eq!(hashes(store).await, Some(done));
    assert_eq!(ledger.tally.counts().sent, done);
    assert!(cuts.load(Ordering::Relaxed) > 50, "the proxy did its part: {cuts:?}");
}

#[tokio::test]
async fn loops_that_share_a_ledger_are_all_counted_and_only_one_of_them_waits() {
    let (store, _trigger) = store().await;
    let (proxy, _) = cutter(store, SmallRng::seed_from_u64(5)).await;
    let ledger = Arc::new(ledger(proxy, PATIENT));
    let mut loops = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let ledger = ledger.clone();
        loops.spawn(async move {
            for _ in 0..50 {
                ledger.flush_if_due(Instant::now() + 2 * INTERVAL).await;
                ledger.add();
                tokio::task::yield_now().await;
            }
        });
    }
    loops.join_all().await;
    ledger.close().await;
    assert_eq!(hashes(store).await, Some(400));
}

#[tokio::test]
async fn an_old_exec_that_comes_after_the_new_one_does_nothing() {
    let (store, _trigger) = store().await;
    // The first connection's EXEC is held back until the second one's is answered.
    let valve = Valve::new(store, &[(0, Event::Answered(1))]).await;
    let ledger = ledger(valve.address, Duration::from_millis(500));
    add(&ledger, 7);
    ledger.close().await;
    valve.happened(Event::Answered(0)).await;
    assert_eq!(hashes(store).await, Some(7));
    add(&ledger, 5);
    ledger.close().await;
    assert_eq!(hashes(store).await, Some(12));
}

#[tokio::test]
async fn an_old_exec_that_comes_between_get_and_the_new_one_is_not_repeated() {
    let (store, _trigger) = store().await;
    let valve = Valve::new(store, &[(0, Event::Sent(1)), (1, Event::Answered(0))]).await;
    let ledger = ledger(valve.address, Duration::from_millis(500));
    add(&ledger, 7);
    ledger.close().await;
    valve.happened(Event::Answered(1)).await;
    assert_eq!(hashes(store).await, Some(7));
    add(&ledger, 5);
    ledger.close().await;
    assert_eq!(hashes(store).await, Some(12));
}

#[tokio::test]
async fn a_counter_of_the_wrong_type_loses_nothing_once_it_is_mended() {
    let (store, _trigger) = store().await;
    let mut connection = connection(store).await;
    let () = connection.hset(HASHES, "a", "b").await.unwrap();
    let ledger = ledger(store, PATIENT);
    add(&ledger, 9);
    let mend = async {
        let refused = || ledger.tally.counts().errors[Stage::Store as usize] >= 2;
        let deadline = Instant::now() + PATIENT;
        while !refused() {
            assert!(Instant::now() < deadline, "redis never refused");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let () = connection.del(HASHES).await.unwrap();
    };
    tokio::join!(ledger.close(), mend);
    assert_eq!(hashes(store).await, Some(9));
}
