//! When echo answers: the laws of its service time, and its stalls.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::echo;
use crate::harness::http::{Call, get, put};
use crate::harness::machine;
use crate::harness::metrics::Metrics;
use crate::harness::service::Service;
use crate::harness::wait::eventually;

const SOON: Duration = Duration::from_secs(30);

/// The service times of so many requests, one after another on one connection, as the server tells them.
fn service_times_ms(of: SocketAddr, requests: usize) -> Vec<f64> {
    const ASK: &[u8] = b"GET / HTTP/1.1\r\nHost: echo\r\n\r\n";
    let mut call = Call::raw(of, "GET", ASK);
    let first = call.next_answer();
    let others = (1..requests).map(|_| call.again(ASK));
    std::iter::once(first).chain(others).map(|answer| answer.server_timing().service_ms).collect()
}

#[test]
fn a_delay_comes_on_top_of_the_service_time() {
    machine::steadily(|| {
        let echo = echo(&["--service-time", "20ms"]);
        let answer = get(echo.address(), "/delay/100ms?format=json");
        assert!(
            (Duration::from_millis(120)..Duration::from_millis(220)).contains(&answer.took),
            "{answer:?}"
        );
        assert_eq!(answer.json()["path"], "/delay/100ms?format=json");
        assert!((119.999..120.001).contains(&answer.server_timing().service_ms), "{answer:?}");
    });
}

/// What a client sees, since the server's own word would tell nothing of its timer. One that is late by a millisecond, as
/// tokio's is, never passes; a machine that others keep busy gets several tries.
#[test]
fn a_constant_service_time_is_kept_to_less_than_a_millisecond() {
    const ASK: &[u8] = b"GET / HTTP/1.1\r\nHost: echo\r\n\r\n";
    machine::steadily(|| {
        let echo = echo(&["--service-time", "10ms"]);
        let mut call = Call::raw(echo.address(), "GET", ASK);
        call.next_answer();
        eventually("a median below 11 ms", SOON, || {
            let mut took: Vec<Duration> = (0..20).map(|_| call.again(ASK).took).collect();
            took.sort();
            assert!(took[0] >= Duration::from_millis(10), "early: {:?}", took[0]);
            (took[10] < Duration::from_millis(11)).then_some(())
        });
    });
}

/// Of 200 draws 60 are expected to be slow, with a standard deviation of 6.5; five of those are allowed.
#[test]
fn a_bimodal_law_has_two_times_in_their_shares() {
    let flags =
        ["--service-time", "1ms", "--distribution", "bimodal", "--slow-time", "5ms", "--slow-share", "30%"];
    let echo = echo(&flags);
    let times = service_times_ms(echo.address(), 200);
    let slow = times.iter().filter(|time| **time >= 5.0).count();
    assert!(times.iter().all(|time| [1.0, 5.0].contains(time)), "{times:?}");
    assert!((28..=92).contains(&slow), "{slow} of {}", times.len());
    let mean = Metrics::of(echo.admin).sum("dockercoins_station_service_time_seconds", &[]);
    assert!((mean - 0.0022).abs() < 1e-9, "{mean}");
}

#[test]
fn a_seed_repeats_the_choices() {
    let flags = ["--service-time", "1ms", "--distribution", "exponential", "--seed", "7"];
    let [one, other] = [echo(&flags), echo(&flags)].map(|echo| service_times_ms(echo.address(), 20));
    assert_eq!(one, other);
    assert!(one.iter().any(|time| (time - one[0]).abs() > 1e-6), "{one:?}");
}

/// Whoever asks all the time sees each stall once: an answer that comes when a whole number of periods and the length of
/// a stall have gone by.
#[test]
fn stalls_come_at_exact_periods_and_hold_up_whatever_falls_into_them() {
    const EVERY_MS: f64 = 200.0;
    const FOR_MS: f64 = 100.0;
    machine::steadily(|| {
        let echo = echo(&[]);
        put(echo.admin, "/station", r#"{"stall_every_ms": 200, "stall_for_ms": 100}"#);
        let since = Instant::now();
        let mut ends_ms = Vec::new();
        while ends_ms.len() < 4 && since.elapsed() < SOON {
            let answer = get(echo.address(), "/");
            if answer.server_timing().service_ms > 0.0 {
                ends_ms.push(since.elapsed().as_secs_f64() * 1e3);
            }
        }
        assert_eq!(ends_ms.len(), 4);
        for (stall, end_ms) in (1..).zip(&ends_ms) {
            let due_ms = EVERY_MS * f64::from(stall) + FOR_MS;
            // They were set a moment before the answer to it was read.
            assert!((due_ms - 20.0..due_ms + 60.0).contains(end_ms), "stall {stall} of {ends_ms:?}");
        }
    });
}

#[test]
fn stalls_that_are_set_at_the_start_are_shown_and_lifted_at_run_time() {
    let echo = echo(&["--stall-every", "50ms", "--stall-for", "40ms"]);
    let station = get(echo.admin, "/station").json();
    assert_eq!((&station["stall_every_ms"], &station["stall_for_ms"]), (&json!(50.0), &json!(40.0)));
    let held_up = || (get(echo.address(), "/").server_timing().service_ms > 0.0).then_some(());
    eventually("a request that is held up", SOON, held_up);
    let lifted = put(echo.admin, "/station", r#"{"stall_every_ms": null}"#);
    assert_eq!(lifted.json()["stall_every_ms"], Value::Null);
    for _ in 0..20 {
        assert!(service_times_ms(echo.address(), 5).iter().all(|time| *time == 0.0));
    }
}

#[test]
fn the_law_changes_at_run_time_and_what_is_not_named_stays() {
    let echo = echo(&["--service-time", "1ms", "--seed", "1"]);
    let change = r#"{"distribution": "bimodal", "slow_time_ms": 4, "slow_share": 1}"#;
    let station = put(echo.admin, "/station", change).json();
    assert_eq!((&station["service_time_ms"], &station["seed"]), (&json!(1.0), &json!(1)));
    assert_eq!(service_times_ms(echo.address(), 3), [4.0; 3]);
    put(echo.admin, "/station", r#"{"distribution": "constant", "service_time_ms": 2}"#);
    assert_eq!(service_times_ms(echo.address(), 3), [2.0; 3]);
}

#[test]
fn settings_of_the_law_come_from_the_environment() {
    let variables =
        [("DISTRIBUTION", "bimodal"), ("SLOW_TIME", "7ms"), ("SLOW_SHARE", "0.25"), ("SEED", "3")];
    let echo = Service::in_environment("echo", &variables, &["--service-time", "2ms"]);
    let station = get(echo.admin, "/station").json();
    assert_eq!((&station["slow_time_ms"], &station["slow_share"]), (&json!(7.0), &json!(0.25)));
    assert_eq!((&station["distribution"], &station["seed"]), (&json!("bimodal"), &json!(3)));
}
