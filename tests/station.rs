//! The queue that is the whole lesson: rng serves one request at a time in order of arrival, hasher doesn't.

use std::net::SocketAddr;
use std::thread;
use std::time::{Duration, Instant};

use crate::harness::http::{Answer, Call, get, post, put};
use crate::harness::machine;
use crate::harness::service::Service;

/// Far enough apart to arrive in the order sent, near enough to be concurrent.
const APART: Duration = Duration::from_millis(4);

/// Sends the requests one right after another and returns the answers, and when each was complete since the first
/// was sent.
fn all_at_once(to: SocketAddr, requests: &[(&str, &str)]) -> Vec<(Answer, Duration)> {
    let start = Instant::now();
    let send = |(method, path): &(&str, &str)| {
        thread::sleep(APART);
        let call = Call::send(to, method, path, b"");
        thread::spawn(move || (call.answer(), start.elapsed()))
    };
    let readers: Vec<_> = requests.iter().map(send).collect();
    readers.into_iter().map(|reader| reader.join().expect("an answer")).collect()
}

fn last(answers: &[(Answer, Duration)]) -> Duration {
    answers.iter().map(|(_, at)| *at).max().expect("answers")
}

fn millis(range: std::ops::Range<u64>) -> std::ops::Range<Duration> {
    Duration::from_millis(range.start)..Duration::from_millis(range.end)
}

#[track_caller]
fn assert_within(took: Duration, range: std::ops::Range<u64>) {
    assert!(millis(range.clone()).contains(&took), "{took:?} is not within {range:?} ms");
}

#[test]
fn ten_concurrent_requests_to_rng_take_one_second() {
    machine::steadily(|| {
        let rng = Service::start("rng", &[]);
        let answers = all_at_once(rng.address(), &[("GET", "/32"); 10]);
        assert!(answers.iter().all(|(answer, _)| answer.status == 200 && answer.body.len() == 32));
        assert_within(last(&answers), 990..1200);
    });
}

#[test]
fn rng_serves_in_the_order_of_arrival() {
    machine::steadily(|| {
        let rng = Service::start("rng", &[]);
        let answers = all_at_once(rng.address(), &[("GET", "/32"); 6]);
        for (before, (answer, at)) in (0..).zip(&answers) {
            assert_within(*at, before * 100 + 95..before * 100 + 180);
            let timing = answer.server_timing();
            assert!((95.0..130.0).contains(&timing.service_ms), "{timing:?}");
            let expected_ms = Duration::from_millis(before * 100).as_secs_f64() * 1e3;
            assert!((timing.queue_ms - expected_ms).abs() < 60.0, "behind {before} others: {timing:?}");
        }
    });
}

#[test]
fn the_greeting_of_rng_waits_behind_the_work_and_takes_no_time_itself() {
    machine::steadily(|| {
        let rng = Service::start("rng", &[]);
        let requests = [[("GET", "/32"); 5].as_slice(), &[("GET", "/")]].concat();
        let (greeting, _) = all_at_once(rng.address(), &requests).pop().expect("the last");
        assert_eq!(greeting.status, 200);
        assert_within(greeting.took, 450..600);
        let timing = greeting.server_timing();
        assert!((450.0..600.0).contains(&timing.queue_ms) && timing.service_ms < 5.0, "{timing:?}");
    });
}

#[test]
fn an_idle_rng_greets_at_once() {
    machine::steadily(|| {
        let rng = Service::start("rng", &[]);
        assert_within(get(rng.address(), "/").took, 0..50);
    });
}

#[test]
fn hasher_does_not_serialise() {
    machine::steadily(|| {
        let hasher = Service::start("hasher", &[]);
        let answers = all_at_once(hasher.address(), &[("POST", "/"); 10]);
        assert!(answers.iter().all(|(answer, _)| answer.status == 200));
        assert_within(last(&answers), 100..250);
        assert!(answers.iter().all(|(answer, _)| answer.server_timing().queue_ms < 50.0));
    });
}

#[test]
fn hasher_with_two_slots_serves_two_at_a_time() {
    machine::steadily(|| {
        let hasher = Service::start("hasher", &["--slots", "2"]);
        assert_within(last(&all_at_once(hasher.address(), &[("POST", "/"); 6])), 295..420);
    });
}

#[test]
fn rng_with_more_slots_loses_the_lesson_on_request_only() {
    machine::steadily(|| {
        let rng = Service::start("rng", &["--slots", "5", "--service-time", "200ms"]);
        assert_within(last(&all_at_once(rng.address(), &[("GET", "/32"); 10])), 395..550);
    });
}

#[test]
fn the_station_changes_at_run_time() {
    machine::steadily(|| {
        let rng = Service::start("rng", &[]);
        let before = get(rng.admin, "/station").json();
        assert_eq!(
            (before["service_time_ms"].as_f64(), before["slots"].as_u64()),
            (Some(100.0), Some(1)),
            "{before}"
        );
        let changed =
            put(rng.admin, "/station", r#"{"service_time_ms":10,"slots":1,"distribution":"constant"}"#);
        assert_eq!(changed.status, 200, "{}", changed.text());
        assert_within(last(&all_at_once(rng.address(), &[("GET", "/32"); 10])), 100..200);
        put(rng.admin, "/station", r#"{"service_time_ms":100,"slots":2,"distribution":"constant"}"#);
        assert_within(last(&all_at_once(rng.address(), &[("GET", "/32"); 10])), 490..640);
        put(rng.admin, "/station", r#"{"service_time_ms":100,"slots":null,"distribution":"constant"}"#);
        assert_within(last(&all_at_once(rng.address(), &[("GET", "/32"); 10])), 100..250);
        let after = get(rng.admin, "/station").json();
        assert_eq!((&after["slots"], &after["distribution"]), (&serde_json::Value::Null, &"constant".into()));
    });
}

/// Fifty exponential times of mean 20 ms: the standard error of their mean is 2.8 ms, and four of those are allowed.
#[test]
fn an_exponential_station_varies_around_its_mean() {
    machine::steadily(|| {
        let rng = Service::start("rng", &["--service-time", "20ms", "--distribution", "exponential"]);
        let times: Vec<f64> = (0..50).map(|_| get(rng.address(), "/32").server_timing().service_ms).collect();
        let mean = times.iter().sum::<f64>() / 50.0;
        assert!((8.0..34.0).contains(&mean), "mean {mean} of {times:?}");
        assert!(times.iter().any(|time| *time < 10.0) && times.iter().any(|time| *time > 30.0), "{times:?}");
    });
}

#[test]
fn every_answer_of_rng_says_who_served_it_and_how_long_it_waited() {
    let rng = Service::start("rng", &["--service-time", "1ms", "--hostname", "rng-7"]);
    assert_eq!(rng.name, "rng-7");
    for path in ["/", "/32", "/0", "/abc", "/99999999999999999999", "/no/such/path"] {
        let answer = get(rng.address(), path);
        assert_eq!(answer.header("x-served-by"), Some("rng-7"), "{path}");
        let timing = answer.server_timing();
        assert!(timing.queue_ms >= 0.0 && timing.service_ms >= 0.0, "{path}: {timing:?}");
    }
}

#[test]
fn every_answer_of_hasher_says_who_served_it_and_how_long_it_waited() {
    let hasher =
        Service::start("hasher", &["--service-time", "1ms", "--hostname", "hasher-7", "--max-body", "1KiB"]);
    let answers = [
        get(hasher.address(), "/"),
        post(hasher.address(), b"abc"),
        post(hasher.address(), &[0; 4096]),
        get(hasher.address(), "/no/such/path"),
    ];
    for answer in answers {
        assert_eq!(answer.header("x-served-by"), Some("hasher-7"), "{answer:?}");
        assert!(answer.server_timing().service_ms >= 0.0);
    }
}
