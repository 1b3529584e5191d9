use http::StatusCode;

use crate::bench::chunk::{Chunk, Grid};
use crate::bench::goal::testing::plan;
use crate::outcome::{Failure, Outcome};
use crate::sample::{Phases, Sample};

use super::*;

const OK: Outcome = Outcome::Answered(StatusCode::OK);
const SECONDS: u64 = 10;

/// A hundred requests a second for ten seconds; `server` says how long each takes that is due at that millisecond, in
/// milliseconds, and how it ends.
fn warm_up_of(line: &str, server: impl Fn(u64) -> (u64, Outcome)) -> WarmUp {
    let plan = plan(line);
    let grid = Grid(plan.warm_up.unwrap_or_default());
    let ms = Duration::from_millis;
    let sample = |due: u64| {
        let (took, outcome) = server(due);
        let (due, done_at) = (ms(due), ms(due + took));
        Sample { scheduled_at: due, sent_at: due, done_at, outcome, phases: Phases::default() }
    };
    let mut samples: Vec<Sample> = (0..SECONDS * 1000).step_by(10).map(sample).collect();
    samples.retain(|sample| sample.done_at < ms(SECONDS * 1000));
    samples.sort_by_key(|sample| sample.done_at);
    let mut collected = Collected::new(grid.0);
    let mut chunk = Chunk::at(Duration::ZERO, grid);
    for sample in samples {
        if chunk.is_over(sample.done_at) {
            collected.add(&chunk);
            chunk.begin(sample.done_at, grid);
        }
        chunk.record(&sample, Duration::ZERO);
    }
    collected.add(&chunk);
    WarmUp::of(&plan, &collected, ms(SECONDS * 1000).saturating_sub(grid.0))
}

/// Five to eight milliseconds, in no order.
fn usual(due: u64) -> u64 {
    5 + due * 7919 / 10 % 4
}

#[test]
fn a_start_that_is_slow_and_gets_better_is_left_out() {
    let warming = |due: u64| (usual(due) + 1500_u64.saturating_sub(due) / 10, OK);
    let warm_up = warm_up_of("h -q 100 -z 10s", warming);
    assert_eq!(warm_up.how, How::Found);
    assert!(
        (Duration::from_millis(1200)..=Duration::from_millis(2500)).contains(&warm_up.cut),
        "{warm_up:?}"
    );
}

#[test]
fn an_outage_soon_after_the_start_is_no_warm_up() {
    // Whatever is due while the server stands still is answered when it goes on.
    for (from, to) in [(1000, 3000), (300, 1200), (500, 1900), (1000, 1600)] {
        let stalled = |due: u64| {
            let waits = if (from..to).contains(&due) { to - due } else { 0 };
            (usual(due) + waits, OK)
        };
        let warm_up = warm_up_of("h -q 100 -z 10s", stalled);
        assert_eq!(warm_up.cut, Duration::ZERO, "{from} to {to}: {warm_up:?}");
        assert!(matches!(warm_up.how, How::Incident | How::Undecided), "{from} to {to}: {warm_up:?}");
    }
}

#[test]
fn an_outage_after_a_slow_start_is_not_left_out_with_it() {
    let both = |due: u64| {
        let warming = 300_u64.saturating_sub(due) / 10;
        let waits = if (1000..1800).contains(&due) { 1800 - due } else { 0 };
        (usual(due) + warming + waits, OK)
    };
    assert_eq!(warm_up_of("h -q 100 -z 10s", both).cut, Duration::ZERO);
}

#[test]
fn failures_at_the_start_are_never_left_out_unless_somebody_asks_for_it() {
    let unavailable = Outcome::Answered(StatusCode::SERVICE_UNAVAILABLE);
    for failure in [unavailable, Outcome::Failed(Failure::Refused)] {
        for until in [600, 3000] {
            let failing = |due: u64| if due < until { (20, failure) } else { (usual(due), OK) };
            let found = warm_up_of("h -q 100 -z 10s", failing);
            assert_eq!(found, WarmUp { cut: Duration::ZERO, how: How::Failures }, "{failure} until {until}");
        }
    }
    let given = warm_up_of("h -q 100 -z 10s --warmup 3s", |due| (usual(due), OK));
    assert_eq!(given, WarmUp { cut: Duration::from_secs(3), how: How::Given });
}

#[test]
fn a_start_that_takes_long_to_get_better_is_measured() {
    let warming = |due: u64| (usual(due) + 4000_u64.saturating_sub(due) / 10, OK);
    let warm_up = warm_up_of("h -q 100 -z 10s", warming);
    assert_eq!(warm_up, WarmUp { cut: Duration::ZERO, how: How::Undecided });
}
