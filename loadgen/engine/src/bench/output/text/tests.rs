//! The text as it stands, from reports that real recorders have told.

use std::time::Duration;

use super::*;
use crate::bench::output::fixture::{self, Story};
use crate::bench::report::How;
use crate::times::Times;

#[test]
fn an_open_loop_shows_lateness_replicas_and_what_failed() {
    insta::assert_snapshot!(render(&fixture::report()), @r"
    GET http://127.0.0.1:8001/32
    open loop: 100.0/s, uniform arrivals

    Throughput      99.1 ± 1.6/s (95 % interval) over 9.00 s
    Warm-up         1.00 s left out, as asked for
    Requests        892 succeeded, 4 got an error status, 1 failed, 2 timed out, 3 in flight at the end,
                    3 never sent since too many waited
    Errors          1.11 %

    Outcome                 measured   share  with warm-up
      200                        892  98.9 %           989
      503                          4  0.44 %             5
      in flight at the end         3  0.33 %             3
      refused                      1  0.11 %             1
      timed out                    2  0.22 %             2
      refused: cannot connect to 127.0.0.1:8001: Connection refused

    Response time  from schedule       95 % interval  once sent  sent late by
      mean             ≥ 28.9 ms                      ≥ 28.5 ms        399 µs
      p50                22.9 ms  22.9 ms .. 23.0 ms    22.5 ms          0 ns
      p90                25.0 ms                        24.6 ms       2.00 ms
      p95                26.1 ms                        24.8 ms       2.00 ms
      p99                 173 ms                         173 ms       2.00 ms
      p99.9             ≥ 2.00 s                       ≥ 2.00 s       2.00 ms
      max               ≥ 2.00 s                       ≥ 2.00 s       2.00 ms

    Successes by response time
      20.0 ms .. 30.0 ms  883  ############################################################
      30.0 ms .. 50.0 ms    0
      50.0 ms .. 70.0 ms    0
      70.0 ms ..  100 ms    0
       100 ms ..  150 ms    0
       150 ms ..  200 ms    9  #

    Where the time goes (with the warm-up)  times     mean      p50      p99
      resolve                                  20  40.0 µs  40.0 µs  40.0 µs
      connect                                  20   210 µs   209 µs   219 µs
      request to head                         994  23.8 ms  22.5 ms  25.0 ms
        queue, says the server                994  9.53 ms  9.00 ms  10.0 ms
        service, says the server              994  11.9 ms  11.3 ms  12.5 ms
        before the handler, and network            2.38 ms
      body                                    994  30.0 µs  30.0 µs  30.0 µs

    Replica  requests   share      p50      p99  errors
      rng-1       332  33.4 %  22.9 ms  26.9 ms       2
      rng-2       662  66.6 %  22.9 ms  26.9 ms       3
      by x-served-by; shares are uneven (p < 0.0001)

    Traffic         120 kB sent, 250 kB received (32.0 kB of bodies), 20 connections,
                    1 request sent again
    Load generator  busiest thread 4.20 % busy, 420 ms of CPU, 12.0 ms waiting for one

    Expected       measured
      p50<50ms      22.6 ms    held
      errors<0.1%    1.10 %  FAILED
    ");
}

#[test]
fn a_closed_loop_without_trouble_is_short() {
    let report = Story {
        line: "http://h/ -n 200 -c 5 --threads 1 --warmup 0s",
        first: 0,
        requests: 40,
        part: |_| true,
    };
    let mut report = report.report();
    (report.replicas, report.requests.overflowed, report.requests.unanswered) = (None, 0, 0);
    report.server_timing = crate::bench::report::ServerTiming::default();
    report.outcomes_all.retain(|outcome, _| outcome == "200");
    insta::assert_snapshot!(render(&report), @r"
    GET http://h/
    closed loop: 5 connections

    Throughput      92 ± 11/s (95 % interval) over 400 ms
    Requests        37 succeeded, 3 in flight at the end

    Response time
      mean         ≥ 22.5 ms
      p50            22.5 ms
      p90            25.8 ms
      p95            26.6 ms
      p99          ≥ 30.0 ms
      p99.9        ≥ 30.0 ms
      max          ≥ 30.0 ms

    Successes by response time
      20.0 ms .. 21.0 ms  9  ############################################################
      21.0 ms .. 22.0 ms  7  ###############################################
      22.0 ms .. 23.0 ms  6  ########################################
      23.0 ms .. 24.0 ms  4  ###########################
      24.0 ms .. 25.0 ms  7  ###############################################
      25.0 ms .. 26.0 ms  2  #############
      26.0 ms .. 27.0 ms  2  #############

    Where the time goes  times     mean      p50      p99
      resolve               20  40.0 µs  40.0 µs  40.0 µs
      connect               20   210 µs   209 µs   219 µs
      request to head       37  22.3 ms  22.2 ms  24.7 ms
      body                  37  30.0 µs  30.0 µs  30.0 µs

    Traffic         4.80 kB sent, 10.0 kB received (1.28 kB of bodies), 20 connections,
                    1 request sent again
    Load generator  busiest thread 4.20 % busy, 420 ms of CPU, 12.0 ms waiting for one
    ");
}

#[test]
fn the_load_generator_as_the_limit_comes_first() {
    let mut report = fixture::report();
    report.load_generator.was_the_limit = true;
    report.load_generator.why = Some("its busiest thread used 97 % of a CPU".to_owned());
    let text = render(&report);
    assert!(
        text.starts_with("The load generator was the limit: its busiest thread used 97 % of a CPU."),
        "{text}"
    );
}

#[test]
fn what_was_left_unanswered_makes_errors_a_range() {
    let mut report = fixture::report();
    report.requests.unanswered = 96;
    let text = render(&report);
    let errors = "Errors          between 1.11 % and 10.6 %,
                with 96 requests unanswered after longer than any success took
";
    assert!(text.contains(errors), "{text}");
    report.requests.unanswered = 0;
    assert!(render(&report).contains("Errors          1.11 %\n"));
}

#[test]
fn lines_fit_into_a_hundred_columns_and_are_plain() {
    let mut report = fixture::report();
    report.warm_up.how = How::Undecided;
    for line in render(&report).lines() {
        assert!(line.chars().count() <= 100, "{line}");
        assert!(line.chars().all(|c| c.is_ascii() || "±µ≥".contains(c)), "{line}");
        assert_eq!(line.trim_end(), line);
    }
}

#[test]
fn a_run_without_any_answer_shows_no_empty_tables() {
    let mut report = fixture::report();
    report.response_time.times = Times::default();
    report.steps = crate::bench::report::Steps::default();
    report.server_timing = crate::bench::report::ServerTiming::default();
    (report.replicas, report.expectations) = (None, Vec::new());
    report.measured = Duration::ZERO;
    let text = render(&report);
    for part in ["Response time", "Where the time goes", "Replicas", "Expected", "Successes by"] {
        assert!(!text.contains(part), "{part} in\n{text}");
    }
}

#[test]
fn what_a_run_was_for_is_said_first() {
    let report = Report { knee: Some(fixture::knee()), ..fixture::report() };
    let text = render(&report);
    assert!(text.starts_with("The knee is at 95.0/s: validated by a longer run; 99.0/s failed.\n"), "{text}");
    let report = Report { aborted: Some(fixture::aborted()), ..fixture::report() };
    assert!(render(&report).starts_with("Given up after 3.0 s, since p50<50ms cannot hold"), "{text}");
}
