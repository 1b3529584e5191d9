use http::StatusCode;

use crate::bench::chunk::{CHUNK, Chunk, Grid, Standing};
use crate::bench::collect::Collected;
use crate::bench::goal::testing::plan;
use crate::outcome::Outcome;
use crate::sample::{Phases, Sample};

use super::*;

const fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// What a request that ends at this instant, in milliseconds, took, in nanoseconds, so that histograms are small; and its
/// status.
type Server = fn(u64) -> (u64, u16);

/// A run of `seconds` in which a request ends every ten milliseconds; when it was given up, and why.
fn given_up(line: &str, expectations: &[&str], seconds: u64, server: Server) -> Option<Aborted> {
    let plan = plan(line);
    let expectations: Vec<Expectation> = expectations.iter().map(|text| text.parse().unwrap()).collect();
    let mut abort = Abort::on(&expectations);
    let grid = Grid(plan.warm_up.unwrap_or_default());
    let mut collected = Collected::new(grid.0);
    for tenth in 0..seconds * 10 {
        let mut chunk = Chunk::at(ms(100 * tenth), grid);
        for done_at in (100 * tenth..100 * (tenth + 1)).step_by(10) {
            let (took, status) = server(done_at);
            chunk.record(&sample(done_at, took, status), Duration::ZERO);
        }
        collected.add(&chunk);
        let watch = Watch { plan: &plan, elapsed: chunk.from() + CHUNK, collected: &collected };
        if abort.tick(&watch).is_break() {
            break;
        }
    }
    abort.found()
}

fn sample(done_at: u64, took: u64, status: u16) -> Sample {
    let done_at = ms(done_at);
    let begun_at = done_at.saturating_sub(Duration::from_nanos(took));
    let outcome = Outcome::Answered(StatusCode::from_u16(status).unwrap());
    Sample { scheduled_at: begun_at, sent_at: begun_at, done_at, outcome, phases: Phases::default() }
}

#[test]
fn a_run_that_keeps_what_is_expected_goes_on() {
    let expected =
        ["p99<50ns", "p50>5ns", "errors<1%", "rate>90", "rate<110", "mean<11ns", "max<12ns", "min>9ns"];
    assert_eq!(given_up("h -q 100 -z 30s", &expected, 30, |_| (10, 200)), None);
}

#[test]
fn a_service_that_is_too_slow_is_given_up_within_seconds() {
    for (expected, words) in [
        ("p99<50ns", "100 % of response times over 50 ns"),
        ("p50<=50ns", "response times over 50 ns"),
        ("mean<50ns", "a mean of"),
        ("max<50ns", "over 50 ns"),
        ("uncorrected.p90<50ns", "over 50 ns"),
        ("p90>900ns", "not over 900 ns"),
        ("min>900ns", "not over 900 ns"),
        ("rate>200", "successes a second"),
        ("rate<50", "successes a second"),
    ] {
        let aborted = given_up("h -z 60s", &["errors<1%", expected], 60, |_| (60, 200)).unwrap();
        assert_eq!(aborted.expectation, expected);
        assert!(aborted.at <= ms(10_000), "{aborted}");
        assert!(aborted.why.contains(words), "{aborted}");
    }
}

#[test]
fn errors_are_given_up_on_too() {
    let every_tenth = |at: u64| (10, if at.is_multiple_of(100) { 503 } else { 200 });
    let aborted = given_up("h -z 60s", &["errors<5%"], 60, every_tenth).unwrap();
    assert!(aborted.why.contains("10 % errors"), "{aborted}");
    assert_eq!(given_up("h -z 60s", &["errors<11%"], 60, every_tenth), None);
}

#[test]
fn a_known_number_of_requests_gives_certainty_long_before_the_end() {
    // 10 of 1000 may be slow; slow ones come a second apart from the fifth second on.
    let now_and_then = |at: u64| (if at >= 1000 && at.is_multiple_of(500) { 99 } else { 10 }, 200);
    for line in [
        "h -n 1000 --warmup 0s",
        "h -q 100 -z 10s --warmup 0s",
        "h -n 3000 --warmup 0s --shard 0/3",
        "h -q 300 -z 10s --warmup 0s --shard 0/3",
    ] {
        let aborted = given_up(line, &["p99<50ns"], 10, now_and_then).unwrap();
        assert!((ms(6000)..=ms(7000)).contains(&aborted.at), "{line}: {aborted}");
        assert!(aborted.why.contains("whatever the rest brings"), "{aborted}");
    }
    assert_eq!(given_up("h -n 1000 --warmup 0s", &["p97<50ns"], 10, now_and_then), None);
}

#[test]
fn a_rate_that_cannot_be_reached_any_more_is_certain() {
    // Half of the answers fail in the first five of ten seconds: 750 successes at most.
    let recovering = |at: u64| (10, if at < 5000 && at.is_multiple_of(20) { 503 } else { 200 });
    let aborted = given_up("h -q 100 -z 10s --warmup 0s", &["rate>90"], 10, recovering).unwrap();
    assert!(aborted.at < ms(5000), "{aborted}");
}

#[test]
fn a_slow_warm_up_is_no_failure() {
    let warming = |at: u64| {
        (if at < 1500 { 99 } else { 10 }, if at < 1500 && at.is_multiple_of(20) { 503 } else { 200 })
    };
    for expected in ["p99<50ns", "errors<1%", "mean<20ns", "rate>90"] {
        assert_eq!(given_up("h -z 30s", &[expected], 30, warming), None, "{expected}");
        assert_eq!(given_up("h -z 30s --warmup 1500ms", &[expected], 30, warming), None, "{expected}");
    }
}

#[test]
fn a_load_that_changes_is_judged_by_what_is_certain_only() {
    let stages = "h --stage 30s:10..1000";
    assert_eq!(given_up(stages, &["rate>300", "mean<50ns"], 20, |_| (60, 200)), None);
    // 1 % of the 15,150 requests of all stages.
    let aborted = given_up(stages, &["p99<50ns"], 20, |_| (60, 200)).unwrap();
    assert!(aborted.why.contains("whatever the rest brings"), "{aborted}");
}

#[test]
fn requests_that_were_not_sent_are_counted_from_the_end_of_the_warm_up() {
    let expectations = ["overflow<=5".parse().unwrap()];
    let grid = Grid(ms(1000));
    let (plan, mut collected) = (plan("h -q 100 --warmup 1s"), Collected::new(grid.0));
    let mut abort = Abort::on(&expectations);
    // What was not sent in the warm-up does not count.
    for (second, overflowed) in [(0, 9), (1, 2), (2, 3), (3, 1)] {
        let mut chunk = Chunk::at(ms(1000 * second), grid);
        (0..overflowed).for_each(|_| chunk.overflow());
        collected.add(&chunk);
        let watch = Watch { plan: &plan, elapsed: ms(1000 * second + 900), collected: &collected };
        assert_eq!(abort.tick(&watch).is_break(), second == 3);
    }
    assert_eq!(abort.found().unwrap().why, "6 requests were due and not sent");
}

/// A thousand successes, and then nothing but requests that wait, 100 more each second.
fn given_up_in_silence(line: &str, expectation: &str, seconds: u64) -> Option<Aborted> {
    let (plan, expectations) = (plan(line), [expectation.parse().unwrap()]);
    let (mut abort, mut collected) = (Abort::on(&expectations), Collected::default());
    for tenth in 0..seconds * 10 {
        let mut chunk = Chunk::at(ms(100 * tenth), Grid(Duration::ZERO));
        if tenth < 10 {
            (0..100).for_each(|_| chunk.record(&sample(100 * tenth, 10, 200), Duration::ZERO));
        }
        let waiting = 10 * tenth.saturating_sub(9);
        chunk.stand(Standing { in_flight: 5, waiting, ..Standing::default() });
        abort.chunk(&chunk);
        collected.add(&chunk);
        let watch = Watch { plan: &plan, elapsed: chunk.from() + CHUNK, collected: &collected };
        if abort.tick(&watch).is_break() {
            break;
        }
    }
    abort.found()
}

#[test]
fn a_server_that_hangs_is_given_up_although_no_request_has_failed() {
    let aborted = given_up_in_silence("h -q 100 -z 60s -t 60s", "errors<1%", 60).unwrap();
    assert!((ms(11_000)..=ms(12_000)).contains(&aborted.at), "{aborted}");
    assert!(aborted.why.contains("% errors with") && aborted.why.contains("for 10"), "{aborted}");
    assert_eq!(given_up_in_silence("h -q 100 -z 60s", "errors<99%", 60), None);
    assert_eq!(given_up_in_silence("h -q 100 -z 60s", "p99<1s", 60), None);
}

#[test]
fn requests_that_found_no_place_are_errors() {
    let expectations = ["errors<5%".parse().unwrap()];
    let (plan, mut collected) = (plan("h -q 100 -z 10s --warmup 0s"), Collected::default());
    let mut abort = Abort::on(&expectations);
    let mut chunk = Chunk::at(ms(0), Grid(ms(0)));
    chunk.record(&sample(10, 10, 200), Duration::ZERO);
    (0..51).for_each(|_| chunk.overflow());
    collected.add(&chunk);
    let watch = Watch { plan: &plan, elapsed: ms(100), collected: &collected };
    assert!(abort.tick(&watch).is_break());
    assert!(abort.found().unwrap().why.contains(" % errors at least, whatever the rest brings"));
}

#[test]
fn what_only_the_end_can_tell_never_ends_a_run() {
    let expected =
        ["max>1h", "min<9ns", "mean>1h", "evenness>1", "overflow>5", "connect.p99<9ns", "errors>50%"];
    assert_eq!(given_up("h -z 20s", &expected, 20, |_| (10, 200)), None);
}
