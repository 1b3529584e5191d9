//! Conclusions of reports that are made up, where a whole sweep would hardly lead.

use std::time::Duration;

use super::*;
use crate::confirm::Perturbation;
use crate::expect::Expectation;
use crate::gate::hold_to_expectations;
use crate::laws::dispatch::Dispatch;
use crate::observation::{CpuObservation, Observation, Stage, Window};
use crate::report::Settings;
use crate::setup::Setup;
use crate::verdict::{Misdirection, Verdict};

const DISPATCH: Limit = Limit::Dispatch { cause: Misdirection::Unaware };
const RNG: Limit = Limit::Service { service: Service::Rng, software: true };

fn measured(workers: usize, rng: usize, limit: Option<Limit>, half_width: Option<f64>) -> StepReport {
    StepReport {
        step: Step { workers, rng, hasher: 1 },
        seen: Observation {
            clients: workers,
            window: Window {
                from_unix_seconds: 0.0,
                to_unix_seconds: 6.0,
                warm_up_seconds: 1.0,
                steady: true,
            },
            throughput_per_second: 10.0,
            throughput_half_width_per_second: half_width,
            throughput_batches_correlated: false,
            throughput_parts_per_second: Vec::new(),
            cycles: 60.0,
            stages: vec![Stage { stage: "think".into(), seconds: 0.1 }],
            dark_time_share: 0.05,
            services: Vec::new(),
            probe: None,
            worker_errors: 0.0,
            host_cpu_pressure_share: 0.0,
            host_cpu_stolen_share: 0.0,
            lab: CpuObservation::default(),
        },
        speed_up: 1.0,
        predicted_throughput_per_second: None,
        bound_per_second: None,
        deviation_from_prediction: None,
        predicted_probe_wait_seconds: None,
        verdict: limit.map(|limit| Verdict { limit, evidence: vec!["that is so".to_owned()] }),
        caveats: Vec::new(),
    }
}

fn step(workers: usize, rng: usize, limit: Limit) -> StepReport {
    measured(workers, rng, Some(limit), Some(0.1))
}

fn setup() -> Setup {
    let tenth = Duration::from_millis(100);
    Setup {
        think_time: tenth,
        rng_time: tenth,
        hasher_time: tenth,
        concurrency: 1,
        rng_dispatch: Dispatch::RoundRobin,
        hasher_dispatch: Dispatch::RoundRobin,
    }
}

fn plan() -> Plan {
    Plan {
        steps: Vec::new(),
        window: Duration::from_secs(6),
        warm_up: Duration::from_secs(1),
        precision: 0.02,
        setup: setup(),
        probe_rate: 0.0,
        confirm: true,
        expectations: vec![Expectation::Bottleneck("hasher")],
        experiment: None,
        target: Service::Rng,
    }
}

fn report(steps: Vec<StepReport>, confirmation: Option<Confirmation>) -> Report {
    Report {
        schema_version: 1,
        program: String::new(),
        backend: "fake".into(),
        started_at_unix_seconds: 0.0,
        duration_seconds: 0.0,
        cpus: 1,
        provenance: None,
        settings: Settings {
            window_seconds: 6.0,
            warm_up_seconds: 1.0,
            precision_share: 0.02,
            think_time_seconds: 0.1,
            rng_time_seconds: 0.1,
            hasher_time_seconds: 0.1,
            concurrency: 1,
            probe_rate_per_second: 0.0,
        },
        calibration: None,
        steps,
        scaling: None,
        confirmation,
        experiment: None,
        expectations: Vec::new(),
        conclusion: Conclusion {
            outcome: Outcome::Done,
            bottleneck: None,
            step: None,
            sentence: String::new(),
            advice: Vec::new(),
            reasons: Vec::new(),
        },
        events: Vec::new(),
    }
}

fn concluded(steps: Vec<StepReport>, confirmation: Option<Confirmation>) -> Conclusion {
    conclude(&report(steps, confirmation), &plan(), None)
}

fn proof(perturbations: Vec<Perturbation>) -> Confirmation {
    let step = Step { workers: 10, rng: 1, hasher: 1 };
    Confirmation { step, baseline_per_second: 10.0, factor: 0.9, perturbations, confirmed: false }
}

fn perturbation(service: Service, seen: f64, predicted: f64) -> Perturbation {
    Perturbation {
        service,
        throughput_per_second: seen,
        throughput_half_width_per_second: None,
        predicted_per_second: predicted,
        disturbed: false,
    }
}

#[test]
fn the_decisive_step_is_full_with_the_most_workers_and_the_fewest_replicas() {
    let steps = [step(4, 1, RNG), step(10, 2, RNG), step(10, 1, RNG), step(20, 1, Limit::Workers)];
    assert_eq!(decisive(&steps).map(|it| it.step), Some(steps[2].step));
    let none_full = [step(1, 1, Limit::Workers), step(2, 1, DISPATCH)];
    assert_eq!(decisive(&none_full).map(|it| it.step), Some(none_full[1].step));
    assert!(decisive(&[]).is_none());
}

#[test]
fn each_limit_has_its_sentence() {
    let hardware = Limit::Service { service: Service::Hasher, software: false };
    for (limit, sentence, name) in [
        (RNG, "The bottleneck is rng, in software: at worker=4 rng=1 that is so.", "rng"),
        (hardware, "The bottleneck is hasher: at worker=4 rng=1 that is so.", "hasher"),
        (DISPATCH, "Dispatch is the limit: at worker=4 rng=1 that is so.", "dispatch"),
        (
            Limit::Dispatch { cause: Misdirection::StickyConnections },
            "Dispatch is the limit, since connections stick: at worker=4 rng=1 that is so.",
            "dispatch",
        ),
        (
            Limit::Service { service: Service::Store, software: true },
            "The bottleneck is store, in software: at worker=4 rng=1 that is so.",
            "store",
        ),
        (
            Limit::Throttling { service: Service::Hasher },
            "The CPU quota of hasher is the limit: at worker=4 rng=1 that is so.",
            "throttling",
        ),
        (Limit::HostCpu, "The CPUs of the host are the limit: at worker=4 rng=1 that is so.", "host CPU"),
        (Limit::Lab, "The lab itself is the limit: at worker=4 rng=1 that is so.", "lab"),
        (Limit::DarkTime, "There is dark time: at worker=4 rng=1 that is so.", "dark time"),
    ] {
        let conclusion = concluded(vec![step(4, 1, limit)], None);
        assert_eq!((conclusion.sentence.as_str(), conclusion.bottleneck.as_deref()), (sentence, Some(name)));
    }
}

#[test]
fn a_disturbed_proof_is_not_called_a_failed_one() {
    let disturbed = Perturbation { disturbed: true, ..perturbation(Service::Hasher, 9.7, 10.0) };
    let failed = perturbation(Service::Rng, 10.0, 11.1);
    let conclusion = concluded(vec![step(10, 1, RNG)], Some(proof(vec![failed, disturbed])));
    let reasons = conclusion.reasons.join("; ");
    assert!(reasons.contains("happened to a replica") && reasons.contains("hasher"), "{reasons}");
    assert_eq!(conclusion.outcome, Outcome::Inconclusive);
}

#[test]
fn of_many_gains_only_the_ends_are_told() {
    let gains: Vec<String> = (2..=33).map(|count| format!("rng={count}")).collect();
    assert_eq!(listed(&gains), "rng=2, rng=3, …, rng=33");
    assert_eq!(listed(&gains[..4]), "rng=2, rng=3, rng=4, rng=5");
}

#[test]
fn what_was_not_judged_is_inconclusive_and_not_done() {
    let conclusion = concluded(vec![measured(4, 1, None, Some(0.1))], None);
    assert_eq!((conclusion.outcome, conclusion.bottleneck), (Outcome::Inconclusive, None));
    assert_eq!(conclusion.sentence, "At worker=4 rng=1 there is no verdict.");
}

#[test]
fn too_few_cycles_and_too_wide_an_interval_ask_for_a_longer_window() {
    for (half_width, reason) in [(None, "too few cycles"), (Some(0.6), "6 % wide")] {
        let conclusion = concluded(vec![measured(4, 1, Some(RNG), half_width)], None);
        assert_eq!(conclusion.outcome, Outcome::Inconclusive);
        assert!(conclusion.reasons[0].contains(reason), "{:?}", conclusion.reasons);
        assert!(conclusion.reasons[0].contains("--window"), "{:?}", conclusion.reasons);
    }
}

#[test]
fn a_proof_that_fails_names_the_station_that_is_furthest_off() {
    let perturbations =
        vec![perturbation(Service::Rng, 11.0, 11.1), perturbation(Service::Hasher, 11.5, 10.0)];
    let conclusion = concluded(vec![step(10, 1, RNG)], Some(proof(perturbations)));
    assert_eq!(conclusion.outcome, Outcome::Inconclusive);
    assert_eq!(conclusion.reasons, ["the proof failed: 10 % less time at hasher gives 11.5/s, not 10.0/s"]);
}

#[test]
fn a_proof_of_nothing_is_none() {
    let conclusion = concluded(vec![step(10, 1, RNG)], Some(proof(Vec::new())));
    assert!(conclusion.reasons[0].contains("every service time is zero"), "{:?}", conclusion.reasons);
}

#[test]
fn what_cut_the_sweep_short_comes_before_every_doubt() {
    let report = report(vec![measured(4, 1, Some(RNG), None)], None);
    let conclusion = conclude(&report, &plan(), Some((Outcome::BackendFailed, "rng is gone".to_owned())));
    assert_eq!(conclusion.outcome, Outcome::BackendFailed);
    assert_eq!((conclusion.reasons[0].as_str(), conclusion.reasons.len()), ("rng is gone", 2));
}

#[test]
fn expectations_judge_only_sweeps_that_came_to_their_end() {
    for (outcome, after) in [
        (Outcome::Done, Outcome::ExpectationFailed),
        (Outcome::Inconclusive, Outcome::ExpectationFailed),
        (Outcome::Interrupted, Outcome::Interrupted),
        (Outcome::BackendFailed, Outcome::BackendFailed),
    ] {
        let mut report = report(vec![step(4, 1, RNG)], None);
        report.conclusion.outcome = outcome;
        hold_to_expectations(&mut report, &plan());
        assert_eq!(report.conclusion.outcome, after);
        assert_eq!(report.conclusion.reasons.len(), usize::from(after == Outcome::ExpectationFailed));
    }
}
