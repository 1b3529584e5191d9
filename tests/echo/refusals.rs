//! What echo refuses: one line each, with the remedy.

use std::time::Duration;

use super::echo;
use crate::harness::DOCKERCOINS;
use crate::harness::http::{Call, get, put};
use crate::harness::program::run;

const SOON: Duration = Duration::from_secs(30);

#[test]
fn a_body_over_the_limit_is_refused_in_one_line_that_names_the_flag() {
    let echo = echo(&["--max-body", "1KiB"]);
    for path in ["/", "/status/200", "/bytes/1"] {
        assert_eq!(Call::send(echo.address(), "POST", path, &[b'a'; 1024]).answer().status, 200, "{path}");
        let answer = Call::send(echo.address(), "POST", path, &[b'a'; 1025]).answer();
        assert_eq!((answer.status, answer.text().lines().count()), (413, 1), "{answer:?}");
        assert!(answer.text().contains("--max-body (MAX_BODY)"), "{}", answer.text());
    }
}

#[test]
fn a_path_that_asks_for_the_impossible_is_refused_in_one_line_with_the_remedy() {
    let echo = echo(&["--max-bytes", "1KiB", "--service-time", "20s"]);
    for (path, remedy) in [
        ("/bytes/many", "64KiB"),
        ("/bytes/1025", "--max-bytes"),
        ("/chunked/1MiB", "--max-bytes"),
        ("/status/99", "200 to 599"),
        ("/status/abc", "200 to 599"),
        ("/delay/3", "100ms"),
        ("/delay/", "100ms"),
    ] {
        let answer = get(echo.address(), path);
        assert_eq!((answer.status, answer.text().lines().count()), (400, 1), "{path}: {answer:?}");
        assert!(answer.text().contains(remedy), "{path}: {}", answer.text());
        assert!(answer.took < Duration::from_secs(10), "{path}: a refusal takes no service time");
    }
    let long = get(echo.address(), &format!("/status/{}", "9".repeat(30_000)));
    assert!(long.status == 400 && long.body.len() < 200, "{}", long.text());
}

#[test]
fn a_change_that_makes_no_sense_is_refused_in_one_line_and_changes_nothing() {
    let echo = echo(&[]);
    let before = get(echo.admin, "/station").json();
    for (json, key) in [
        (r#"{"slow_share": 2}"#, "slow_share"),
        (r#"{"slow_time_ms": -1}"#, "slow_time_ms"),
        (r#"{"stall_every_ms": 1000, "stall_for_ms": 1000}"#, "stall_for_ms"),
        (r#"{"stall_every": 1000}"#, "stall_every"),
        (r#"{"seed": "odd"}"#, "odd"),
    ] {
        let answer = put(echo.admin, "/station", json);
        assert_eq!((answer.status, answer.text().lines().count()), (400, 1), "{json}: {answer:?}");
        assert!(answer.text().contains(key), "{json}: {}", answer.text());
    }
    assert_eq!(get(echo.admin, "/station").json(), before);
}

#[test]
fn flags_that_make_no_sense_are_refused_in_one_line_with_exit_code_2() {
    for (flags, name) in [
        (&["--format=xml"][..], "--format"),
        (&["--slow-share=120%", "--distribution=bimodal"], "--slow-share"),
        (&["--slow-time=1s"], "--distribution bimodal"),
        (&["--stall-for=1s"], "--stall-every"),
        (&["--stall-every=1s", "--stall-for=1s"], "less than --stall-every"),
        (&["--stall-every=often"], "--stall-every"),
        (&["--seed=-1"], "--seed"),
        (&["--body-size=huge"], "--body-size"),
    ] {
        let said = run(DOCKERCOINS, &[&["echo"], flags].concat(), SOON);
        assert_eq!(said.status.code(), Some(2), "{flags:?}: {said:?}");
        assert_eq!(said.stderr.lines().count(), 1, "{flags:?}: {}", said.stderr);
        assert!(said.stderr.contains(name), "{flags:?}: {}", said.stderr);
    }
}
