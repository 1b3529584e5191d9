//! What a load tells of the replicas that answered it, and of their own queues.

use serde_json::Value;

use crate::harness::bench::{load, load_of_any_end, run};
use crate::harness::machine;
use crate::harness::project::{Project, announced};
use crate::harness::scripted::{Scripted, Then};
use crate::harness::service::Service;

#[test]
fn replicas_are_told_apart_and_their_shares_tested() {
    let project = Project::new("shares");
    let rng = announced(&project.up(&["--scale", "worker=0", "--scale", "rng=3"]).stdout, "rng");
    let url = format!("http://{rng}/");
    let even = load(&["-n", "60", "-c", "1", "--disable-keepalive", &url]);
    assert_eq!(even.at("replicas.header"), "x-served-by");
    let names = ["rng-1", "rng-2", "rng-3"];
    assert_eq!(shares(even.at("replicas")), names.map(|name| (name.to_owned(), 20)));
    assert!(even.number("replicas.evenness_p") > 0.5, "{}", even.report["replicas"]);
    // Connections that are kept stick to a replica: two of the four to the same one.
    let sticky = load(&["-n", "400", "-c", "4", &url]);
    let seen = shares(sticky.at("replicas"));
    assert_eq!(seen.iter().map(|(_, requests)| requests).sum::<u64>(), 400);
    assert_eq!(seen.len(), 3, "{seen:?}");
    let expectation = ["--expect", "evenness>0.01"];
    assert_eq!(
        run(&[&["-n", "60", "-c", "1", "--disable-keepalive"], &expectation[..], &[&url]].concat())
            .status
            .code(),
        Some(0)
    );
}

#[test]
fn shares_that_are_not_even_are_told() {
    let replicas =
        ["a", "b"].map(|name| Service::start("rng", &["--service-time", "0ms", "--hostname", name]));
    let urls = replicas.each_ref().map(|replica| format!("http://{}/", replica.address()));
    let [a, b] = urls.each_ref().map(String::as_str);
    let flags = ["-n", "80", "-c", "1", "--expect", "evenness>0.01"];
    let load = load_of_any_end(&[&flags[..], &[a, a, a, b]].concat());
    assert_eq!(shares(load.at("replicas")), [("a".into(), 60), ("b".into(), 20)]);
    assert!(load.number("replicas.evenness_p") < 0.01, "{}", load.report["replicas"]);
    assert_eq!(load.said.status.code(), Some(1));
}

/// Of 3,000 names the first 256 are told apart; nobody is credited with the answers of the others.
#[test]
fn more_replicas_than_are_told_apart_are_counted_together() {
    let server = Scripted::start(|visit| {
        let number = visit.number;
        visit.write(
            format!("HTTP/1.1 200 OK\r\nX-Served-By: r{number}\r\nContent-Length: 0\r\n\r\n").as_bytes(),
        );
        Then::Keep
    });
    let load = load(&["-n", "3000", "-c", "2", "--threads", "2", &server.url("/")]);
    let seen = shares(load.at("replicas"));
    assert!(seen.len() <= 256 && seen.iter().all(|(_, requests)| *requests == 1), "{seen:?}");
    assert_eq!(load.count("replicas.others") + seen.len() as u64, 3000);
    assert!(load.at("replicas.evenness_p").is_null(), "{}", load.at("replicas"));
    let text = run(&["-n", "3000", "-c", "2", &server.url("/")]).stdout;
    let rows = text.lines().filter(|line| line.trim_start().starts_with('r') && line.contains(" % "));
    assert_eq!(rows.count(), 20, "{text}");
    assert!(text.contains("and 236 more") && text.contains("2744 answers of replicas beyond"), "{text}");
}

/// Name and requests of each replica, by name.
fn shares(replicas: &Value) -> Vec<(String, u64)> {
    let rows = replicas["by_name"].as_array().expect("a list").iter();
    let row = |row: &Value| {
        (row["name"].as_str().expect("a name").to_owned(), row["requests"].as_u64().expect("a count"))
    };
    let mut rows: Vec<_> = rows.map(row).collect();
    rows.sort();
    rows
}

/// Five clients at one slot of 20 ms: each waits for the four before it.
#[test]
fn the_server_s_own_queue_stands_beside_what_the_client_saw() {
    machine::steadily(|| {
        let rng = Service::start("rng", &["--service-time", "20ms"]);
        let load = load(&["-n", "40", "-c", "5", &format!("http://{}/32", rng.address())]);
        let [queue, service, seen] = ["server_timing.queue", "server_timing.service", "response_time"]
            .map(|of| load.number(&format!("{of}.mean_ms")));
        assert!((service - 20.0).abs() < 0.1, "{service}");
        assert!((50.0..85.0).contains(&queue), "{queue}");
        assert!(seen > (queue + service) * 0.99, "{seen} < {queue} + {service}");
        let text = run(&["-n", "10", "-c", "5", &format!("http://{}/32", rng.address())]).stdout;
        assert!(text.contains("queue") && text.contains("service"), "{text}");
    });
}
