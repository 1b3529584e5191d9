//! What the view looks like, to the character.

use std::ops::RangeInclusive;
use std::time::Duration;

use http::StatusCode;
use ratatui::Terminal;
use ratatui::backend::TestBackend;

use super::progress::Progress;
use super::view::{Picture, ROWS};
use super::{Canvas, Live, Surface, words};
use crate::bench::chunk::{CHUNK, Chunk, Grid, Standing};
use crate::bench::collect::Collected;
use crate::bench::goal::testing::plan;
use crate::bench::run::{Observer, Watch};
use crate::bench::usage::Usage;
use crate::outcome::{Censoring, Failure, Outcome};
use crate::sample::{Phases, Sample};

const OK: Outcome = Outcome::Answered(StatusCode::OK);

const OPEN: &str = "-z 60s -q 100 http://rng/32";

/// A tenth of a second in which requests took `millis`, and were each `lag` late.
fn tenth(number: u32, millis: RangeInclusive<u64>, lag: Duration, outcome: Outcome) -> Chunk {
    let from = CHUNK * number;
    let mut chunk = Chunk::at(from, Grid(Duration::ZERO));
    for took in millis {
        // The run is long enough ago for its first requests to have been scheduled.
        let done_at = from + Duration::from_secs(60);
        let scheduled_at = done_at.saturating_sub(Duration::from_millis(took));
        let sample =
            Sample { scheduled_at, sent_at: scheduled_at, done_at, outcome, phases: Phases::default() };
        chunk.record(&sample, lag);
    }
    let standing = Standing { thread: 0, in_flight: 12, waiting: 3, connections: 50, overflowed: 0 };
    chunk.stand(standing);
    chunk
}

/// Ten requests a tenth of a second, and each second they take a millisecond longer.
fn steady(seconds: u32) -> Progress {
    let mut progress = Progress::default();
    for number in 0..10 * seconds {
        let slowest = 10 + u64::from(number / 10);
        progress.add(&tenth(number, slowest - 9..=slowest, Duration::from_micros(30), OK));
        progress.pass(CHUNK * number);
    }
    progress.pass(CHUNK * (10 * seconds + 3));
    progress
}

fn drawn(width: u16, height: u16, flags: &str, seconds: u64, progress: &Progress) -> Terminal<TestBackend> {
    let plan = plan(flags);
    let picture = Picture { plan: &plan, elapsed: Duration::from_secs(seconds), progress };
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal.draw(|frame| picture.render(frame.area(), frame.buffer_mut())).unwrap();
    terminal
}

#[test]
fn an_open_loop_shows_its_lag_and_who_waits() {
    insta::assert_snapshot!(drawn(90, ROWS, OPEN, 24, &steady(24)).backend(), @r#"
    "GET http://rng/32, at 100/s                                                               "
    "24.0 s of 1:00 min, 2,400 requests  ━━━━━━━━━━━━━━━━━━━━━─────────────────────────────────"
    "               last second           all  throughput, up to 100/s                         "
    "throughput           100/s         100/s  ████████████████████████                        "
    "p50 in ms             28.0          17.0  ████████████████████████                        "
    "p90 in ms             32.0          27.0  p99, up to 33.0 ms                              "
    "p99 in ms             33.0          32.0           ▁▁▂▂▃▃▄▄▅▅▆▆▇▇█                        "
    "lag p99 in ms        0.030         0.030  ▄▅▅▆▆▇▇█████████████████                        "
    "in flight 12, waiting for a connection 3, connections opened 50                           "
    "no errors                                                                                 "
    "                                                                                          "
    "#);
}

#[test]
fn a_closed_loop_has_neither_and_a_narrow_terminal_no_graphs() {
    insta::assert_snapshot!(drawn(50, ROWS, "-n 5000 http://rng/32", 24, &steady(24)).backend(), @r#"
    "GET http://rng/32, 50 connections                 "
    "24.0 s, 2,400 of 5,000 requests  ━━━━━━━━─────────"
    "               last second           all          "
    "throughput           100/s         100/s          "
    "p50 in ms             28.0          17.0          "
    "p90 in ms             32.0          27.0          "
    "p99 in ms             33.0          32.0          "
    "                                                  "
    "in flight 12, connections opened 50               "
    "no errors                                         "
    "                                                  "
    "#);
}

#[test]
fn a_shard_shows_which_it_is_and_how_far_its_own_requests_are() {
    let terminal = drawn(70, ROWS, "-n 9000 http://rng/32 --shard 1/3", 24, &steady(24));
    let text = terminal.backend().to_string();
    assert!(text.contains("GET http://rng/32, 50 connections, of it shard 1/3"), "{text}");
    assert!(text.contains("2,400 of 3,000 requests"), "{text}");
}

#[test]
fn errors_are_told_by_their_kind_the_most_frequent_first() {
    let mut progress = steady(2);
    let unavailable = Outcome::Answered(StatusCode::SERVICE_UNAVAILABLE);
    for (count, outcome) in [
        (2, Outcome::Failed(Failure::Refused)),
        (9, unavailable),
        (1, Outcome::Censored(Censoring::TimedOut)),
        (5, Outcome::Censored(Censoring::InFlight)),
    ] {
        progress.add(&tenth(20, 1..=count, Duration::ZERO, outcome));
    }
    assert_eq!(words::errors(&progress).unwrap(), "503: 9, refused: 2, timed out: 1");
}

#[test]
fn a_low_terminal_shows_the_last_second_and_what_is_wrong() {
    let mut progress = steady(2);
    let busy = Usage { cpu: Duration::from_millis(970), elapsed: Duration::from_secs(1), ..Usage::default() };
    progress.judge(&plan(OPEN), Some(busy));
    insta::assert_snapshot!(drawn(70, 3, OPEN, 2, &progress).backend(), @r#"
    "2.0 s of 1:00 min, 200 requests  ━────────────────────────────────────"
    "100/s, p50 6.00 ms, p99 11.0 ms                                       "
    "The load generator is the limit: its busiest thread used 97 % of a CPU"
    "#);
}

#[test]
fn before_the_first_second_there_is_a_picture() {
    let warmed_up = "-z 10s --warmup 2s http://rng/32 http://rng/33";
    insta::assert_snapshot!(drawn(60, ROWS, warmed_up, 1, &Progress::default()).backend(), @r#"
    "GET http://rng/32 and 1 more, 50 connections                "
    "1.0 s of 10.0 s, 0 requests, warming up  ━──────────────────"
    "               last second           all                    "
    "throughput               -             -                    "
    "p50 in ms                -             -                    "
    "p90 in ms                -             -                    "
    "p99 in ms                -             -                    "
    "                                                            "
    "in flight 0, connections opened 0                           "
    "no errors                                                   "
    "                                                            "
    "#);
}

#[test]
fn no_size_is_too_small_to_be_drawn() {
    for (width, height) in [(1, 1), (0, 0), (2, 3), (10, ROWS), (43, ROWS), (300, 2)] {
        drawn(width, height, OPEN, 3, &steady(3));
    }
}

#[test]
fn lateness_of_the_load_generator_is_told_in_an_open_loop_only() {
    let mut progress = Progress::default();
    progress.add(&tenth(0, 1..=10, Duration::from_millis(5), OK));
    assert!(progress.pass(Duration::from_millis(1250)) && !progress.pass(Duration::from_millis(2249)));
    progress.judge(&plan(OPEN), None);
    assert_eq!(progress.limit(), Some("1 % of its requests were sent more than 5.0 ms late"));
    progress.judge(&plan("-z 60s http://rng/32"), None);
    assert_eq!(progress.limit(), None);
}

#[test]
fn a_second_without_answers_has_no_throughput() {
    let mut progress = steady(3);
    assert!(progress.pass(Duration::from_millis(4300)));
    let successes: Vec<u64> = progress.minute().map(|second| second.successes).collect();
    assert_eq!(successes, [100, 100, 100, 0]);
    let last = progress.last().unwrap();
    assert_eq!((last.throughput.to_bits(), last.response), (0, None));
}

#[test]
fn no_more_than_a_minute_is_remembered() {
    let mut progress = Progress::default();
    progress.pass(Duration::from_secs(76));
    assert_eq!(progress.minute().len(), 60);
}

#[test]
fn without_a_terminal_a_line_says_it() {
    insta::assert_snapshot!(words::line(Duration::from_secs(20), &steady(20)), @r#"
    20.0 s: 2,000 requests, 100/s, p50 24.0 ms, p99 29.0 ms
    "#);
}

/// What `live` has written after it was shown these instants of a run, in seconds, and its end.
fn shown(surface: Surface<&mut Vec<u8>>, flags: &str, instants: &[f64]) {
    let (plan, collected) = (plan(flags), Collected::default());
    let mut live = Live::with(surface);
    for elapsed in instants {
        let elapsed = Duration::from_secs_f64(*elapsed);
        assert!(live.tick(&Watch { plan: &plan, elapsed, collected: &collected }).is_continue());
    }
    live.ended();
}

#[test]
fn lines_come_every_ten_seconds_but_not_with_the_end() {
    let told = |flags, instants: &[f64]| {
        let mut out = Vec::new();
        shown(Surface::Lines(&mut out), flags, instants);
        String::from_utf8(out).unwrap().lines().map(|it| it.split(':').next().unwrap().to_owned()).collect()
    };
    let long: Vec<String> = told("-z 30s h", &[0.1, 9.9, 10.0, 10.1, 20.05, 29.9, 30.0]);
    assert_eq!(long, ["10.0 s", "20.1 s"]);
    let without_end: Vec<String> = told("-n 1000 h", &[5.0, 10.0, 45.0, 45.1]);
    assert_eq!(without_end, ["10.0 s", "45.0 s"]);
    let short: Vec<String> = told("-z 10s h", &[0.1, 9.9, 10.0, 10.1]);
    assert!(short.is_empty(), "{short:?}");
}

#[test]
fn the_view_is_drawn_five_times_a_second_and_vanishes() {
    let mut out = Vec::new();
    shown(Surface::InPlace(Canvas::on(&mut out, true)), OPEN, &[0.1, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]);
    let out = String::from_utf8(out).unwrap();
    assert_eq!(out.matches("http://rng/32").count(), 3, "{out:?}");
    assert!(out.ends_with("\u{1b}[11F\r\u{1b}[J"), "{out:?}");
}

#[test]
fn a_short_run_leaves_no_trace() {
    let mut out = Vec::new();
    shown(Surface::InPlace(Canvas::on(&mut out, true)), OPEN, &[0.1, 0.2, 0.4]);
    assert!(out.is_empty());
}
