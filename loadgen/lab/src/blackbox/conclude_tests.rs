use std::path::Path;

use super::super::report::{Circumstances, Report, Response};
use super::*;
use crate::blackbox::check::parse;
use crate::render::fixture;

const LOADED: &str = r#"application = "shop"
expect = ["bottleneck=database"]
[services.database]
run = "db {port}"
probe = "http://127.0.0.1:{port}/"
capacity = { service_time = "20ms" }
[services.web]
run = "web {port}"
[throughput]
load = { url = "http://{web}/" }
[sweep]
steps = [
  { connections = 1 },
  { connections = 4 },
  { connections = 16, expect = ["throughput>=45", "p99<1s", "database.p99<1s"] },
  { replicas = { web = 2 } },
]
"#;

fn seen(throughput: f64, wait: f64) -> Observation {
    Observation {
        throughput_per_second: throughput,
        throughput_half_width_per_second: Some(throughput / 100.0),
        window_seconds: 10.0,
        warm_up_seconds: 2.0,
        settled: true,
        probes: vec![
            Some(ProbeObservation {
                answered: 100,
                over_one_second: 0,
                unanswered: 0,
                mean_seconds: wait,
                half_width_seconds: Some(wait / 50.0),
                p99_seconds: 2.0 * wait,
                lag_mean_seconds: Some(0.0),
                lag_p99_seconds: Some(0.0),
            }),
            None,
        ],
        response: Some(Response { mean_seconds: wait, p99_seconds: 2.0 * wait }),
        caveats: Vec::new(),
    }
}

fn concluded(from: &str, to: &str, seen: Vec<Observation>, cut_short: Option<CutShort>) -> Concluded {
    assert!(LOADED.contains(from), "{from}");
    let plan = parse(Path::new("shop.toml"), &LOADED.replacen(from, to, 1)).unwrap();
    conclude(&plan, seen, cut_short)
}

#[test]
fn a_report_that_was_written_is_read_again() {
    let text = serde_json::to_string_pretty(&concluded_report()).unwrap();
    let read: Report = serde_json::from_str(&text).unwrap();
    assert_eq!(serde_json::to_string_pretty(&read).unwrap(), text);
}

/// A report that has everything.
pub(crate) fn concluded_report() -> Report {
    let plan = parse(Path::new("shop.toml"), LOADED).unwrap();
    Report::new(&plan, conclude(&plan, whole(), None), circumstances())
}

fn circumstances() -> Circumstances {
    Circumstances {
        started_at: 1.8e9,
        seconds: 60.0,
        cpus: 2,
        provenance: fixture::provenance("loadgen lab --plan shop.toml"),
    }
}

fn whole() -> Vec<Observation> {
    vec![seen(47.0, 0.01), seen(50.0, 0.06), seen(50.0, 0.3), seen(50.1, 0.3)]
}

#[test]
fn the_sentence_has_the_bottleneck_its_step_and_the_evidence() {
    let it = concluded("shop", "shop", whole(), None);
    let conclusion = &it.conclusion;
    assert_eq!((conclusion.outcome, conclusion.bottleneck.as_deref()), (Outcome::Done, Some("database")));
    for part in ["connections=16", "300 ms instead of 10 ms"] {
        assert!(conclusion.sentence.contains(part), "{part}: {}", conclusion.sentence);
    }
    let evidence = conclusion.evidence.join("; ");
    for part in ["web 1 → 2", "nothing", "100 % busy"] {
        assert!(evidence.contains(part), "{part}: {evidence}");
    }
    assert!(it.steps[2].deviation_from_prediction.unwrap().abs() < 0.01, "{:?}", it.steps[2]);
    let held: Vec<_> = it.steps[2].expectations.iter().map(|it| (it.expectation.as_str(), it.held)).collect();
    assert_eq!(held, [("throughput>=45", true), ("p99<1s", true), ("database.p99<1s", true)]);
    assert_eq!(it.expectations[0].expectation, "bottleneck=database");
}

#[test]
fn what_was_expected_and_is_not_so_fails() {
    for (from, to, reason) in [
        ("bottleneck=database", "bottleneck=web", "expected the bottleneck web, found database"),
        (
            "throughput>=45",
            "throughput>=60",
            "expected throughput>=60 at web=1 connections=16, found 50.00/s",
        ),
        ("\"p99<1s", "\"p99<500ms", "expected p99<500ms at web=1 connections=16, found 600 ms"),
        ("database.p99<1s", "database.p99<1ms", "expected database.p99<1ms"),
    ] {
        let conclusion = concluded(from, to, whole(), None).conclusion;
        assert_eq!(conclusion.outcome, Outcome::ExpectationFailed);
        assert!(conclusion.reasons.iter().any(|it| it.starts_with(reason)), "{:?}", conclusion.reasons);
    }
}

#[test]
fn a_capacity_that_contradicts_what_was_seen_is_no_verdict() {
    let web = "run = \"web {port}\"\ncapacity = { service_time = \"1ms\", visits = 19.5 }";
    let seen = vec![seen(25.0, 0.01), seen(50.0, 0.06), seen(50.0, 0.3), seen(50.1, 0.3)];
    let conclusion = concluded("run = \"web {port}\"", web, seen.clone(), None).conclusion;
    assert_eq!(conclusion.outcome, Outcome::Done, "{conclusion:?}");
    let conclusion = concluded("run = \"web {port}\"", &web.replace("19.5", "21"), seen, None).conclusion;
    assert_eq!(conclusion.outcome, Outcome::Inconclusive);
    assert!(conclusion.reasons[0].contains("web"), "{:?}", conclusion.reasons);
}

#[test]
fn a_sweep_cut_short_says_how_far_it_got_and_is_held_to_nothing() {
    let some = whole().into_iter().take(1).collect::<Vec<_>>();
    let conclusion = concluded("shop", "shop", some.clone(), Some(CutShort::Interrupted)).conclusion;
    assert_eq!(conclusion.outcome, Outcome::Interrupted);
    assert_eq!(conclusion.reasons, ["1 of 4 steps were measured"]);
    let failed = Some(CutShort::Failed("web-1 has ended".to_owned()));
    let conclusion = concluded("shop", "shop", some, failed).conclusion;
    assert_eq!(conclusion.outcome, Outcome::BackendFailed);
    assert_eq!(conclusion.reasons, ["web-1 has ended", "1 of 4 steps were measured"]);
    let cut_short = concluded("shop", "shop", whole(), Some(CutShort::Interrupted));
    assert!(cut_short.expectations.is_empty() && cut_short.steps[2].expectations.is_empty());
}

fn with_web_probed(unanswered: u64) -> Conclusion {
    let mut seen = whole();
    for seen in &mut seen {
        seen.probes[1] = seen.probes[0];
        let web = seen.probes[1].as_mut().unwrap();
        (web.mean_seconds, web.unanswered, web.half_width_seconds) = (0.001, unanswered, Some(0.0001));
    }
    seen[2].caveats = vec!["the CPUs of this machine were 99 % busy".to_owned()];
    let web = "run = \"web {port}\"\nprobe = \"http://127.0.0.1:{port}/\"";
    concluded("run = \"web {port}\"", web, seen, None).conclusion
}

#[test]
fn nobody_else_is_blamed_while_a_service_leaves_probes_unanswered() {
    assert_eq!(with_web_probed(5).outcome, Outcome::Done);
    let conclusion = with_web_probed(50);
    assert_eq!(conclusion.outcome, Outcome::Inconclusive);
    assert!(conclusion.reasons[0].starts_with("web leaves probes unanswered"), "{:?}", conclusion.reasons);
    assert_eq!(conclusion.reasons[1..], ["the CPUs of this machine were 99 % busy"]);
}
