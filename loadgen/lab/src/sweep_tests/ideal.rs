//! The application as it is meant, under the default plan.

use super::*;
use crate::report::Outcome;
use crate::verdict::Limit;

async fn ideal() -> Swept {
    swept(App::default(), &[]).await
}

#[tokio::test]
async fn every_step_reaches_the_bound() {
    let swept = ideal().await;
    let cycle = 0.301;
    let expected = [1.0 / cycle, 2.0 / cycle, 10.0, 10.0, 20.0, 30.0];
    assert_eq!(swept.report.steps.len(), expected.len());
    for (step, expected) in swept.report.steps.iter().zip(expected) {
        assert_near(step.seen.throughput_per_second, expected, 0.005);
        assert_near(step.predicted_throughput_per_second.unwrap(), expected, 0.005);
        assert!(step.seen.window.steady && step.caveats.is_empty(), "{step:?}");
        assert!(step.seen.dark_time_share.abs() < 0.01, "{}", step.seen.dark_time_share);
    }
}

#[tokio::test]
async fn the_overhead_built_in_is_the_overhead_found() {
    let swept = ideal().await;
    let times = swept.report.calibration.unwrap();
    assert_near(times.overhead_seconds.0, 0.001, 0.1);
    assert_near(times.rng_service_time_seconds.0, 0.1, 1e-6);
    assert_near(times.hasher_service_time_seconds.0, 0.1, 1e-6);
}

#[tokio::test]
async fn workers_are_the_limit_up_to_the_knee_and_rng_beyond() {
    let swept = ideal().await;
    assert_eq!(swept.limits(), ["workers", "workers", "rng", "rng", "rng", "rng"]);
}

#[tokio::test]
async fn the_conclusion_names_rng_in_software_and_is_proved() {
    let swept = ideal().await;
    let conclusion = &swept.report.conclusion;
    assert_eq!((conclusion.outcome, swept.exit_code()), (Outcome::Done, 0), "{}", swept.reasons());
    assert_eq!(conclusion.bottleneck.as_deref(), Some("rng"));
    assert_eq!(conclusion.step.unwrap().to_string(), "worker=10 rng=1");
    let verdict = swept.report.steps[3].verdict.as_ref().unwrap();
    assert_eq!(verdict.limit, Limit::Service { service: Service::Rng, software: true });
    assert!(swept.sentence().contains("rng, in software: at worker=10 rng=1"), "{}", swept.sentence());
    let proof = swept.report.confirmation.as_ref().unwrap();
    assert!(proof.confirmed);
    let expected = [(Service::Rng, 11.11), (Service::Hasher, 10.0), (Service::Worker, 10.0)];
    for (perturbation, (service, throughput)) in proof.perturbations.iter().zip(expected) {
        assert_eq!(perturbation.service, service);
        assert_near(perturbation.throughput_per_second, throughput, 0.01);
        assert_near(perturbation.predicted_per_second, throughput, 0.01);
    }
}

#[tokio::test]
async fn the_advice_says_what_scaling_will_buy() {
    let swept = ideal().await;
    let advice = swept.advice();
    assert!(advice.contains("rng=2 gives 20.0/s") && advice.contains("rng=3 gives 30.0/s"), "{advice}");
    assert!(advice.contains("the 10 workers are the limit, at 33.2/s"), "{advice}");
}

#[tokio::test]
async fn probes_wait_as_the_model_says() {
    let swept = ideal().await;
    for step in &swept.report.steps {
        let probe = step.seen.probe.unwrap();
        assert_near(probe.mean_seconds, step.predicted_probe_wait_seconds.unwrap(), 0.1);
        assert!(probe.half_width_seconds.is_some() && probe.unanswered == 0, "{probe:?}");
        assert!(probe.p99_seconds >= probe.mean_seconds, "{probe:?}");
    }
    assert_near(swept.report.steps[3].seen.probe.unwrap().mean_seconds, 0.75, 0.05);
}

#[tokio::test]
async fn it_takes_little_more_than_a_minute() {
    let swept = ideal().await;
    assert!(swept.report.duration_seconds <= 75.0, "{}", swept.report.duration_seconds);
    assert!(swept.report.events.is_empty());
}

#[tokio::test]
async fn the_watcher_hears_of_every_part_once() {
    let Swept { notes, .. } = ideal().await;
    assert_eq!(notes.parts, (0..9).map(|index| (index, 9)).collect::<Vec<_>>());
    assert_eq!(notes.begun[3], "worker=10 rng=1");
    assert_eq!(notes.begun[8], "worker=10 rng=1, 10 % less time at worker");
}

#[tokio::test]
async fn the_verdict_does_not_depend_on_the_seed() {
    for seed in 2..12 {
        let swept = swept(App { seed, ..App::default() }, &[]).await;
        assert_eq!(swept.exit_code(), 0, "seed {seed}: {}", swept.reasons());
        assert_eq!(swept.limits(), ["workers", "workers", "rng", "rng", "rng", "rng"], "seed {seed}");
    }
}
