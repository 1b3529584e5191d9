//! Applications that crash, stand still or cannot be read; and ^C.

use super::*;
use crate::backend::fake::Fault;
use crate::report::Outcome;

fn with(fault: Fault) -> App {
    App { faults: vec![fault], ..App::default() }
}

fn s(seconds: f64) -> Duration {
    Duration::from_secs_f64(seconds)
}

fn crash(replica: &'static str, at: f64, every: Option<Duration>) -> Fault {
    Fault::Crash { replica, at: s(at), down_for: s(0.5), every }
}

fn unreadable(replica: &'static str) -> Fault {
    Fault::Unreadable { replica, from: s(0.0), to: s(1e6) }
}

const TWO_STEPS: [&str; 3] = ["--workers=1,10", "--rng=1", "--no-confirm"];

#[tokio::test]
async fn dark_time_makes_every_verdict_doubtful() {
    let swept = swept(App { dark_time: s(0.02), ..App::default() }, &[]).await;
    assert_eq!((swept.report.conclusion.outcome, swept.exit_code()), (Outcome::Inconclusive, 3));
    assert_eq!(swept.limits()[0], "dark time");
    assert_near(swept.report.steps[0].seen.dark_time_share, 0.02 / 0.321, 0.05);
    assert!(
        swept.reasons().contains("at worker=1 rng=1 Little's law does not close: 6.2 %"),
        "{}",
        swept.reasons()
    );
}

#[tokio::test]
async fn a_step_with_a_crash_is_measured_again() {
    for replica in ["rng-1", "worker-3", "hasher-1"] {
        let swept = swept(with(crash(replica, 11.0, None)), &TWO_STEPS).await;
        assert_eq!(swept.exit_code(), 0, "{replica}: {}", swept.reasons());
        assert_near(swept.throughputs()[1], 10.0, 0.005);
        assert!(swept.report.steps[1].caveats.is_empty(), "{:?}", swept.report.steps[1].caveats);
        assert_eq!(swept.report.events.len(), 1);
        assert_eq!(swept.report.events[0].replica, replica);
        assert_eq!(swept.notes.happened.len(), 1);
        assert!(swept.report.duration_seconds > 19.0, "{}", swept.report.duration_seconds);
    }
}

#[tokio::test]
async fn a_replica_that_keeps_crashing_is_reported_and_not_hidden() {
    let swept = swept(with(crash("rng-1", 9.0, Some(s(3.0)))), &TWO_STEPS).await;
    assert!(swept.report.events.len() >= 4, "{:?}", swept.report.events);
    let last = &swept.report.steps[1];
    assert!(
        last.caveats.iter().any(|caveat| caveat.contains("happened to a replica at each attempt")),
        "{:?}",
        last.caveats
    );
    assert!(last.seen.worker_errors > 0.0);
    assert!(last.seen.throughput_per_second < 9.9, "{}", last.seen.throughput_per_second);
    assert!(crate::render::text(&swept.report).contains("rng-1 was killed"));
}

#[tokio::test]
async fn a_standstill_is_the_applications_failure_and_tells_its_log() {
    let swept = swept(with(Fault::Standstill(s(0.0))), &[]).await;
    assert_eq!((swept.report.conclusion.outcome, swept.exit_code()), (Outcome::BackendFailed, 4));
    assert!(swept.reasons().contains("worker-1 | redis does not answer"), "{}", swept.reasons());
    assert!(swept.report.steps.is_empty());
    assert_eq!(swept.sentence(), "Nothing was measured.");
}

#[tokio::test]
async fn a_standstill_half_way_through_a_step_does_not_pass_for_a_measurement() {
    let swept = swept(with(Fault::Standstill(s(11.0))), &["--workers=1,2", "--rng=1"]).await;
    assert_eq!(swept.exit_code(), 4);
    assert_eq!(swept.limits(), ["workers"]);
    assert!(swept.reasons().contains("redis does not answer"), "{}", swept.reasons());
}

#[tokio::test]
async fn scaling_that_fails_ends_the_sweep_and_keeps_its_steps() {
    let swept = swept(with(Fault::ScaleFails(Service::Rng, 2)), &[]).await;
    assert_eq!((swept.report.conclusion.outcome, swept.exit_code()), (Outcome::BackendFailed, 4));
    assert_eq!(swept.limits(), ["workers", "workers", "rng", "rng"]);
    assert!(swept.reasons().starts_with("rng-2 did not become ready"), "{}", swept.reasons());
    assert!(swept.sentence().contains("rng"));
}

#[tokio::test]
async fn an_interrupted_sweep_reports_the_steps_so_far() {
    let swept = swept_until(App::default(), &["--expect=bottleneck=hasher"], Some(25.0)).await;
    assert_eq!((swept.report.conclusion.outcome, swept.exit_code()), (Outcome::Interrupted, 130));
    assert_eq!(swept.limits(), ["workers", "workers", "rng"]);
    assert_eq!(swept.reasons(), "stopped after 3 steps");
    assert!(swept.report.duration_seconds < 26.0, "{}", swept.report.duration_seconds);
}

#[tokio::test]
async fn service_times_are_put_back_when_a_perturbation_is_interrupted() {
    for (at, replica) in [(48.0, "rng-1"), (55.0, "hasher-1"), (62.0, "worker-7")] {
        let swept = swept_until(App::default(), &[], Some(at)).await;
        assert_eq!(swept.exit_code(), 130);
        assert!(swept.report.confirmation.is_none());
        let puts: Vec<f64> =
            swept.backend.puts().into_iter().filter(|(name, _)| name == replica).map(|(_, ms)| ms).collect();
        assert_eq!(puts, [90.0, 100.0], "{replica}");
        assert_eq!(swept.backend.service_time(replica), Some(s(0.1)));
    }
}

#[tokio::test]
async fn a_perturbation_with_a_crash_is_made_again() {
    for (at, replica) in [(20.0, "rng-1"), (27.0, "hasher-1"), (34.0, "worker-7")] {
        let swept = swept(with(crash(replica, at, None)), &["--workers=1,10", "--rng=1"]).await;
        assert_eq!(swept.exit_code(), 0, "{replica}: {}", swept.reasons());
        assert_eq!(swept.report.events.len(), 1);
        let proof = swept.report.confirmation.as_ref().unwrap();
        assert!(proof.confirmed && proof.perturbations.len() == 3, "{replica}: {proof:?}");
        for found in &proof.perturbations {
            assert_near(found.throughput_per_second, found.predicted_per_second, 0.005);
        }
    }
}

#[tokio::test]
async fn service_times_are_put_back_wherever_that_is_possible() {
    let sets = |swept: &Swept, name: &str| -> Vec<f64> {
        swept.backend.puts().into_iter().filter(|(replica, _)| replica == name).map(|(_, ms)| ms).collect()
    };
    // Gone before it could be made faster, and gone while it was.
    for (from, first, second) in [(13.0, vec![], vec![90.0, 100.0]), (17.0, vec![90.0], vec![90.0, 100.0])] {
        let gone = Fault::Unreadable { replica: "rng-1", from: s(from), to: s(1e6) };
        // When the proof begins must not depend on how precise a step is.
        let flags = ["--workers=1,20", "--rng=2", "--precision=100%"];
        let swept = swept(with(gone), &flags).await;
        assert_eq!(swept.exit_code(), 4, "{}", swept.reasons());
        assert_eq!((sets(&swept, "rng-1"), sets(&swept, "rng-2")), (first, second));
    }
}

#[tokio::test]
async fn a_replica_that_cannot_be_read_leaves_no_verdict() {
    for replica in ["rng-1", "hasher-1", "worker-3"] {
        let swept = swept(with(unreadable(replica)), &TWO_STEPS).await;
        assert_eq!(swept.exit_code(), 3, "{replica}");
        assert_eq!(swept.limits()[1], "nothing", "{replica}");
        let caveats = swept.report.steps[1].caveats.join("; ");
        assert!(caveats.contains("could be read"), "{replica}: {caveats}");
        assert!(swept.reasons().contains("at worker=10 rng=1 there is no verdict"), "{}", swept.reasons());
    }
}

#[tokio::test]
async fn a_moment_without_admin_port_costs_nothing() {
    let gap = Fault::Unreadable { replica: "rng-1", from: s(11.0), to: s(12.0) };
    let swept = swept(with(gap), &TWO_STEPS).await;
    assert_eq!(swept.exit_code(), 0, "{}", swept.reasons());
    assert_near(swept.throughputs()[1], 10.0, 0.005);
    assert_eq!(swept.limits(), ["workers", "rng"]);
}

#[tokio::test]
async fn expectations_that_hold_change_nothing_and_broken_ones_fail() {
    let good = swept(App::default(), &["--expect=bottleneck=rng", "--expect=model=1%"]).await;
    assert_eq!(good.exit_code(), 0, "{}", good.reasons());
    for (expectation, reason) in [
        ("--expect=bottleneck=hasher", "expected the bottleneck hasher, found rng"),
        ("--expect=model=0.0001%", "is"),
    ] {
        let broken =
            swept(App::default(), &TWO_STEPS.iter().copied().chain([expectation]).collect::<Vec<_>>()).await;
        assert_eq!((broken.report.conclusion.outcome, broken.exit_code()), (Outcome::ExpectationFailed, 1));
        assert!(broken.reasons().contains(reason), "{}", broken.reasons());
    }
}
