//! What `loadgen bench` and `loadgen merge` write, read as a stranger would.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use rustix::process::Signal;
use serde_json::Value;

use crate::harness::LOADGEN;
use crate::harness::program::{Finished, Program, run};
use crate::harness::service::Service;
use crate::harness::wait::eventually;

const SOON: Duration = Duration::from_secs(60);

fn rng() -> Service {
    Service::start("rng", &["--service-time", "0ms", "--hostname", "rng-1"])
}

fn bench(rng: &Service, flags: &[&str]) -> Finished {
    let url = format!("http://{}/32", rng.address());
    run(LOADGEN, &[&["bench", &url], flags].concat(), SOON)
}

fn json(path: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(path).expect("a file")).expect("JSON")
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a plain path")
}

#[test]
fn three_runs_one_after_the_other_merge_into_one_report_that_says_so() {
    let (rng, folder) = (rng(), tempfile::tempdir().expect("a folder"));
    let parts: Vec<_> = [100, 70, 30].map(|n| (n, folder.path().join(format!("{n}.json")))).into();
    for (requests, path) in &parts {
        let said = bench(&rng, &["-n", &requests.to_string(), "-c", "3", "--json", text(path)]);
        assert_eq!(said.status.code(), Some(0), "{said:?}");
    }
    let whole = folder.path().join("whole.json");
    let files: Vec<&str> = parts.iter().map(|(_, path)| text(path)).collect();
    let said = run(LOADGEN, &[&["merge", "--json", text(&whole)], &files[..]].concat(), SOON);
    assert_eq!(said.status.code(), Some(0), "{said:?}");
    assert!(said.stdout.starts_with("Warning: the runs did not go on side by side"), "{}", said.stdout);
    assert!(
        said.stdout.contains("200 succeeded") && said.stdout.contains("3 connections"),
        "{}",
        said.stdout
    );
    let (whole, parts) = (json(&whole), parts.iter().map(|(_, path)| json(path)).collect::<Vec<_>>());
    assert_eq!(
        (&whole["requests"]["successes"], &whole["response_time"]["count"]),
        (&200.into(), &200.into())
    );
    assert_eq!(whole["replicas"]["by_name"][0]["requests"], 200);
    let longest = |report: &Value| report["response_time"]["max_ms"].as_f64().expect("a time");
    let of_parts = parts.iter().map(longest).fold(0.0, f64::max);
    assert!((longest(&whole) - of_parts).abs() < 1e-6, "{} {of_parts}", longest(&whole));
}

#[test]
fn a_report_that_is_given_twice_is_refused_whatever_it_is_called() {
    let (rng, folder) = (rng(), tempfile::tempdir().expect("a folder"));
    let [one, link] = ["one.json", "link.json"].map(|name| folder.path().join(name));
    assert_eq!(bench(&rng, &["-n", "5", "--json", text(&one)]).status.code(), Some(0));
    std::os::unix::fs::symlink(&one, &link).expect("a link");
    for again in [&one, &link] {
        let said = run(LOADGEN, &["merge", text(&one), text(again)], SOON);
        assert_eq!((said.status.code(), said.stdout.as_str()), (Some(2), ""), "{said:?}");
        assert!(said.stderr.contains(text(again)) && said.stderr.contains("counts once"), "{said:?}");
    }
}

#[test]
fn merging_what_is_no_report_is_one_clear_line() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("notes.txt");
    fs::write(&path, "hello").expect("written");
    let said = run(LOADGEN, &["merge", text(&path)], SOON);
    assert_eq!(said.status.code(), Some(2), "{said:?}");
    assert!(said.stderr.contains("notes.txt") && said.stderr.lines().count() == 1, "{}", said.stderr);
}

#[test]
fn every_form_can_be_had_at_once() {
    let (rng, folder) = (rng(), tempfile::tempdir().expect("a folder"));
    let [csv, markdown] = ["run.csv", "run.md"].map(|name| folder.path().join(name));
    let said = bench(&rng, &["-n", "50", "--csv", text(&csv), "--markdown", text(&markdown)]);
    assert!(said.stdout.contains("Response time") && said.stdout.contains("rng-1"), "{}", said.stdout);
    assert!(fs::read_to_string(csv).expect("a file").starts_with("from_s,to_s,"));
    assert!(fs::read_to_string(markdown).expect("a file").contains("| p99 |"));
    let said = bench(&rng, &["-n", "50", "--format", "csv"]);
    assert!(said.stdout.starts_with("from_s,to_s,"), "{}", said.stdout);
}

/// How many lines of a log hold a histogram.
fn lines(log: &Path) -> usize {
    let text = fs::read_to_string(log).unwrap_or_default();
    text.lines().filter(|line| line.contains(",HISTFAAA")).count()
}

#[test]
fn an_interrupted_run_leaves_a_whole_log() {
    let (rng, folder) = (rng(), tempfile::tempdir().expect("a folder"));
    let log = folder.path().join("run.hlog");
    let url = format!("http://{}/32", rng.address());
    let flags = ["bench", &url, "-q", "50", "-z", "60s", "--hdr-log", text(&log)];
    let mut program = Program::start(Command::new(LOADGEN).args(flags));
    eventually("a line of the log", SOON, || (lines(&log) > 0).then_some(()));
    program.signal(Signal::INT);
    let said = program.finish(SOON);
    assert_eq!(said.status.code(), Some(130), "{said:?}");
    assert!(lines(&log) > 1 && fs::read_to_string(&log).expect("a file").ends_with('\n'));
}

/// Prints how many times each interval holds, by its tag.
const READER: &str = "
import sys
from hdrh.histogram import HdrHistogram
from hdrh.log import HistogramLogReader
reader = HistogramLogReader(sys.argv[1], HdrHistogram(1, 3600 * 10**9, 3))
while interval := reader.get_next_interval_histogram():
    print(interval.get_tag() or 'successes', interval.get_total_count(), interval.get_max_value())
";

#[test]
#[ignore = "needs HdrHistogram for Python"]
fn hdr_log_is_what_other_tools_read() {
    let folder = tempfile::tempdir().expect("a folder");
    let hangs = Service::start("rng", &["--service-time", "400ms"]);
    let log = folder.path().join("run.hlog");
    let report = folder.path().join("run.json");
    let outputs = ["--hdr-log", text(&log), "--json", text(&report)];
    // One slot of 0.4 s for five requests a second: some of them wait longer than a second.
    let said =
        bench(&hangs, &[&["-q", "5", "-z", "3s", "-t", "1s", "--warmup", "0s"], &outputs[..]].concat());
    assert_eq!(said.status.code(), Some(0), "{said:?}");
    let python = std::env::var("HDR_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let read = run(&python, &["-c", READER, text(&log)], SOON);
    assert!(read.status.success(), "{read:?}");
    let intervals: Vec<Vec<&str>> = read.stdout.lines().map(|line| line.split(' ').collect()).collect();
    let count = |tag: &str| {
        let tagged = intervals.iter().filter(|it| it[0] == tag);
        tagged.map(|it| it[1].parse::<u64>().expect("a count")).sum::<u64>()
    };
    let times = &json(&report)["response_time"];
    let censored = times["censored"].as_u64().expect("a count");
    assert!(censored > 0 && count("successes") > 0, "{times}");
    assert_eq!(count("censored"), censored);
    assert_eq!(count("successes"), times["count"].as_u64().expect("a count") - censored);
    assert!(intervals.iter().filter(|it| it[0] == "successes").count() >= 3, "{intervals:?}");
}
