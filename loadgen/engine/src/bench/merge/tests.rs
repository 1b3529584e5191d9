//! Parts of one run, merged, against the whole of it.

use std::sync::LazyLock;
use std::time::Duration;

use hdrhistogram::Histogram;

use super::*;
use crate::bench::output::fixture::{self, Story};

/// Three runs that have sent every third request each.
fn parts() -> Vec<Report> {
    static PARTS: LazyLock<Vec<Report>> = LazyLock::new(|| {
        let parts: [fn(u64) -> bool; 3] = [|k| k % 3 == 0, |k| k % 3 == 1, |k| k % 3 == 2];
        parts.map(|part| Story { part, ..Story::OPEN }.report()).into()
    });
    PARTS.clone()
}

/// As files have it.
fn written(report: &Report) -> Report {
    serde_json::from_str(&serde_json::to_string(report).unwrap()).unwrap()
}

fn histograms(report: &Report) -> Vec<Histogram<u64>> {
    let steps = &report.steps;
    let all = [
        &report.response_time,
        &report.uncorrected_time,
        &report.lag,
        &steps.resolve,
        &steps.connect,
        &steps.head,
        &steps.body,
        &report.server_timing.queue,
        &report.server_timing.service,
    ];
    let both =
        |it: &TimesReport| [it.times.ended().histogram().clone(), it.times.censored().histogram().clone()];
    let by_replica = report.replicas.iter().flat_map(|it| &it.by_name).map(|it| it.times.histogram().clone());
    all.into_iter().flat_map(both).chain(by_replica).collect()
}

#[test]
fn the_histograms_of_the_parts_add_up_to_those_of_the_whole_bucket_by_bucket() {
    let merged = merged(&parts().iter().map(written).collect::<Vec<_>>()).unwrap();
    assert_eq!(histograms(&merged), histograms(&fixture::whole()));
}

#[test]
fn counts_add_up_to_those_of_the_whole() {
    let (merged, whole) = (merged(&parts()).unwrap(), fixture::whole());
    assert_eq!((merged.requests, merged.traffic), (whole.requests, whole.traffic));
    assert_eq!((&merged.outcomes, &merged.outcomes_all), (&whole.outcomes, &whole.outcomes_all));
    assert_eq!(merged.reasons, whole.reasons);
    let by_slice = |report: &Report| {
        report.timeline.iter().map(|it| (it.requests, it.successes, it.errors, it.p99_ms)).collect::<Vec<_>>()
    };
    assert_eq!(by_slice(&merged), by_slice(&whole));
    let requests =
        |report: &Report| report.replicas.as_ref().unwrap().by_name.iter().map(|it| it.requests).sum::<u64>();
    assert_eq!(requests(&merged), requests(&whole));
}

#[test]
fn a_run_without_end_is_refused_in_one_line() {
    let mut report = serde_json::to_value(&parts()[0]).unwrap();
    report["took_s"] = 9.3e18.into();
    let complaint = read::reports("endless.json", &report.to_string()).unwrap_err().to_string();
    assert!(complaint.contains("endless.json") && complaint.contains("took_s"), "{complaint}");
}

#[test]
fn throughputs_add_up_and_their_half_widths_as_squares() {
    let mut parts = parts();
    for (part, half_width) in parts.iter_mut().zip([2.0, 3.0, 6.0]) {
        part.throughput_per_s.half_width = Some(half_width);
    }
    let estimate = merged(&parts).unwrap().throughput_per_s;
    let whole = fixture::whole().throughput_per_s;
    assert!((estimate.mean / whole.mean - 1.0).abs() < 0.01, "{estimate:?} {whole:?}");
    assert!((estimate.half_width.unwrap() - 7.0).abs() < 1e-9);
    parts[1].throughput_per_s.half_width = None;
    assert_eq!(merged(&parts).unwrap().throughput_per_s.half_width, None);
}

#[test]
fn the_plan_and_the_load_generator_are_those_of_all() {
    let mut parts = parts();
    parts[1].plan.urls = vec!["http://127.0.0.1:8002/".to_owned()];
    parts[2].load_generator.was_the_limit = true;
    parts[2].load_generator.cpu_utilisation = 0.97;
    let merged = merged(&parts).unwrap();
    assert_eq!(merged.plan.urls, ["http://127.0.0.1:8001/32", "http://127.0.0.1:8002/"]);
    assert_eq!((merged.plan.connections, merged.plan.rate_per_s), (60, Some(300.0)));
    let generator = &merged.load_generator;
    assert!(generator.was_the_limit && (generator.cpu_utilisation - 0.97).abs() < 1e-9);
    assert_eq!(generator.cpu, 3 * parts[0].load_generator.cpu);
    assert!(merged.expectations.is_empty());
}

/// So much later.
fn later(report: &Report, seconds: u64) -> Report {
    let mut later = report.clone();
    later.started_at += Duration::from_secs(seconds);
    later
}

#[test]
fn rates_of_runs_one_after_the_other_are_not_summed_and_the_first_line_says_so() {
    let run = fixture::whole();
    let merged = merged(&[run.clone(), later(&run, 10), later(&run, 20)]).unwrap();
    let rate = merged.throughput_per_s.mean / run.throughput_per_s.mean;
    assert!((0.9..1.01).contains(&rate), "{rate}");
    assert_eq!(merged.throughput_per_s.half_width, None);
    assert_eq!(merged.measured, run.measured + Duration::from_secs(20));
    assert_eq!((merged.plan.rate_per_s, merged.plan.connections), (Some(100.0), 20));
    let text = crate::bench::output::Format::Text.render(&merged);
    assert!(text.starts_with("Warning: the runs did not go on side by side"), "{text}");
    let again = super::merged(&[written(&merged)]).unwrap();
    assert_eq!(again.warnings, merged.warnings);
}

#[test]
fn a_moment_beside_a_long_run_is_not_side_by_side_and_most_of_it_is() {
    let (run, side_by_side) =
        (fixture::whole(), |reports: &[Report]| Together::of(reports).unwrap().side_by_side);
    let mut moment = run.clone();
    (moment.took, moment.measured) = (Duration::from_millis(32), Duration::from_millis(32));
    assert!(!side_by_side(&[run.clone(), moment.clone()]));
    assert!(side_by_side(&[run.clone(), later(&run, 3)]) && !side_by_side(&[run.clone(), later(&run, 7)]));
    assert!(side_by_side(&[run]) && side_by_side(&[moment]));
}

#[test]
fn closed_and_open_loops_together_are_warned_of() {
    let mut parts = parts();
    assert!(merged(&parts).unwrap().warnings.is_empty());
    parts[1].plan.load = "closed".to_owned();
    let warnings = merged(&parts).unwrap().warnings;
    assert!(warnings.len() == 1 && warnings[0].starts_with("closed and open loops"), "{warnings:?}");
}

#[test]
fn a_report_that_is_given_twice_is_refused_whatever_it_is_called() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    for (name, report) in ["a", "b"].iter().zip(parts()) {
        std::fs::write(at(name), serde_json::to_string(&report).unwrap()).unwrap();
    }
    std::os::unix::fs::symlink(at("a"), at("link")).unwrap();
    std::fs::hard_link(at("a"), at("hard")).unwrap();
    std::fs::copy(at("a"), at("copy")).unwrap();
    assert_eq!(distinct(&[at("a"), at("b")]).unwrap().len(), 2);
    let refused = |again: PathBuf| distinct(&[at("a"), at("b"), again]).unwrap_err();
    assert!(matches!(refused(at("a")), MergeError::Twice(_)));
    for again in ["link", "hard", "copy"] {
        let error = refused(at(again));
        assert!(matches!(error, MergeError::Again { .. }) && error.exit_code() == 2, "{error}");
        assert!(error.to_string().contains("once more"), "{error}");
    }
}

#[test]
fn a_run_that_began_later_stands_later_in_the_timeline() {
    let early = fixture::whole();
    let mut late = early.clone();
    late.started_at += Duration::from_secs(5);
    let merged = merged(&[late, early.clone()]).unwrap();
    assert_eq!((merged.started_at, merged.took), (early.started_at, early.took + Duration::from_secs(5)));
    assert!(merged.timeline.len() <= 32);
    let requests =
        |slices: &[crate::bench::report::SliceRow]| slices.iter().map(|it| it.requests).sum::<u64>();
    assert_eq!(requests(&merged.timeline), 2 * requests(&early.timeline));
    let rate = |at: u64| {
        let at = Duration::from_secs(at);
        let slice = merged.timeline.iter().find(|it| it.from <= at && at < it.to).unwrap();
        slice.requests as f64 / slice.to.saturating_sub(slice.from).as_secs_f64()
    };
    assert!(
        (rate(3) / 100.0 - 1.0).abs() < 0.2 && (rate(8) / 200.0 - 1.0).abs() < 0.2,
        "{} {}",
        rate(3),
        rate(8)
    );
}

#[test]
fn one_report_merged_says_what_it_said() {
    let report = fixture::report();
    let merged = merged(&[written(&report)]).unwrap();
    assert_eq!((merged.plan, merged.requests), (report.plan.clone(), report.requests));
    assert_eq!((merged.took, merged.measured), (report.took, report.measured));
    assert!(super::merged(&[]).is_none());
}

#[test]
fn files_that_are_no_reports_are_named_with_what_is_wrong() {
    let folder = tempfile::tempdir().unwrap();
    let text = serde_json::to_string(&fixture::report()).unwrap();
    for (name, text, complaint) in [
        ("cut.json", &text[..text.len() / 2], "cut short"),
        ("empty.json", "", "cut short"),
        ("text.json", "Throughput 5/s", "no report"),
        ("other.json", "{\"hello\": 1}", "no report"),
        ("newer.json", "{\"schema\": \"loadgen-bench/9\"}", "loadgen-bench/9"),
        ("broken.json", &text.replacen("HISTFAAA", "HISTFAA!", 1), "base64"),
    ] {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        let error = read::read(&path).unwrap_err().to_string();
        assert!(error.contains(name) && error.contains(complaint) && error.lines().count() == 1, "{error}");
    }
    let error = read::read(&folder.path().join("none.json")).unwrap_err().to_string();
    assert!(error.contains("none.json"), "{error}");
}
