//! What a report says is what happened: nothing that failed makes it look faster, nothing that waited is left out.

use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::harness::bench::{Load, load, load_of_any_end};
use crate::harness::machine;
use crate::harness::scripted::{Scripted, Then, Visit};
use crate::harness::service::Service;

/// A hundred requests in a second, and another second in which those that are late on a busy machine are sent.
const HUNDRED: [&str; 4] = ["--stage", "1s:100", "--stage", "1s:0"];

fn ok(visit: &mut Visit) -> Then {
    visit.answer("200 OK", "ok")
}

/// Every request that was due ended in exactly one way.
#[track_caller]
fn assert_adds_up(load: &Load) {
    let ends = [
        "successes",
        "http_errors",
        "failed",
        "timed_out",
        "in_flight_at_end",
        "unsent_at_end",
        "overflowed",
    ];
    let ended: u64 = ends.iter().map(|end| load.count(&format!("requests.{end}"))).sum();
    assert_eq!(ended, load.count("requests.scheduled"), "{}", load.report["requests"]);
}

#[test]
fn what_timed_out_took_at_least_the_timeout() {
    machine::steadily(|| {
        let server = Scripted::start(|visit| if visit.number % 10 == 9 { Then::Hold } else { ok(visit) });
        let load = load(&["-n", "100", "-c", "10", "-t", "400ms", &server.url("/")]);
        assert_eq!(load.outcomes(), [("200", 90), ("timed out", 10)]);
        assert_eq!((load.count("requests.successes"), load.count("requests.timed_out")), (90, 10));
        assert_eq!((load.count("response_time.count"), load.count("response_time.censored")), (100, 10));
        assert!((0.85..=0.91).contains(&load.number("response_time.lower_bound_from")), "{}", load.report);
        assert!(load.number("response_time.p50_ms") < 400.0, "{}", load.report);
        assert!(load.number("response_time.p99_ms") >= 399.0, "{}", load.report);
        assert_adds_up(&load);
    });
}

#[test]
fn what_is_in_flight_at_the_end_took_at_least_so_long() {
    let server = Scripted::start(|visit| if visit.number < 20 { ok(visit) } else { Then::Hold });
    let load = load(&["-z", "2s", "-c", "4", &server.url("/")]);
    assert_eq!((load.count("requests.successes"), load.count("requests.in_flight_at_end")), (20, 4));
    assert_eq!((load.count("response_time.count"), load.count("response_time.censored")), (24, 4));
    assert!((0.8..=0.85).contains(&load.number("response_time.lower_bound_from")), "{}", load.report);
    assert!(load.number("response_time.max_ms") > 100.0, "{}", load.report);
    assert_adds_up(&load);
}

#[test]
fn errors_that_come_fast_make_nothing_look_fast() {
    let server = Scripted::start(|visit| {
        if visit.number % 2 == 1 {
            return visit.answer("503 Service Unavailable", "no");
        }
        thread::sleep(Duration::from_millis(30));
        ok(visit)
    });
    let load = load(&["-n", "40", "-c", "4", &server.url("/")]);
    assert_eq!(load.outcomes(), [("200", 20), ("503", 20)]);
    assert_eq!((load.count("requests.successes"), load.count("requests.http_errors")), (20, 20));
    for times in ["response_time", "uncorrected_time"] {
        assert_eq!(load.count(&format!("{times}.count")), 20, "{times}");
        assert!(load.number(&format!("{times}.min_ms")) >= 30.0, "{times}: {}", load.report);
    }
    assert_adds_up(&load);
}

#[test]
fn errors_are_no_throughput() {
    let server = Scripted::start(|visit| match visit.number % 2 {
        0 => ok(visit),
        _ => visit.answer("404 Not Found", "no"),
    });
    let load = load(&["-q", "200", "-z", "1s", &server.url("/")]);
    assert_eq!(load.count("requests.scheduled"), 200);
    assert!(load.count("requests.http_errors") > 50, "{}", load.report["requests"]);
    assert!(load.number("throughput_per_s.mean") < 150.0, "{}", load.report);
}

/// Half a second in which nothing is answered, once: a quarter of all requests were due in it, and had to wait.
#[test]
fn a_stall_is_seen_by_every_request_that_was_due_in_it() {
    machine::steadily(|| {
        let until: Mutex<Option<Instant>> = Mutex::new(None);
        let server = Scripted::start(move |visit| {
            let mut until = until.lock().expect("no answer panics");
            if visit.number == 50 {
                *until = Some(Instant::now() + Duration::from_millis(500));
            }
            let end = *until;
            drop(until);
            thread::sleep(end.map_or(Duration::ZERO, |end| end.saturating_duration_since(Instant::now())));
            ok(visit)
        });
        let load = load(&["-q", "200", "-z", "2s", "-c", "2", &server.url("/")]);
        assert_eq!(load.count("requests.scheduled"), 400);
        assert!(load.number("response_time.p90_ms") > 150.0, "{}", load.report);
        assert!(load.number("response_time.p99_ms") > 400.0, "{}", load.report);
        let ratio = load.number("response_time.p90_ms") / load.number("uncorrected_time.p90_ms");
        assert!(ratio > 3.0, "only the two that were under way saw it otherwise: {}", load.report);
    });
}

#[test]
fn as_many_requests_are_due_as_rate_times_time() {
    let echo = Service::start("echo", &[]);
    let url = format!("http://{}/", echo.address());
    for (rate, time, due) in
        [("200", "1s", 200), ("333", "1s", 333), ("1000", "700ms", 700), ("4", "1.5s", 6)]
    {
        let load = load(&["-q", rate, "-z", time, &url]);
        assert_eq!(load.count("requests.scheduled"), due, "{rate}/s for {time}");
        assert_eq!(load.at("plan.loop"), "open");
        assert_adds_up(&load);
    }
}

#[test]
fn a_server_that_never_answers_does_not_make_fewer_requests_due() {
    let server = Scripted::start(|_| Then::Hold);
    let load = load_without_answers(&[&HUNDRED[..], &[&server.url("/")]].concat());
    assert_eq!(load.count("requests.scheduled"), 100);
    assert_eq!(load.count("requests.in_flight_at_end"), 100);
    assert_eq!((load.count("response_time.count"), load.count("response_time.censored")), (100, 100));
}

#[test]
fn what_finds_no_room_in_the_backlog_is_counted_and_not_sent() {
    let server = Scripted::start(|_| Then::Hold);
    let flags = ["-c", "1", "--backlog", "5", &server.url("/")];
    let load = load_without_answers(&[&HUNDRED[..], &flags].concat());
    assert_eq!((load.count("requests.scheduled"), load.count("requests.overflowed")), (100, 94));
    assert_eq!((load.count("requests.in_flight_at_end"), server.requests()), (1, 1));
    assert_eq!((load.count("requests.unsent_at_end"), load.count("response_time.censored")), (5, 6));
    assert_eq!(load.count("uncorrected_time.count"), 1, "what was never sent took no time once sent");
    assert_adds_up(&load);
    let slices = load.list("timeline").iter();
    let [requests, errors, overflowed] = ["requests", "errors", "overflowed"]
        .map(|key| slices.clone().map(|slice| slice[key].as_u64().expect("a count")).sum::<u64>());
    assert_eq!([requests, errors, overflowed], [100, 94, 94], "by slices of time as in all");
}

#[track_caller]
fn load_without_answers(arguments: &[&str]) -> Load {
    let load = load_of_any_end(arguments);
    assert_eq!(load.said.status.code(), Some(4), "nothing answered: {:?}", load.said);
    load
}

#[test]
fn a_warm_up_that_is_given_is_cut_and_only_that() {
    let server = Scripted::start(ok);
    let load = load(&["-q", "100", "-z", "1s", "--warmup", "500ms", &server.url("/")]);
    assert_eq!(load.at("warm_up"), &json!({ "how": "given", "cut_s": 0.5 }));
    // What was due before may end after.
    let measured = load.count("requests.scheduled");
    assert!((50..=85).contains(&measured), "{}", load.report["requests"]);
    assert_eq!(load.count("response_time.count"), measured);
    let all = load.report["outcomes_all"]["200"].as_u64().expect("a count");
    assert!((80..=100).contains(&all) && load.outcome("200") <= measured, "{}", load.report["outcomes_all"]);
    assert!((0.4..0.9).contains(&load.number("measured_s")), "{}", load.report);
}

#[test]
fn a_run_that_is_over_before_its_warm_up_has_measured_nothing() {
    let server = Scripted::start(ok);
    let said = load_of_any_end(&["-n", "5", "--warmup", "5s", &server.url("/")]).said;
    assert_eq!(said.status.code(), Some(4), "{said:?}");
}

#[test]
fn a_warm_up_of_nothing_cuts_nothing() {
    let server = Scripted::start(ok);
    let load = load(&["-n", "50", &server.url("/")]);
    assert_eq!(load.at("warm_up.cut_s"), &json!(0.0));
    assert_eq!(load.report["outcomes"], load.report["outcomes_all"]);
}

#[test]
fn exactly_as_many_requests_are_sent_as_asked_for() {
    for (requests, connections, threads) in [("1", "50", "1"), ("137", "8", "1"), ("137", "8", "2")] {
        let server = Scripted::start(ok);
        let load = load(&["-n", requests, "-c", connections, "--threads", threads, &server.url("/")]);
        let asked: u64 = requests.parse().expect("a number");
        assert_eq!(load.count("requests.successes"), asked, "-n {requests} -c {connections}");
        assert_eq!(server.requests() as u64, asked, "-n {requests} -c {connections}");
        assert!(
            server.connections() <= connections.parse().expect("a number"),
            "-n {requests} -c {connections}"
        );
    }
}

#[test]
fn two_hundred_requests_over_fifty_connections_unless_told_otherwise() {
    let server = Scripted::start(|visit| {
        thread::sleep(Duration::from_millis(20));
        ok(visit)
    });
    let load = load(&[&server.url("/")]);
    assert_eq!((server.requests(), server.connections()), (200, 50));
    assert_eq!(load.count("plan.connections"), 50);
}

/// The figure is a most: a busy machine may make it fewer.
#[test]
fn clients_that_think_ask_no_more_often_than_they_may() {
    let server = Scripted::start(ok);
    let load = load(&["-c", "4", "--think-time", "100ms", "-z", "1s", &server.url("/")]);
    assert!((12..=44).contains(&server.requests()), "{}", server.requests());
    assert_eq!(load.at("plan.think_time_s"), &json!(0.1));
    assert!(load.number("response_time.p50_ms") < 90.0, "thinking is no waiting: {}", load.report);
}

#[test]
fn stages_are_held_and_ramped_in_order() {
    machine::steadily(|| {
        let server = Scripted::start(ok);
        let flags = ["--stage", "500ms:100", "--stage", "500ms:300", "--stage", "1s:0..200"];
        let load = load(&[&flags[..], &[&server.url("/")]].concat());
        assert_eq!(load.count("requests.scheduled"), 50 + 150 + 100);
        for (until, due) in [(0.5, 50.0), (1.0, 200.0), (1.5, 225.0)] {
            let ended = ended_before(&load, until);
            assert!((ended - due).abs() <= 25.0, "{ended} by {until} s: {}", load.report["timeline"]);
        }
    });
}

/// Requests that had ended by that second, by the slices of the timeline.
fn ended_before(load: &Load, second: f64) -> f64 {
    let slices = load.report["timeline"].as_array().expect("a timeline").iter();
    let early = slices.filter(|slice| slice["to_s"].as_f64().expect("seconds") <= second + 1e-6);
    early.map(|slice| slice["requests"].as_f64().expect("a count")).sum()
}

#[test]
fn the_same_seed_makes_the_same_choices() {
    let asked_with = |seed: &str| {
        let paths: &'static Mutex<Vec<String>> = Box::leak(Box::default());
        let server = Scripted::start(move |visit| {
            let path = visit.head.split(' ').nth(1).expect("a path").to_owned();
            paths.lock().expect("no answer panics").push(path);
            visit.answer("200 OK", "ok")
        });
        let url = server.url("/{{random 1..1000000000}}");
        load(&["-n", "5", "-c", "1", "--template", "--seed", seed, &url]);
        paths.lock().expect("no answer panics").clone()
    };
    let first = asked_with("7");
    assert_eq!(first.len(), 5);
    assert_eq!(first, asked_with("7"));
    assert_ne!(first, asked_with("8"));
}

#[test]
fn poisson_arrivals_of_a_seed_are_as_many_each_time() {
    let server = Scripted::start(ok);
    let due = |seed: &str| {
        let poisson = ["--arrivals", "poisson", "--seed", seed];
        let load = load(&[&["-q", "300", "-z", "1s"], &poisson[..], &[&server.url("/")]].concat());
        assert_eq!(
            (load.at("plan.arrivals").as_str(), load.count("plan.seed").to_string()),
            (Some("poisson"), seed.into())
        );
        load.count("requests.scheduled")
    };
    let counts = ["1", "2", "3"].map(due);
    assert_eq!(counts, ["1", "2", "3"].map(due));
    assert!(counts.iter().any(|count| *count != counts[0]), "{counts:?}");
    assert!(counts.iter().all(|count| (200..400).contains(count)), "{counts:?}");
}
