//! What outlives a store that keeps a journal.

use std::fs;
use std::path::Path;

use crate::harness::{DEADLINE, Store};
use dockercoins_store::Error;
use redis::{AsyncCommands as _, cmd, pipe};
use tempfile::tempdir;
use tokio::time::timeout;

/// A journal of a string and then a transaction, from a store that was killed.
async fn write(journal: &Path) {
    let store = Store::kept_in(journal).await;
    let mut client = store.client().await;
    let () = client.set("k", "v").await.unwrap();
    let () =
        pipe().atomic().hset("wallet", "0abc", 1).incr("hashes", 7).query_async(&mut client).await.unwrap();
    store.kill().await;
}

async fn keys(store: &Store) -> Vec<String> {
    let mut keys: Vec<String> = store.client().await.keys("*").await.unwrap();
    keys.sort();
    keys
}

#[tokio::test]
async fn everything_that_was_answered_outlives_a_kill() {
    let folder = tempdir().unwrap();
    let journal = folder.path().join("journal");
    write(&journal).await;
    let store = Store::kept_in(&journal).await;
    let mut client = store.client().await;
    assert_eq!(client.get::<_, String>("k").await.unwrap(), "v");
    assert_eq!(client.get::<_, i64>("hashes").await.unwrap(), 7);
    assert_eq!(client.hget::<_, _, i64>("wallet", "0abc").await.unwrap(), 1);
}

#[tokio::test]
async fn deadlines_outlive_a_kill_and_go_on_counting() {
    let folder = tempdir().unwrap();
    let journal = folder.path().join("journal");
    let store = Store::kept_in(&journal).await;
    let mut client = store.client().await;
    let () = cmd("SET").arg(&["long", "v", "EX", "1000"]).query_async(&mut client).await.unwrap();
    let () = cmd("SET").arg(&["short", "v", "PX", "1"]).query_async(&mut client).await.unwrap();
    let () = client.set("ended", "v").await.unwrap();
    let () = client.expire("ended", -1).await.unwrap();
    store.kill().await;
    let store = Store::kept_in(&journal).await;
    let until_gone = async { while keys(&store).await != ["long"] {} };
    timeout(DEADLINE, until_gone).await.expect("only the long deadline should be left");
    let left: i64 = store.client().await.ttl("long").await.unwrap();
    assert!((1..=1_000).contains(&left), "{left}");
}

#[tokio::test]
async fn a_torn_transaction_is_cut_off_and_the_journal_goes_on() {
    let folder = tempdir().unwrap();
    let journal = folder.path().join("journal");
    write(&journal).await;
    let torn = fs::read(&journal).unwrap();
    fs::write(&journal, &torn[..torn.len() - 1]).unwrap();
    let store = Store::kept_in(&journal).await;
    assert_eq!(keys(&store).await, ["k"]);
    let () = store.client().await.set("later", 1).await.unwrap();
    store.kill().await;
    let store = Store::kept_in(&journal).await;
    assert_eq!(keys(&store).await, ["k", "later"]);
}

#[tokio::test]
async fn a_damaged_journal_is_left_alone_and_told_with_its_offset() {
    let folder = tempdir().unwrap();
    let journal = folder.path().join("journal");
    write(&journal).await;
    let mut bytes = fs::read(&journal).unwrap();
    let offset = bytes.windows(5).position(|window| window == b"MULTI").unwrap() - "*1\r\n$5\r\n".len();
    bytes[offset] = b'#';
    fs::write(&journal, &bytes).unwrap();
    let store = Store::kept_in(&journal).await;
    match store.ended().await {
        Err(error @ Error::Corrupt { .. }) => {
            let start = format!("the journal {} is damaged at byte {offset}: ", journal.display());
            assert!(error.to_string().starts_with(&start), "{error}");
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(fs::read(&journal).unwrap(), bytes);
}

#[tokio::test]
async fn reading_and_changing_nothing_writes_nothing() {
    let folder = tempdir().unwrap();
    let journal = folder.path().join("journal");
    write(&journal).await;
    let before = fs::read(&journal).unwrap();
    let store = Store::kept_in(&journal).await;
    let mut client = store.client().await;
    let _: Option<String> = client.get("k").await.unwrap();
    let _: bool = client.set_nx("k", "other").await.unwrap();
    let _: i64 = client.del("nothing").await.unwrap();
    let _: i64 = client.hdel("wallet", "nothing").await.unwrap();
    let () = pipe().atomic().exists("k").query_async::<(bool,)>(&mut client).await.map(|_| ()).unwrap();
    assert_eq!(fs::read(&journal).unwrap(), before);
}

#[tokio::test]
async fn a_journal_that_is_opened_again_and_again_does_not_grow_for_ever() {
    let folder = tempdir().unwrap();
    let journal = folder.path().join("journal");
    for life in 1..=3 {
        let store = Store::kept_in(&journal).await;
        let mut client = store.client().await;
        assert!(fs::metadata(&journal).unwrap().len() < 1_000);
        let mut work = pipe();
        for _ in 0..2_000 {
            work.atomic().hset("wallet", "0abc", life).incr("hashes", 7).pexpire("hashes", 1_000_000);
        }
        let () = work.query_async(&mut client).await.unwrap();
        assert!(fs::metadata(&journal).unwrap().len() > 64 << 10);
        store.kill().await;
        let store = Store::kept_in(&journal).await;
        let mut client = store.client().await;
        assert_eq!(client.get::<_, i64>("hashes").await.unwrap(), life * 14_000);
        assert_eq!(client.hget::<_, _, i64>("wallet", "0abc").await.unwrap(), life);
        assert!(client.pttl::<_, i64>("hashes").await.unwrap() > 0);
        store.kill().await;
    }
}
