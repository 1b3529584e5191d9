//! webui: a redirect, a page, and the numbers behind it.

use std::net::SocketAddr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use redis::Commands;

use crate::harness::http::{Call, get};
use crate::harness::service::Service;
use crate::harness::store::connect;
use crate::harness::wait::eventually;

struct Page {
    store: Service,
    webui: Service,
}

impl Page {
    fn start() -> Self {
        let store = Service::start("store", &[]);
        let webui = Service::start("webui", &["--redis-url", &format!("redis://{}", store.address())]);
        Self { store, webui }
    }

    fn address(&self) -> SocketAddr {
        self.webui.address()
    }
}

#[test]
fn webui_redirects_to_the_page() {
    let page = Page::start();
    let answer = get(page.address(), "/");
    assert!(matches!(answer.status, 301 | 302 | 303 | 307 | 308), "{answer:?}");
    assert_eq!(answer.header("location"), Some("/index.html"));
}

#[test]
fn the_page_is_html_and_asks_for_the_numbers() {
    let answer = get(Page::start().address(), "/index.html");
    assert_eq!(answer.status, 200);
    assert!(answer.header("content-type").expect("a type").starts_with("text/html"));
    assert!(answer.text().contains("json"), "{}", answer.text());
}

#[test]
fn the_numbers_before_any_work_are_zero_coins_and_no_hashes() {
    let answer = get(Page::start().address(), "/json");
    assert_eq!(answer.status, 200);
    assert!(answer.header("content-type").expect("a type").starts_with("application/json"));
    let numbers = answer.json();
    assert_eq!(numbers["coins"], 0);
    assert_eq!(numbers["hashes"], serde_json::Value::Null);
    assert_eq!(numbers.as_object().expect("an object").len(), 3, "{numbers}");
}

#[test]
fn the_numbers_are_what_redis_holds_and_hashes_is_a_string() {
    let page = Page::start();
    let mut redis = connect(page.store.address());
    redis.incr::<_, _, u64>("hashes", 42).expect("a number");
    redis.hset::<_, _, _, u64>("wallet", "0abc", b"some bytes").expect("a number");
    let numbers = get(page.address(), "/json").json();
    assert_eq!((&numbers["coins"], &numbers["hashes"]), (&1.into(), &"42".into()));
}

#[test]
fn now_is_in_unix_seconds_with_a_fraction() {
    let page = Page::start();
    let now = || get(page.address(), "/json").json()["now"].as_f64().expect("a number");
    let clock = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs_f64();
    assert!((now() - clock).abs() < 5.0);
    eventually("a fraction", Duration::from_secs(10), || (now().fract() > 0.0).then_some(()));
}

#[test]
fn webui_answers_head_without_a_body() {
    let page = Page::start();
    let mut call = Call::open(page.address(), "HEAD", "/index.html", &[]);
    assert_eq!(call.next_answer().status, 200);
    assert!(call.is_closed());
}

#[test]
fn webui_recovers_when_the_store_comes_back() {
    let mut page = Page::start();
    let address = page.store.address();
    page.store.program.kill();
    let away = get(page.address(), "/json");
    assert!(matches!(away.status, 500..=504), "{away:?}");
    assert_eq!(away.text().trim_end().lines().count(), 1, "{away:?}");
    page.store = Service::on(&address.to_string(), "store", &[]);
    let back = || (get(page.address(), "/json").status == 200).then_some(());
    eventually("the numbers", Duration::from_secs(20), back);
}
