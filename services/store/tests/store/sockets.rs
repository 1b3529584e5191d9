//! The store as seen from a bare socket: protocol errors, pipelines, and the ways in which a connection ends.

use crate::harness::{DEADLINE, Store};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// Everything that the store sends until it closes the connection.
async fn rest(socket: &mut TcpStream) -> String {
    let mut answers = String::new();
    timeout(DEADLINE, socket.read_to_string(&mut answers)).await.expect("the store should close").unwrap();
    answers
}

async fn expect(socket: &mut TcpStream, answer: &str) {
    let mut bytes = vec![0; answer.len()];
    timeout(DEADLINE, socket.read_exact(&mut bytes)).await.expect("the store should answer").unwrap();
    assert_eq!(String::from_utf8_lossy(&bytes), answer);
}

#[tokio::test]
async fn typed_commands_are_answered_until_quit() {
    let store = Store::start().await;
    let mut socket = store.socket().await;
    socket.write_all(b"SET k \"a b\"\r\nGET k\nQUIT\r\nGET k\r\n").await.unwrap();
    assert_eq!(rest(&mut socket).await, "+OK\r\n$3\r\na b\r\n+OK\r\n");
}

/// A command as clients send it.
fn request(words: &str) -> String {
    let words: Vec<_> = words.split(' ').collect();
    let strings: Vec<_> = words.iter().map(|word| format!("${}\r\n{word}\r\n", word.len())).collect();
    format!("*{}\r\n{}", words.len(), strings.concat())
}

/// What redis-py 8 says with its defaults, word for word.
#[tokio::test]
async fn a_client_that_insists_on_resp3_connects_and_transacts() {
    let store = Store::start().await;
    let mut socket = store.socket().await;
    let greeting = "%7\r\n$6\r\nserver\r\n$5\r\nredis\r\n$7\r\nversion\r\n$5\r\n7.0.0\r\n$5\r\nproto\r\n:3\r\n\
                    $2\r\nid\r\n:1\r\n$4\r\nmode\r\n$10\r\nstandalone\r\n$4\r\nrole\r\n$6\r\nmaster\r\n\
                    $7\r\nmodules\r\n*0\r\n";
    for (said, answer) in [
        ("HELLO 3 AUTH default secret", greeting),
        (
            "CLIENT MAINT_NOTIFICATIONS ON moving-endpoint-type internal-fqdn",
            "-ERR unknown subcommand 'MAINT_NOTIFICATIONS'. Try CLIENT HELP.\r\n",
        ),
        ("CLIENT SETINFO LIB-NAME redis-py", "+OK\r\n"),
        ("CLIENT SETINFO LIB-VER 8.1.0", "+OK\r\n"),
        ("HSET wallet 0abc 7", ":1\r\n"),
        ("HGETALL wallet", "%1\r\n$4\r\n0abc\r\n$1\r\n7\r\n"),
        ("WATCH n", "+OK\r\n"),
        ("GET n", "_\r\n"),
    ] {
        socket.write_all(request(said).as_bytes()).await.unwrap();
        expect(&mut socket, answer).await;
    }
    let transaction = ["MULTI", "INCRBY n 5", "HGETALL nothing", "EXEC"].map(request).concat();
    socket.write_all(transaction.as_bytes()).await.unwrap();
    expect(&mut socket, "+OK\r\n+QUEUED\r\n+QUEUED\r\n*2\r\n:5\r\n%0\r\n").await;
}

#[tokio::test]
async fn a_protocol_changes_between_two_answers_of_a_pipeline() {
    let store = Store::start().await;
    let mut socket = store.socket().await;
    socket.write_all(b"GET k\r\nHELLO 3\r\nGET k\r\nRESET\r\nGET k\r\nQUIT\r\n").await.unwrap();
    let answers = rest(&mut socket).await;
    assert!(answers.starts_with("$-1\r\n%7\r\n"), "{answers}");
    assert!(answers.ends_with("*0\r\n_\r\n+RESET\r\n$-1\r\n+OK\r\n"), "{answers}");
}

#[tokio::test]
async fn a_protocol_error_is_told_after_the_answers_before_it_and_ends_the_connection() {
    let store = Store::start().await;
    let mut socket = store.socket().await;
    socket.write_all(b"PING\r\n*1\r\n:4\r\n").await.unwrap();
    assert_eq!(rest(&mut socket).await, "+PONG\r\n-ERR Protocol error: expected '$', got ':'\r\n");
}

#[tokio::test]
async fn what_was_sent_before_the_client_stopped_sending_is_answered() {
    let store = Store::start().await;
    let mut socket = store.socket().await;
    socket.write_all("INCR n\r\n".repeat(1_000).as_bytes()).await.unwrap();
    socket.shutdown().await.unwrap();
    assert!(rest(&mut socket).await.ends_with(":999\r\n:1000\r\n"));
}

#[tokio::test]
async fn a_client_may_send_far_more_than_the_sockets_hold_before_it_reads() {
    let store = Store::start().await;
    let mut socket = store.socket().await;
    let (payload, many) = ("x".repeat(10_000), 3_000);
    let request = format!("*2\r\n$4\r\nECHO\r\n$10000\r\n{payload}\r\n");
    let sending = async {
        for _ in 0..many {
            socket.write_all(request.as_bytes()).await.unwrap();
        }
    };
    timeout(DEADLINE, sending).await.expect("the store should read on");
    socket.shutdown().await.unwrap();
    assert_eq!(rest(&mut socket).await, format!("$10000\r\n{payload}\r\n").repeat(many));
}

#[tokio::test]
async fn answers_larger_than_the_store_keeps_unsent_all_arrive() {
    let store = Store::start().await;
    let mut socket = store.socket().await;
    let value = "x".repeat(8 << 20);
    socket
        .write_all(format!("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n${}\r\n{value}\r\n", value.len()).as_bytes())
        .await
        .unwrap();
    expect(&mut socket, "+OK\r\n").await;
    socket.write_all("GET k\r\n".repeat(20).as_bytes()).await.unwrap();
    for _ in 0..20 {
        expect(&mut socket, &format!("${}\r\n{value}\r\n", value.len())).await;
    }
}

#[tokio::test]
async fn a_watch_ends_with_its_connection() {
    let store = Store::start().await;
    let mut socket = store.socket().await;
    socket.write_all(b"WATCH k\r\nMULTI\r\nQUIT\r\n").await.unwrap();
    assert_eq!(rest(&mut socket).await, "+OK\r\n+OK\r\n+OK\r\n");
    let mut other = store.socket().await;
    other.write_all(b"SET k v\r\nMULTI\r\nEXEC\r\n").await.unwrap();
    expect(&mut other, "+OK\r\n+OK\r\n*0\r\n").await;
}

#[tokio::test]
async fn closing_answers_what_was_received_and_ends_idle_connections() {
    let store = Store::start().await;
    let (mut idle, mut busy) = (store.socket().await, store.socket().await);
    for socket in [&mut idle, &mut busy] {
        socket.write_all(b"PING\r\n").await.unwrap();
        expect(socket, "+PONG\r\n").await;
    }
    busy.write_all(b"SET k v\r\nGET k\r\nGET ").await.unwrap();
    store.close();
    assert_eq!(rest(&mut busy).await, "+OK\r\n$1\r\nv\r\n");
    assert_eq!(rest(&mut idle).await, "");
    store.ended().await.unwrap();
}

#[tokio::test]
async fn a_client_that_fetches_no_answers_does_not_hold_up_the_end() {
    let store = Store::start().await;
    let mut socket = store.socket().await;
    socket.write_all(format!("SET k {}\r\n", "x".repeat(60_000)).as_bytes()).await.unwrap();
    expect(&mut socket, "+OK\r\n").await;
    socket.write_all("GET k\r\n".repeat(400).as_bytes()).await.unwrap();
    expect(&mut socket, "$60000\r\n").await;
    store.close();
    store.ended().await.unwrap();
}

#[tokio::test]
async fn the_shutdown_command_ends_the_store_without_an_answer() {
    let store = Store::start().await;
    let mut socket = store.socket().await;
    socket.write_all(b"SET k v\r\nSHUTDOWN NOSAVE\r\nGET k\r\n").await.unwrap();
    assert_eq!(rest(&mut socket).await, "+OK\r\n");
    store.ended().await.unwrap();
}
