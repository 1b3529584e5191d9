//! `loadgen predict`: what replica counts would give, without anything running.

use std::fs;
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::Value;

use crate::harness::LOADGEN;
use crate::harness::program::{Finished, Program, run};
use crate::harness::report::{number, steps};

const SOON: Duration = Duration::from_secs(30);
const A_LAB: Duration = Duration::from_secs(90);

fn predict(line: &str) -> Finished {
    let words: Vec<&str> = std::iter::once("predict").chain(line.split_whitespace()).collect();
    run(LOADGEN, &words, SOON)
}

fn json(line: &str) -> Value {
    let said = predict(&format!("{line} --json -"));
    assert_eq!(said.status.code(), Some(0), "{said:?}");
    serde_json::from_str(&said.stdout).expect("JSON")
}

#[test]
fn ten_workers_and_up_to_three_rng_give_the_designs_figures() {
    let prediction = json("--workers 10 --rng 1..3");
    let column = |key: &str| {
        let rows = prediction["rows"].as_array().expect("rows");
        rows.iter().map(|row| format!("{:.2}", number(&row[key]))).collect::<Vec<_>>()
    };
    assert_eq!(column("in_turn_per_second"), ["10.00", "20.00", "30.00"]);
    assert_eq!(column("random_per_second"), ["10.00", "18.48", "24.25"]);
    assert_eq!(column("knee_workers"), ["3.00", "6.00", "9.00"]);
}

#[test]
fn a_table_for_people_names_the_knee_and_fits_a_terminal() {
    let said = predict("");
    assert_eq!((said.status.code(), said.stderr.as_str()), (Some(0), ""), "{said:?}");
    assert!(
        said.stdout.contains("With rng=1 the knee is at 3.0 workers; more wait for rng."),
        "{}",
        said.stdout
    );
    let table =
        said.stdout.lines().filter(|line| line.trim_start().starts_with(|c: char| c.is_ascii_digit()));
    let widths: Vec<usize> = table.map(|line| line.chars().count()).collect();
    assert!(widths.len() == 30 && widths.iter().all(|width| *width <= 80), "{}", said.stdout);
}

#[test]
fn a_target_is_answered_with_replica_counts_for_either_dispatch() {
    let said = predict("--target 100/s");
    assert!(said.stdout.contains("worker=30 rng=10 hasher=1"), "{said:?}");
    let random = json("--target 20/s --dispatch random");
    let (row, step) = (&random["rows"][0], &random["target"]["step"]);
    assert!((number(&row["throughput_per_second"]) - 20.04).abs() < 0.01, "{row}");
    assert_eq!(*step, serde_json::json!({ "workers": 7, "rng": 3, "hasher": 1 }));
}

#[test]
fn a_million_workers_are_predicted_like_ten() {
    let prediction = json("--workers 1000000 --rng 3,400000 --dispatch random");
    let rows = prediction["rows"].as_array().expect("rows");
    assert!((number(&rows[0]["throughput_per_second"]) - 30.0).abs() < 0.01, "{}", rows[0]);
    let crowd = &rows[1];
    let (mva, random, bound) =
        (&crowd["mva_random_per_second"], &crowd["random_per_second"], &crowd["in_turn_per_second"]);
    assert!(number(mva) < number(random) && number(random) < number(bound), "{crowd}");
}

/// Whatever the machine did to the lab meanwhile: the same times give the same predictions.
#[test]
fn predictions_from_a_labs_report_are_those_of_the_lab() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("lab.json");
    let path = file.to_str().expect("a path");
    let flags =
        ["--workers", "1,4", "--rng", "1,2", "--window", "1s", "--no-confirm", "--no-report", "--json", path];
    let mut lab = Command::new(LOADGEN);
    lab.arg("lab").args(flags).env("XDG_RUNTIME_DIR", folder.path());
    let said = Program::start(&mut lab).finish(A_LAB);
    assert!(matches!(said.status.code(), Some(0 | 3)), "{said:?}");
    let lab: Value = serde_json::from_str(&fs::read_to_string(&file).expect("a file")).expect("JSON");
    let prediction = json(&format!("--from {path} --workers 1,4 --rng 1,2"));
    for step in steps(&lab) {
        let at = |row: &&Value| ["workers", "rng"].iter().all(|key| row[*key] == step["step"][*key]);
        let row = prediction["rows"].as_array().expect("rows").iter().find(at).expect("a row");
        let (found, expected) =
            (number(&row["throughput_per_second"]), number(&step["predicted_throughput_per_second"]));
        assert!((found / expected - 1.0).abs() < 1e-9, "{row}: {step}");
    }
    assert_eq!(prediction["demands"]["overhead_seconds"], lab["calibration"]["overhead_seconds"]);
}

#[test]
fn files_hold_what_is_predicted() {
    let folder = tempfile::tempdir().expect("a folder");
    let [json, csv] = ["p.json", "p.csv"].map(|name| folder.path().join(name));
    let said = predict(&format!("--workers 1..5 --json {} --csv {}", json.display(), csv.display()));
    assert!(said.status.success() && said.stdout.contains("the knee is at"), "{said:?}");
    let json: Value = serde_json::from_str(&fs::read_to_string(json).expect("a file")).expect("JSON");
    let csv = fs::read_to_string(csv).expect("a file");
    assert_eq!(json["rows"].as_array().expect("rows").len(), 15);
    assert!(csv.starts_with("workers,rng,hasher,") && csv.lines().count() == 16, "{csv}");
}

#[test]
fn wrong_usage_ends_with_two_and_one_line() {
    for (line, names) in [
        ("--workers ten", ["--workers", "1..10"]),
        ("--workers 1..0", ["--workers", "1..10"]),
        ("--rng 0", ["--rng", "1..10"]),
        ("--rng-time 100", ["--rng-time", "unit"]),
        ("--rng-slots 0", ["--rng-slots", "none"]),
        ("--target fast", ["--target", "100/s"]),
        ("--target 0/s", ["--target", "100/s"]),
        ("--target 10/s --workers 3", ["--target", "--workers"]),
        ("--from lab.json --rng-time 1s", ["--from", "--rng-time"]),
        ("--from /no/such/lab.json", ["/no/such/lab.json", "No such file"]),
        ("--workers 1..1000000", ["--workers", "1000 at most"]),
        ("--dispatch sticky", ["--dispatch", "in-turn"]),
    ] {
        let said = predict(line);
        assert_eq!(said.status.code(), Some(2), "{line}: {said:?}");
        let lines: Vec<&str> = said.stderr.lines().filter(|line| !line.trim().is_empty()).collect();
        assert!(
            lines.len() == 1 && names.iter().all(|name| lines[0].contains(name)),
            "{line}:\n{}",
            said.stderr
        );
    }
}

#[test]
fn a_file_that_cannot_be_written_is_named_with_its_flag() {
    let said = predict("--csv /no/such/folder/p.csv");
    assert_eq!(said.status.code(), Some(4), "{said:?}");
    assert!(said.stderr.contains("--csv") && said.stderr.contains("/no/such/folder"), "{said:?}");
}

#[test]
fn help_teaches_by_example() {
    let said = predict("--help");
    assert!(said.stdout.contains("loadgen predict --target 100/s"), "{}", said.stdout);
}

#[test]
fn a_reader_that_has_seen_enough_is_no_error() {
    let mut child = Command::new(LOADGEN);
    let child = child
        .args(["predict", "--workers", "1..300", "--rng", "1"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = child.spawn().expect("the program starts");
    drop(child.stdout.take());
    let said = child.wait_with_output().expect("it ends");
    let stderr = String::from_utf8_lossy(&said.stderr);
    assert!(said.status.success() && stderr.is_empty(), "{}: {stderr}", said.status);
}
