//! Other bottlenecks than the default's, and numbers of workers that strain the window.

use super::*;
use crate::backend::fake::Law;
use crate::verdict::Limit;

#[tokio::test]
async fn a_hasher_with_few_slots_is_named_and_proved() {
    let app = App { hasher_slots: Some(2), ..App::default() };
    let swept = swept(app, &["--hasher-time=500ms", "--rng=1"]).await;
    assert_eq!(swept.exit_code(), 0, "{}", swept.reasons());
    assert_eq!(swept.limits(), ["workers", "workers", "hasher", "hasher"]);
    assert!(
        swept.sentence().contains("hasher, in software: at worker=10 rng=1 its 2 slots"),
        "{}",
        swept.sentence()
    );
    let proof = swept.report.confirmation.as_ref().unwrap();
    let throughputs: Vec<String> =
        proof.perturbations.iter().map(|it| format!("{:.2}", it.throughput_per_second)).collect();
    assert_eq!(throughputs, ["4.00", "4.44", "4.00"]);
}

#[tokio::test]
async fn scaling_one_service_is_said_to_end_at_the_other() {
    let app = App { hasher_slots: Some(2), ..App::default() };
    let swept = swept(app, &["--hasher-time=500ms", "--rng=1", "--no-confirm"]).await;
    let advice = swept.advice();
    assert!(advice.contains("hasher=3 gives 10.0/s; past hasher=3 rng is the limit, at 10.0/s."), "{advice}");
}

#[tokio::test]
async fn two_services_that_are_equally_full_are_not_helped_by_one_of_them() {
    let app = App { hasher_slots: Some(1), ..App::default() };
    let swept = swept(app, &["--workers=1,10", "--rng=1", "--no-confirm"]).await;
    assert!(["rng", "hasher"].contains(&swept.limits()[1]), "{:?}", swept.limits());
    let advice = swept.advice();
    assert!(advice.contains("alone buys nothing"), "{advice}");
}

#[tokio::test]
async fn at_the_knee_more_replicas_are_not_promised_to_help() {
    let swept = swept(App::default(), &["--workers=1,3", "--rng=1", "--no-confirm"]).await;
    let advice = swept.advice();
    assert!(
        advice.starts_with("More rng alone buys nothing; past rng=1 the 3 workers are the limit"),
        "{advice}"
    );
}

#[tokio::test]
async fn a_service_that_computes_is_no_software_bottleneck() {
    let swept = swept(App { rng_cores: 0.97, ..App::default() }, &["--workers=1,10", "--rng=1"]).await;
    let limit = &swept.report.steps[1].verdict.as_ref().unwrap().limit;
    assert_eq!(*limit, Limit::Service { service: Service::Rng, software: false });
    assert!(swept.sentence().starts_with("The bottleneck is rng: at worker=10"), "{}", swept.sentence());
}

#[tokio::test]
async fn loops_count_and_not_processes() {
    let swept = swept(App::default(), &["--concurrency=5", "--workers=2"]).await;
    assert_eq!(swept.exit_code(), 0, "{}", swept.reasons());
    assert_eq!(swept.limits(), ["rng", "rng", "rng"]);
    for (step, expected) in swept.report.steps.iter().zip([10.0, 20.0, 30.0]) {
        assert_eq!(step.seen.clients, 10);
        assert_near(step.seen.throughput_per_second, expected, 0.02);
        assert!(step.seen.dark_time_share.abs() < 0.02, "{}", step.seen.dark_time_share);
    }
    assert!(swept.advice().contains("the 2 workers are the limit, at 33.2/s"), "{}", swept.advice());
}

#[tokio::test]
async fn more_workers_are_more_than_there_are() {
    let swept = swept(App::default(), &["--concurrency=2", "--workers=1", "--rng=1"]).await;
    assert!(swept.advice().contains("up to about worker=2"), "{}", swept.advice());
}

#[tokio::test]
async fn workers_whose_cycle_is_longer_than_the_window_are_waited_for() {
    let swept = swept(App::default(), &["--workers=1,200", "--rng=1", "--no-confirm"]).await;
    let crowd = &swept.report.steps[1];
    assert_near(crowd.seen.throughput_per_second, 10.0, 0.01);
    assert_eq!(swept.limits(), ["workers", "rng"]);
    assert!(crowd.seen.dark_time_share.abs() < 0.02, "{}", crowd.seen.dark_time_share);
    assert_near(crowd.seen.probe.unwrap().mean_seconds, 19.75, 0.02);
    assert!(swept.report.duration_seconds < 60.0, "{}", swept.report.duration_seconds);
}

#[tokio::test]
async fn cycles_that_end_in_bursts_are_not_counted_double() {
    for seed in 1..6 {
        let app = App { seed, ..App::default() };
        let swept = swept(app, &["--workers=1,10", "--rng=1", "--think-time=2s", "--no-confirm"]).await;
        assert_eq!(swept.limits(), ["workers", "workers"], "seed {seed}: {}", swept.sentence());
        assert_near(swept.throughputs()[1], 10.0 / 2.201, 0.01);
    }
}

#[tokio::test]
async fn a_crowd_alone_calibrates_the_same_model() {
    let swept = swept(App::default(), &["--workers=200", "--rng=1", "--no-confirm"]).await;
    assert_near(swept.report.calibration.unwrap().cycle_seconds.0, 0.301, 0.02);
}

#[tokio::test]
async fn irregular_service_times_widen_the_interval_and_make_the_outcome_inconclusive() {
    let swept = swept(App { law: Law::Exponential, ..App::default() }, &["--no-confirm"]).await;
    assert_eq!(swept.exit_code(), 3);
    assert!(swept.reasons().contains("give a longer --window"), "{}", swept.reasons());
    assert_eq!(swept.limits()[3], "rng");
}

#[tokio::test]
async fn without_any_service_time_the_workers_are_the_limit() {
    let nothing = ["--think-time=0s", "--rng-time=0s", "--hasher-time=0s"];
    let flags = [&nothing[..], &["--workers=1,2", "--rng=1,2", "--window=1s"]].concat();
    let swept = swept(App { overhead: Duration::from_millis(20), ..App::default() }, &flags).await;
    assert_eq!(swept.limits(), ["workers", "workers", "workers"]);
    assert!(!crate::render::text(&swept.report).contains("NaN"));
}
