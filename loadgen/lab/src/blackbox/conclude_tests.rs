use std::path::Path;

use super::super::report::{Report, Response, Took};
use super::*;
use crate::blackbox::check::parse;

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

/// A report that has everything.
pub(in crate::blackbox) fn concluded_report() -> Report {
    let plan = parse(Path::new("shop.toml"), LOADED).unwrap();
    Report::new(&plan, conclude(&plan, whole(), None), Took { started_at: 1.8e9, seconds: 60.0 })
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
}
