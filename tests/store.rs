//! The embedded store, spoken to by somebody else's clients.

use std::net::SocketAddr;
use std::process::Command;
use std::thread;
use std::time::Duration;

use redis::{Commands, ErrorKind, RedisResult, ServerErrorKind, cmd, pipe};

use crate::harness::DOCKERCOINS;
use crate::harness::http::get;
use crate::harness::program::{Finished, Program, run};
use crate::harness::service::Service;
use crate::harness::store::connect;
use crate::harness::wait::eventually;

const SOON: Duration = Duration::from_secs(30);

fn store() -> Service {
    Service::start("store", &[])
}

#[test]
fn the_store_counts_and_keeps() {
    let store = store();
    let mut redis = connect(store.address());
    assert_eq!(cmd("PING").query::<String>(&mut redis).expect("an answer"), "PONG");
    assert_eq!(redis.get::<_, Option<String>>("hashes").expect("nothing"), None);
    assert_eq!(redis.incr::<_, _, i64>("hashes", 5).expect("a number"), 5);
    assert_eq!(redis.incr::<_, _, i64>("hashes", -2).expect("a number"), 3);
    assert_eq!(redis.get::<_, String>("hashes").expect("a text"), "3");
    redis.set::<_, _, ()>("name", "coin").expect("ok");
    assert_eq!(redis.get::<_, String>("name").expect("a text"), "coin");
    assert!(redis.exists::<_, bool>("name").expect("an answer"));
    assert_eq!(redis.del::<_, i64>("name").expect("a number"), 1);
    assert!(!redis.exists::<_, bool>("name").expect("an answer"));
}

#[test]
fn the_wallet_is_a_hash_of_binary_values() {
    let store = store();
    let mut redis = connect(store.address());
    let bytes: Vec<u8> = (0..=255).collect();
    assert_eq!(redis.hset::<_, _, _, i64>("wallet", "0a", bytes.clone()).expect("a number"), 1);
    assert_eq!(redis.hset::<_, _, _, i64>("wallet", "0a", bytes.clone()).expect("a number"), 0);
    assert_eq!(redis.hlen::<_, i64>("wallet").expect("a number"), 1);
    assert_eq!(redis.hget::<_, _, Vec<u8>>("wallet", "0a").expect("bytes"), bytes);
    assert_eq!(redis.hlen::<_, i64>("nothing").expect("a number"), 0);
}

#[test]
fn a_large_value_comes_back_whole() {
    let store = store();
    let large = vec![b'x'; 4 << 20];
    let mut redis = connect(store.address());
    redis.set::<_, _, ()>("large", &large).expect("ok");
    assert_eq!(redis.get::<_, Vec<u8>>("large").expect("bytes"), large);
}

#[test]
fn a_pipeline_is_answered_in_order() {
    let store = store();
    let mut pipeline = pipe();
    for _ in 0..1000 {
        pipeline.incr("n", 1);
    }
    let answers: Vec<i64> = pipeline.query(&mut connect(store.address())).expect("all answers");
    assert!(answers.into_iter().eq(1..=1000));
}

#[test]
fn a_transaction_happens_as_a_whole() {
    let store = store();
    let address = store.address();
    let transfers: Vec<_> = (0..8).map(|_| thread::spawn(move || move_hundred_times(address))).collect();
    for transfer in transfers {
        transfer.join().expect("no torn transaction");
    }
    let mut redis = connect(address);
    assert_eq!(redis.get::<_, i64>("left").expect("a number"), -800);
    assert_eq!(redis.get::<_, i64>("right").expect("a number"), 800);
}

fn move_hundred_times(address: SocketAddr) {
    let mut redis = connect(address);
    for _ in 0..100 {
        let mut transaction = pipe();
        transaction.atomic().decr("left", 1).incr("right", 1);
        let (left, right): (i64, i64) = transaction.query(&mut redis).expect("both");
        assert_eq!(left + right, 0);
    }
}

#[test]
fn a_watched_key_that_changes_ends_the_transaction() {
    let store = store();
    let [mut one, mut other] = [(); 2].map(|()| connect(store.address()));
    cmd("WATCH").arg("seq").exec(&mut one).expect("ok");
    other.set::<_, _, ()>("seq", 7).expect("ok");
    let mut transaction = pipe();
    transaction.atomic().set("seq", 1).ignore().incr("hashes", 10);
    let outcome: Option<(i64,)> = transaction.query(&mut one).expect("an answer");
    assert_eq!(outcome, None);
    assert_eq!(other.get::<_, Option<i64>>("hashes").expect("an answer"), None);
}

#[test]
fn a_transaction_with_an_unknown_command_is_dropped_whole() {
    let store = store();
    let mut redis = connect(store.address());
    cmd("MULTI").exec(&mut redis).expect("ok");
    let _: RedisResult<()> = cmd("INCRBY").arg("hashes").arg(1).query(&mut redis);
    assert!(cmd("FROBNICATE").exec(&mut redis).is_err());
    let error = cmd("EXEC").exec(&mut redis).expect_err("an aborted transaction");
    assert_eq!(error.kind(), ErrorKind::Server(ServerErrorKind::ExecAbort), "{error}");
    assert_eq!(redis.get::<_, Option<i64>>("hashes").expect("an answer"), None);
}

#[test]
fn an_unknown_command_gets_a_clear_error_and_the_connection_lives() {
    let store = store();
    let mut redis = connect(store.address());
    let error = cmd("ZADD").arg("key").arg(1).arg("a").exec(&mut redis).expect_err("not supported");
    assert!(error.to_string().to_lowercase().contains("zadd"), "{error}");
    assert_eq!(cmd("PING").query::<String>(&mut redis).expect("an answer"), "PONG");
}

#[test]
fn the_wrong_kind_and_a_bad_number_are_errors_that_change_nothing() {
    let store = store();
    let mut redis = connect(store.address());
    redis.set::<_, _, ()>("name", "coin").expect("ok");
    assert!(redis.incr::<_, _, i64>("name", 1).is_err());
    let error = redis.hset::<_, _, _, i64>("name", "a", "b").expect_err("not a hash");
    assert_eq!(error.code(), Some("WRONGTYPE"), "{error}");
    redis.set::<_, _, ()>("most", i64::MAX).expect("ok");
    assert!(redis.incr::<_, _, i64>("most", 1).is_err(), "an overflow");
    assert_eq!(redis.get::<_, i64>("most").expect("a number"), i64::MAX);
    assert_eq!(redis.get::<_, String>("name").expect("a text"), "coin");
}

#[test]
fn eight_clients_lose_no_increment() {
    let store = store();
    let address = store.address();
    let count = move || {
        let mut redis = connect(address);
        for _ in 0..500 {
            redis.incr::<_, _, i64>("hashes", 1).expect("a number");
        }
    };
    let clients: Vec<_> = (0..8).map(|_| thread::spawn(count)).collect();
    for client in clients {
        client.join().expect("no error");
    }
    assert_eq!(connect(address).get::<_, i64>("hashes").expect("a number"), 4000);
}

#[test]
fn an_append_only_file_brings_everything_back() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("store.aof");
    let keeping = ["--appendonly", file.to_str().expect("a path")];
    let mut store = Service::start("store", &keeping);
    let mut redis = connect(store.address());
    redis.incr::<_, _, i64>("hashes", 41).expect("a number");
    pipe().atomic().incr("hashes", 1).set("seq", 9).exec(&mut redis).expect("both");
    redis.hset::<_, _, _, i64>("wallet", "0a", b"\r\n\0\xff").expect("a number");
    redis.set::<_, _, ()>("gone", 1).expect("ok");
    redis.del::<_, i64>("gone").expect("a number");
    store.program.kill();
    let again = Service::start("store", &keeping);
    let mut redis = connect(again.address());
    assert_eq!(redis.get::<_, i64>("hashes").expect("a number"), 42);
    assert_eq!(redis.get::<_, i64>("seq").expect("a number"), 9);
    assert_eq!(redis.hget::<_, _, Vec<u8>>("wallet", "0a").expect("bytes"), b"\r\n\0\xff");
    assert!(!redis.exists::<_, bool>("gone").expect("an answer"));
}

#[test]
fn an_append_only_file_torn_in_its_last_command_still_loads() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("store.aof");
    let keeping = ["--appendonly", file.to_str().expect("a path")];
    let mut store = Service::start("store", &keeping);
    let mut redis = connect(store.address());
    redis.set::<_, _, ()>("first", "kept").expect("ok");
    redis.set::<_, _, ()>("last", "torn").expect("ok");
    store.program.kill();
    let written = std::fs::read(&file).expect("the file");
    std::fs::write(&file, &written[..written.len() - 3]).expect("the file");
    let again = Service::start("store", &keeping);
    let mut redis = connect(again.address());
    assert_eq!(redis.get::<_, String>("first").expect("a text"), "kept");
    assert_eq!(redis.get::<_, Option<String>>("last").expect("an answer"), None);
}

#[test]
fn worker_and_page_tell_the_password_that_the_store_asks_for() {
    let store = Service::in_environment("store", &[("REQUIREPASS", "secret")], &[]);
    let redis_url = format!("redis://:secret@{}", store.address());
    let [rng, hasher] = ["rng", "hasher"].map(|kind| Service::start(kind, &["--service-time", "0ms"]));
    let [rng_url, hasher_url] = [&rng, &hasher].map(|service| format!("http://{}", service.address()));
    let redis = ("REDIS_URL", redis_url.as_str());
    let settings = [("RNG_URL", rng_url.as_str()), ("HASHER_URL", &hasher_url), redis, ("THINK_TIME", "0")];
    let _worker = Service::in_environment("worker", &settings, &[]);
    let webui = Service::in_environment("webui", &[redis], &[]);
    let shown = || get(webui.address(), "/json").json()["hashes"].as_str().map(str::to_owned);
    eventually("hashes on the page", SOON, shown);
}

#[test]
fn the_password_does_not_stand_in_the_help() {
    let mut command = Command::new(DOCKERCOINS);
    let help = Program::start(command.args(["store", "--help"]).env("REQUIREPASS", "secret")).finish(SOON);
    assert!(help.stdout.contains("REQUIREPASS") && !help.stdout.contains("secret"), "{help:?}");
}

fn redis_cli(store: &Service, arguments: &[&str]) -> Finished {
    let port = store.address().port().to_string();
    run("redis-cli", &[&["-h", "127.0.0.1", "-p", &port], arguments].concat(), SOON)
}

#[test]
#[ignore = "needs redis-cli"]
fn redis_cli_speaks_to_the_store() {
    let store = store();
    let steps: [(&[&str], &str); 7] = [
        (&["PING"], "PONG"),
        (&["INCRBY", "hashes", "12"], "12"),
        (&["GET", "hashes"], "12"),
        (&["HSET", "wallet", "0a", "bytes"], "1"),
        (&["HLEN", "wallet"], "1"),
        (&["HGETALL", "wallet"], "0a\nbytes"),
        (&["DEL", "hashes"], "1"),
    ];
    for (arguments, answer) in steps {
        assert_eq!(redis_cli(&store, arguments).stdout.trim_end(), answer, "{arguments:?}");
    }
    let unknown = redis_cli(&store, &["ZADD", "a", "1", "b"]);
    assert!(unknown.stdout.to_lowercase().contains("zadd"), "{unknown:?}");
}

#[test]
#[ignore = "needs redis-py"]
fn redis_py_speaks_to_the_store() {
    let store = store();
    let script = "\
import redis, sys
r = redis.Redis(port=int(sys.argv[1]))
assert r.ping() and r.incrby('hashes', 3) == 3 and r.get('hashes') == b'3'
assert r.hset('wallet', '0a', b'\\x00\\xff') == 1 and r.hlen('wallet') == 1
with r.pipeline(transaction=True) as p:
    assert p.incrby('hashes', 1).set('seq', 7).execute() == [4, True]
";
    let port = store.address().port().to_string();
    let mut python = Command::new("python3");
    let mut program = Program::start(python.args(["-c", script, &port]));
    let said = program.finish(SOON);
    assert!(said.status.success(), "{said:?}");
}
