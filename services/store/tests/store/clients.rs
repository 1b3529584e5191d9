//! The store as a Redis client sees it.

use crate::harness::Store;
use redis::{AsyncCommands as _, ErrorKind, Pipeline, Value, cmd, pipe};

#[tokio::test]
async fn values_are_binary_safe() {
    let store = Store::start().await;
    let mut client = store.client().await;
    let bytes: Vec<u8> = (0..=255).cycle().take(1_000_000).collect();
    let () = client.set(&bytes[..256], &bytes).await.unwrap();
    assert_eq!(client.get::<_, Vec<u8>>(&bytes[..256]).await.unwrap(), bytes);
}

#[tokio::test]
async fn a_long_pipeline_is_answered_in_order() {
    let store = Store::start().await;
    let mut client = store.client().await;
    let mut pipeline = Pipeline::new();
    for _ in 0..10_000 {
        pipeline.incr("n", 1);
    }
    let answers: Vec<i64> = pipeline.query_async(&mut client).await.unwrap();
    assert!(answers.into_iter().eq(1..=10_000));
}

#[tokio::test]
async fn a_transaction_is_seen_whole_or_not_at_all() {
    let store = Store::start().await;
    let (mut writer, mut reader) = (store.client().await, store.client().await);
    let writing = tokio::spawn(async move {
        for _ in 0..500 {
            let () = pipe().atomic().incr("a", 1).incr("b", 1).query_async(&mut writer).await.unwrap();
        }
    });
    while !writing.is_finished() {
        let (a, b): (Option<i64>, Option<i64>) = reader.mget(&["a", "b"]).await.unwrap();
        assert_eq!(a, b);
    }
    writing.await.unwrap();
    assert_eq!(reader.get::<_, i64>("b").await.unwrap(), 500);
}

#[tokio::test]
async fn optimistic_locking_loses_no_update() {
    let store = Store::start().await;
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..4 {
        let mut client = store.client().await;
        tasks.spawn(async move {
            let mut done = 0;
            while done < 50 {
                let () = cmd("WATCH").arg("n").query_async(&mut client).await.unwrap();
                let n: Option<i64> = client.get("n").await.unwrap();
                let set: Value =
                    pipe().atomic().set("n", n.unwrap_or(0) + 1).query_async(&mut client).await.unwrap();
                done += i32::from(set != Value::Nil);
            }
        });
    }
    tasks.join_all().await;
    assert_eq!(store.client().await.get::<_, i64>("n").await.unwrap(), 200);
}

#[tokio::test]
async fn an_unknown_command_is_refused_by_name_and_the_connection_stays() {
    let store = Store::start().await;
    let mut client = store.client().await;
    let refused = cmd("LPUSH").arg("list").arg(1).query_async::<Value>(&mut client).await.unwrap_err();
    assert!(refused.to_string().contains("unknown command 'LPUSH', this store knows: "), "{refused}");
    assert_eq!(cmd("PING").query_async::<String>(&mut client).await.unwrap(), "PONG");
}

#[tokio::test]
async fn a_coin_is_new_only_once() {
    let store = Store::start().await;
    let mut client = store.client().await;
    assert_eq!(client.hset::<_, _, _, i64>("wallet", "0abc", &b"\x00\xff"[..]).await.unwrap(), 1);
    assert_eq!(client.hset::<_, _, _, i64>("wallet", "0abc", &b"\x00\xff"[..]).await.unwrap(), 0);
    assert_eq!(client.hlen::<_, i64>("wallet").await.unwrap(), 1);
}

#[tokio::test]
async fn a_client_that_reads_resp3_gets_maps_and_nulls() {
    let store = Store::start().await;
    let mut client = store.resp3_client().await;
    let () = client.hset("wallet", "0abc", 7).await.unwrap();
    let wallet: Value = cmd("HGETALL").arg("wallet").query_async(&mut client).await.unwrap();
    let entry = (Value::BulkString("0abc".into()), Value::BulkString("7".into()));
    assert_eq!(wallet, Value::Map(vec![entry]));
    assert_eq!(client.get::<_, Option<String>>("nothing").await.unwrap(), None);
    let config: Value = cmd("CONFIG").arg(&["GET", "save"]).query_async(&mut client).await.unwrap();
    assert_eq!(config, Value::Map(vec![]));
}

#[tokio::test]
async fn a_client_that_reads_resp3_has_transactions() {
    let store = Store::start().await;
    let (mut client, mut other) = (store.resp3_client().await, store.client().await);
    let () = cmd("WATCH").arg("n").query_async(&mut client).await.unwrap();
    let () = other.set("n", 1).await.unwrap();
    let conflict: Value = pipe().atomic().incr("n", 1).query_async(&mut client).await.unwrap();
    assert_eq!(conflict, Value::Nil);
    let done: (i64, std::collections::HashMap<String, i64>) =
        pipe().atomic().incr("n", 1).hgetall("wallet").query_async(&mut client).await.unwrap();
    assert_eq!(done, (2, [].into()));
}

#[tokio::test]
async fn clients_tell_the_password_in_either_protocol() {
    let store = Store::guarded_by("secret").await;
    for (who, options) in [(":secret@", ""), ("default:secret@", ""), (":secret@", "/?protocol=resp3")] {
        let mut client = store.client_as(who, options).await.unwrap();
        let () = client.set("who", who).await.unwrap();
        assert_eq!(client.get::<_, String>("who").await.unwrap(), who, "{options}");
    }
}

#[tokio::test]
async fn without_the_right_password_a_client_gets_nothing() {
    let store = Store::guarded_by("secret").await;
    for (who, options) in [(":wrong@", ""), ("someone:secret@", ""), (":wrong@", "/?protocol=resp3")] {
        let error = store.client_as(who, options).await.err().unwrap();
        // The client's words with RESP2, the store's with RESP3.
        let is_refusal = error.kind() == ErrorKind::AuthenticationFailed || error.code() == Some("WRONGPASS");
        assert!(is_refusal, "{who} {options}: {error}");
    }
    let mut stranger = store.client_as("", "").await.unwrap();
    let error = stranger.get::<_, Option<String>>("k").await.unwrap_err();
    assert_eq!(error.code(), Some("NOAUTH"), "{error}");
}
