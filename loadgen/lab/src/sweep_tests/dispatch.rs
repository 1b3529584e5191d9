//! Requests that do not go where there is room.

use super::*;
use crate::backend::fake::{Dispatch, Fault};
use crate::render;
use crate::verdict::{Limit, Misdirection};

fn app(dispatch: Dispatch) -> App {
    App { dispatch, ..App::default() }
}

#[tokio::test]
async fn random_dispatch_is_never_blamed_on_the_workers() {
    for seed in 1..6 {
        let swept = swept(App { seed, ..app(Dispatch::Random) }, &["--no-confirm"]).await;
        let limits = swept.limits();
        assert_eq!(limits[..4], ["workers", "workers", "rng", "rng"], "seed {seed}");
        // Two replicas are about 92 % busy, three about 81 %: in a window of six seconds the two may pass for full, and
        // waits vary so much that Little's law may stay open.
        assert_ne!(limits[4], "workers", "seed {seed}: {limits:?}");
        assert_eq!(limits[5], "dispatch", "seed {seed}");
    }
}

#[tokio::test]
async fn random_dispatch_meets_the_exact_chain_in_a_long_window() {
    let flags = ["--window=40s", "--workers=1,10", "--no-confirm", "--probe-rate=0"];
    let swept = swept(app(Dispatch::Random), &flags).await;
    // The design's column, less the overhead of a millisecond.
    for (step, expected) in swept.report.steps[1..].iter().zip([10.0, 18.48, 24.25]) {
        assert_near(step.seen.throughput_per_second, expected, 0.02);
    }
    assert_eq!(swept.limits(), ["workers", "rng", "dispatch", "dispatch"]);
}

#[tokio::test]
async fn random_dispatch_is_predicted_and_measured_for_longer() {
    let mut off = 0;
    for seed in 1..6 {
        let swept = swept(App { seed, ..app(Dispatch::Random) }, &["--no-confirm"]).await;
        for (step, column) in swept.report.steps[3..].iter().zip([10.0, 18.48, 24.25]) {
            assert_near(step.predicted_throughput_per_second.unwrap(), column, 0.004);
            // Twice the standard deviation, which one in twenty exceeds.
            off += usize::from(step.deviation_from_prediction.unwrap().abs() > 0.03);
        }
        let seconds: Vec<f64> = swept.report.steps.iter().map(|step| step.seen.window.seconds()).collect();
        assert!(seconds[..4].iter().all(|it| *it < 10.0), "{seconds:?}");
        assert!(seconds[4..].iter().all(|it| *it > 40.0), "{seconds:?}");
        assert_eq!((swept.exit_code(), swept.reasons()), (0, String::new()), "seed {seed}");
    }
    assert!(off <= 1, "{off}");
}

#[tokio::test]
async fn what_dispatch_in_turn_would_give_is_told_where_it_is_random() {
    let at_random = swept(app(Dispatch::Random), &["--workers=1,10", "--rng=1,2", "--window=2s"]).await;
    let advice = at_random.advice();
    for part in ["rng=2 gives 18.5/s, rng=3 gives 24.2/s", "in turn rng=2 would give 20.0/s, rng=3 30.0/s"] {
        assert!(advice.contains(part), "{advice}");
    }
    assert!(render::text(&at_random.report).contains("Dispatch to rng is random"));
    let in_turn = swept(app(Dispatch::RoundRobin), &["--workers=1,10", "--rng=1"]).await;
    assert!(!in_turn.advice().contains("in turn"), "{}", in_turn.advice());
    assert!(!render::text(&in_turn.report).contains("random"));
}

#[tokio::test]
async fn requests_that_wait_before_idle_replicas_are_the_evidence() {
    let swept = swept(app(Dispatch::Random), &["--no-confirm"]).await;
    let verdict = swept.report.steps[5].verdict.as_ref().unwrap();
    let evidence = verdict.evidence.join(", ");
    assert!(evidence.contains("10 workers") && evidence.contains("for rng at"), "{evidence}");
}

#[tokio::test]
async fn with_live_connections_more_replicas_change_nothing_and_their_shares_say_why() {
    let swept = swept(app(Dispatch::Sticky), &[]).await;
    assert_eq!(swept.limits(), ["workers", "workers", "rng", "rng", "dispatch", "dispatch"]);
    for step in &swept.report.steps[3..] {
        assert_near(step.seen.throughput_per_second, 10.0, 0.005);
    }
    let last = &swept.report.steps[5];
    assert_eq!(shares(&last.seen), [1.0, 0.0, 0.0]);
    assert!(!last.seen.service(Service::Rng).unwrap().evenness.unwrap().is_even());
    let evidence = last.verdict.as_ref().unwrap().evidence.join(", ");
    assert!(evidence.contains("uneven"), "{evidence}");
    assert!(evidence.contains("connections stick to one replica"), "{evidence}");
}

#[tokio::test]
async fn fresh_connections_are_never_said_to_stick() {
    for dispatch in [Dispatch::Random, Dispatch::RoundRobin] {
        let swept = swept(app(dispatch), &["--no-confirm"]).await;
        let rng = swept.report.steps[5].seen.service(Service::Rng).unwrap().clone();
        assert_eq!(rng.stuck_to(), None, "{dispatch:?}");
        assert_near(rng.connections_per_cycle.unwrap(), 1.0, 0.05);
    }
}

#[tokio::test]
async fn advice_to_scale_owns_up_to_the_replicas_that_were_measured_and_did_not_help() {
    let swept = swept(app(Dispatch::Sticky), &[]).await;
    let advice = swept.advice();
    assert!(advice.contains("rng=3 gives 30.0/s"), "{advice}");
    assert!(
        advice.contains(
            "only with better dispatch: as it is, worker=10 rng=3 gave 10.0/s, since connections stick to one"
        ),
        "{advice}"
    );
}

#[tokio::test]
async fn one_slow_replica_holds_the_others_back() {
    let slow = Fault::Slow { replica: "rng-2", factor: 3.0 };
    let flags = ["--workers=1,10", "--rng=1,2", "--window=20s", "--warm-up=20s", "--no-confirm"];
    let swept = swept(App { faults: vec![slow], ..App::default() }, &flags).await;
    let last = &swept.report.steps[2];
    // In turn, each gets half of the requests, and the slow one serves 3.3 of them a second.
    assert_near(last.seen.throughput_per_second, 20.0 / 3.0, 0.01);
    assert_eq!(last.verdict.as_ref().unwrap().limit, Limit::Dispatch { cause: Misdirection::SlowReplica });
    let advice = swept.advice();
    assert!(advice.contains("/s, since rng-2 is slow"), "{advice}");
}

#[tokio::test]
async fn a_slow_replica_is_named_with_what_the_service_would_give_without_its_slowness() {
    let slow = Fault::Slow { replica: "rng-2", factor: 3.0 };
    let flags = ["--workers=1,10", "--rng=2", "--window=20s", "--warm-up=20s", "--no-confirm"];
    let swept = swept(App { faults: vec![slow], ..App::default() }, &flags).await;
    let (sentence, advice) = (swept.sentence(), swept.advice());
    assert!(sentence.contains("rng-2 takes 300 ms for each and the others 100 ms"), "{sentence}");
    assert!(advice.contains("Mend rng-2") && advice.contains("rng=2 would give 20.0/s"), "{advice}");
}
