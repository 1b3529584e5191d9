//! Shards of one load, merged, and files that hold several reports.

use std::time::Duration;

use super::distinct::check_shards;
use super::read::Found;
use super::*;
use crate::bench::output::Format;
use crate::bench::output::fixture::Story;
use crate::bench::report::{PlanSummary, Shards};

macro_rules! load {
    () => {
        "http://127.0.0.1:8001/32 -q 100 -z 10s --warmup 1s"
    };
}

/// Three runs that have sent every third request each, as shards of one load, with 1, 2 and 3 threads.
fn shards() -> [Report; 3] {
    let shard = |line, part| Story { line, part, ..Story::OPEN }.report();
    [
        shard(concat!(load!(), " --threads 1 --shard 0/3"), |k| k % 3 == 0),
        shard(concat!(load!(), " --threads 2 --shard 1/3"), |k| k % 3 == 1),
        shard(concat!(load!(), " --threads 3 --shard 2/3"), |k| k % 3 == 2),
    ]
}

fn together(reports: &[&Report]) -> Report {
    merged(&reports.iter().copied().cloned().collect::<Vec<_>>()).unwrap()
}

/// What the text says of the plan, whatever warnings stand before it.
fn said(report: &Report) -> String {
    Format::Text.render(report).lines().find(|line| line.starts_with("open loop")).unwrap().to_owned()
}

fn found(reports: &[(&str, &Report)]) -> Vec<Found> {
    reports
        .iter()
        .map(|(name, report)| Found { name: (*name).to_owned(), report: (*report).clone() })
        .collect()
}

#[test]
fn all_shards_of_a_load_have_its_plan() {
    let [first, second, third] = &shards();
    let whole = Story { line: load!(), ..Story::OPEN }.report();
    let merged = together(&[second, third, first]);
    let which = Shards { of: 3, which: vec![0, 1, 2], started_apart: Duration::ZERO };
    let connections = merged.plan.connections;
    assert_eq!(
        merged.plan,
        PlanSummary { threads: 6, shards: Some(which), connections, ..whole.plan.clone() }
    );
    assert_eq!(connections, 3 * whole.plan.connections);
    assert_eq!((merged.requests, merged.traffic), (whole.requests, whole.traffic));
    assert_eq!(said(&merged), "open loop: 100.0/s, uniform arrivals; 3 shards of one plan");
}

#[test]
fn a_shard_that_is_missing_is_told() {
    let [first, second, third] = &shards();
    assert_eq!(said(second), "open loop: 100.0/s, uniform arrivals; of it only shard 1/3");
    let two = together(&[third, first]);
    assert_eq!(said(&two), "open loop: 100.0/s, uniform arrivals; of it only shards 0/3, 2/3");
    let all = together(&[&two, second]);
    assert_eq!((all.plan.threads, all.plan.shards.unwrap().which), (6, vec![0, 1, 2]));
}

#[test]
fn shards_that_did_not_start_together_are_told() {
    let [first, mut second, third] = shards();
    second.started_at += Duration::from_secs(15);
    let two = together(&[&first, &second]);
    assert!(said(&two).ends_with("shards 0/3, 1/3, which started 15.0 s apart"), "{}", said(&two));
    let all = together(&[&third, &two]);
    assert!(said(&all).ends_with("3 shards of one plan, which started 15.0 s apart"), "{}", said(&all));
}

#[test]
fn the_same_shard_twice_is_refused_and_of_another_load_is_not() {
    let [first, second, third] = &shards();
    check_shards(&found(&[("a", first), ("b", second), ("c", third)])).unwrap();
    let error = check_shards(&found(&[("a", first), ("b", second), ("c", first)])).unwrap_err();
    assert_eq!(error.to_string(), "a and c are both shard 0/3 of one load: each shard counts once");
    assert_eq!(error.exit_code(), 2);
    let both = together(&[first, second]);
    let error = check_shards(&found(&[("a", second), ("b", &both)])).unwrap_err().to_string();
    assert!(error.contains("a and b") && error.contains("shard 1/3"), "{error}");

    let mut other = first.clone();
    other.plan.rate_per_s = Some(200.0);
    check_shards(&found(&[("a", first), ("b", &other)])).unwrap();
    let sum = together(&[first, &other]).plan;
    assert_eq!((sum.rate_per_s, sum.shards), (Some(300.0), None));
}

#[test]
fn reports_may_stand_one_after_the_other() {
    let all = shards();
    let json = all.each_ref().map(|report| serde_json::to_string_pretty(report).unwrap());
    for separator in ["", "\n", "\n\n"] {
        let found = read::reports("logs", &json.join(separator)).unwrap();
        assert_eq!(found.len(), 3);
        for (found, report) in found.iter().zip(&all) {
            assert_eq!((&found.report.plan, found.report.requests), (&report.plan, report.requests));
        }
        assert_eq!(found.iter().map(|it| &*it.name).collect::<Vec<_>>()[..2], ["logs", "logs, report 2,"]);
    }
    for (text, complaint) in [
        (format!("{}\nerror: no", json[0]), "logs, report 2, is no report"),
        (format!("{}{}", json[0], &json[1][..500]), "logs, report 2, is cut short"),
        (" \n".to_owned(), "logs is cut short"),
    ] {
        let error = read::reports("logs", &text).unwrap_err().to_string();
        assert!(error.contains(complaint), "{error}");
    }
}
