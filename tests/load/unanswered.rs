//! A server that stops answering leaves no error behind: what it does to the errors that were expected.

use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use crate::harness::bench::{load, load_of_any_end};
use crate::harness::scripted::{Scripted, Then};

/// Answers so many requests, and then none.
fn hangs_after(answers: usize) -> Scripted {
    Scripted::start(
        move |visit| if visit.number < answers { visit.answer("200 OK", "ok") } else { Then::Hold },
    )
}

#[test]
fn a_server_that_hangs_does_not_pass_for_one_without_errors() {
    let server = hangs_after(100);
    let flags = ["-q", "200", "-z", "4s", "-c", "20", "--expect", "errors<1%", "--expect", "errors<99%"];
    let load = load_of_any_end(&[&flags[..], &[&server.url("/")]].concat());
    assert_eq!(load.said.status.code(), Some(1), "{:?}", load.said);
    assert_eq!(load.outcome("200"), 100);
    let held: Vec<&Value> = load.list("expectations").iter().map(|it| &it["held"]).collect();
    assert_eq!(held, [&json!(false), &json!(true)]);
    let unanswered = load.count("requests.unanswered");
    let waiting = load.count("requests.in_flight_at_end") + load.count("requests.unsent_at_end");
    assert!((100..=waiting).contains(&unanswered), "{}", load.report["requests"]);
    assert_eq!(load.at("error_share.seen"), &json!(0.0));
    let at_most = unanswered as f64 / (100 + unanswered) as f64;
    assert!((load.number("error_share.at_most") - at_most).abs() < 1e-9, "{}", load.report["error_share"]);
    let measured = load.at("expectations")[0]["measured"].as_str().expect("words").to_owned();
    let why = format!(" %: {unanswered} unanswered after longer than any success took");
    assert!(measured.starts_with("between 0 % and ") && measured.ends_with(&why), "{measured}");
}

/// What the end comes before is no error, as long as nothing tells it from what was answered.
#[test]
fn a_run_that_ends_while_requests_are_under_way_has_no_errors() {
    let server = Scripted::start(|visit| {
        thread::sleep(Duration::from_millis(1400));
        visit.answer("200 OK", "ok")
    });
    let load = load(&["-c", "5", "-z", "2s", "--expect", "errors<=0%", &server.url("/")]);
    assert_eq!((load.outcome("200"), load.count("requests.in_flight_at_end")), (5, 5));
    assert_eq!((load.count("requests.unanswered"), load.number("error_share.at_most")), (0, 0.0));
}
