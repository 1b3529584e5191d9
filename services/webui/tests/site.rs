//! The web UI as a client sees it, over a real store.
#![expect(clippy::unwrap_used, reason = "what tests share fails by panicking, as they do")]

use std::net::SocketAddr;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use clap::Parser;
use dockercoins_kit::Replica;
use dockercoins_kit::shutdown::{Trigger, shutdown};
use dockercoins_webui::{Error, Settings};
use redis::AsyncCommands;
use redis::aio::MultiplexedConnection;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

#[derive(Debug, Parser)]
struct Command {
    #[command(flatten)]
    settings: Settings,
}

struct Ui {
    address: SocketAddr,
    trigger: Trigger,
    run: JoinHandle<Result<(), Error>>,
}

impl Ui {
    async fn new(store: SocketAddr) -> Self {
        let (listener, address) = listen().await;
        let (trigger, shutdown) = shutdown();
        let replica = Replica::new("webui", "the-host", shutdown);
        let settings = Command::parse_from(["webui", &format!("--redis-url=redis://{store}")]).settings;
        Self { address, trigger, run: tokio::spawn(dockercoins_webui::run(listener, replica, settings)) }
    }

    /// Head and body of the answer, whose connection is closed after it.
    async fn ask(&self, method: &str, path: &str) -> (String, String) {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        let request = format!("{method} {path} HTTP/1.1\r\nHost: webui\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head.to_lowercase(), body.to_owned())
    }

    async fn get(&self, path: &str) -> (String, String) {
        self.ask("GET", path).await
    }

    async fn json(&self) -> Value {
        serde_json::from_str(&self.get("/json").await.1).unwrap()
    }
}

async fn listen() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

/// A store on `listener`, which lives until the trigger is pulled.
fn store(listener: TcpListener) -> Trigger {
    let (trigger, shutdown) = shutdown();
    tokio::spawn(dockercoins_store::run(listener, dockercoins_store::Settings::default(), shutdown));
    trigger
}

async fn redis(store: SocketAddr) -> MultiplexedConnection {
    let client = redis::Client::open(format!("redis://{store}")).unwrap();
    client.get_multiplexed_async_connection().await.unwrap()
}

#[tokio::test]
async fn json_has_the_original_s_three_values_in_its_types() {
    let (listener, address) = listen().await;
    let _store = store(listener);
    let ui = Ui::new(address).await;
    let before = ui.json().await;
    assert_eq!((&before["coins"], &before["hashes"]), (&json!(0), &Value::Null));
    let mut redis = redis(address).await;
    let () = redis.incr("hashes", 1234).await.unwrap();
    let () = redis.hset_multiple("wallet", &[("0a", "x"), ("0b", "y")]).await.unwrap();
    let after = ui.json().await;
    assert_eq!((&after["coins"], &after["hashes"]), (&json!(2), &json!("1234")));
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs_f64();
    let told = after["now"].as_f64().unwrap();
    assert!((told - now).abs() < 5.0 && told.fract() != 0.0, "{told} at {now}");
    assert_eq!(after.as_object().unwrap().len(), 3);
    let (head, _) = ui.get("/json").await;
    assert!(head.contains("content-type: application/json; charset=utf-8\r\n"), "{head}");
}

#[tokio::test]
async fn the_root_redirects_to_the_page() {
    let ui = Ui::new(listen().await.1).await;
    let (head, _) = ui.get("/").await;
    assert!(head.starts_with("http/1.1 302 "), "{head}");
    assert!(head.contains("\r\nlocation: /index.html"), "{head}");
}

#[tokio::test]
async fn the_page_has_its_pieces_and_asks_nobody_else() {
    let ui = Ui::new(listen().await.1).await;
    let (head, page) = ui.get("/index.html").await;
    assert!(head.contains("content-type: text/html; charset=utf-8"), "{head}");
    for piece in ["<title>DockerCoins</title>", "page.css", "page.js", "role=\"img\"", "<desc", "hashes/s"] {
        assert!(page.contains(piece), "{piece}");
    }
    for id in ["speed", "hashes", "coins", "chart", "note"] {
        assert!(page.contains(&format!("id=\"{id}\"")), "{id}");
    }
    let (_, style) = ui.get("/page.css").await;
    assert!(style.contains("prefers-color-scheme: dark"));
    let (_, script) = ui.get("/page.js").await;
    assert!(script.contains("fetch('json'"));
    for text in [page, style, script] {
        let outside = text.replace("http://www.w3.org/2000/svg", "");
        assert!(!outside.contains("://"), "{outside}");
    }
}

#[tokio::test]
async fn every_answer_names_its_replica_and_head_has_no_body() {
    let ui = Ui::new(listen().await.1).await;
    for (method, path, status) in [
        ("GET", "/", "302"),
        ("HEAD", "/index.html", "200"),
        ("HEAD", "/json", "503"),
        ("GET", "/nothing", "404"),
        ("POST", "/json", "405"),
    ] {
        let (head, body) = ui.ask(method, path).await;
        assert!(head.starts_with(&format!("http/1.1 {status} ")), "{method} {path}: {head}");
        assert!(head.contains("\r\nx-served-by: the-host"), "{method} {path}: {head}");
        assert_eq!(body.is_empty(), method == "HEAD", "{method} {path}");
        assert!(body.lines().count() <= 1, "{method} {path}: {body}");
    }
}

#[tokio::test]
async fn an_unreachable_redis_is_told_quickly_and_its_return_noticed() {
    let (listener, address) = listen().await;
    let ui = Ui::new(address).await;
    // The kernel accepts, and nobody answers.
    let began = Instant::now();
    let (head, body) = ui.get("/json").await;
    // Backoff that grows from try to try would take twice as long.
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    assert!(head.starts_with("http/1.1 503 "), "{head}");
    assert!(serde_json::from_str::<Value>(&body).unwrap()["error"].is_string(), "{body}");
    let first = store(listener);
    assert_eq!(ui.json().await["coins"], json!(0));
    // A kept connection that has been closed meanwhile costs nothing.
    first.close();
    let deadline = Instant::now() + Duration::from_secs(10);
    let listener = loop {
        match TcpListener::bind(address).await {
            Ok(listener) => break listener,
            Err(error) => assert!(Instant::now() < deadline, "{error}"),
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    };
    let _second = store(listener);
    assert_eq!(ui.json().await["coins"], json!(0));
}

/// Reads events until one has a speed.
async fn event_with_speed(stream: &mut TcpStream) -> Value {
    let mut seen = String::new();
    let mut bytes = [0; 1024];
    loop {
        let length = stream.read(&mut bytes).await.unwrap();
        assert!(length > 0, "it ended: {seen}");
        seen.push_str(std::str::from_utf8(&bytes[..length]).unwrap());
        let events = seen.lines().filter_map(|line| line.strip_prefix("data: "));
        let mut events = events.filter_map(|event| serde_json::from_str::<Value>(event).ok());
        if let Some(event) = events.find(|event| event["speed"].is_number()) {
            return event;
        }
    }
}

#[tokio::test]
async fn events_carry_the_speed_and_end_with_the_replica() {
    let (listener, address) = listen().await;
    let _store = store(listener);
    let () = redis(address).await.set("hashes", 10).await.unwrap();
    let ui = Ui::new(address).await;
    let mut stream = TcpStream::connect(ui.address).await.unwrap();
    stream.write_all(b"GET /events HTTP/1.1\r\nHost: webui\r\n\r\n").await.unwrap();
    let event = tokio::time::timeout(Duration::from_secs(10), event_with_speed(&mut stream));
    let event = event.await.expect("no speed");
    assert_eq!((&event["hashes"], &event["speed"]), (&json!("10"), &json!(0.0)));
    ui.trigger.drain();
    ui.trigger.close();
    let ended = tokio::time::timeout(Duration::from_secs(10), ui.run).await;
    ended.expect("an open event stream keeps it from ending").unwrap().unwrap();
}
