//! Predictions as they are asked for, held to the design's tables and to what must hold for any.

use clap::Parser;

use super::*;
use crate::laws::units::Throughput;
use crate::step::Step;

#[derive(Parser)]
struct Cli {
    #[command(flatten)]
    args: PredictArgs,
}

fn args(line: &str) -> PredictArgs {
    Cli::parse_from(std::iter::once("predict").chain(line.split_whitespace())).args
}

fn predicted(line: &str) -> Prediction {
    Prediction::of(&Plan::from_args(&args(line)).unwrap()).unwrap()
}

fn printed(line: &str) -> String {
    let mut out = Vec::new();
    predict(&args(line), &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn complaint(line: &str) -> String {
    let error = predict(&args(line), &mut Vec::new()).unwrap_err();
    assert_eq!(error.exit_code(), 2, "{error}");
    error.to_string()
}

fn digits(throughput: Throughput) -> String {
    format!("{:.2}", throughput.0)
}

/// Workers and, for one to three replicas of rng, hashes a second where each request goes to a replica at random.
const AT_RANDOM: &str = "
     1  3.33  3.33  3.33
     2  6.67  6.67  6.67
     3 10.00 10.00 10.00
     4 10.00 12.50 12.86
     5 10.00 14.62 15.53
     6 10.00 16.20 17.95
     7 10.00 17.21 20.04
     8 10.00 17.82 21.78
     9 10.00 18.21 23.17
    10 10.00 18.48 24.25";

#[test]
fn the_designs_tables_come_out_to_their_last_digit() {
    for row in predicted("").rows {
        let Step { workers, rng, .. } = row.step;
        let in_turn = f64::min(workers as f64 / 0.3, 10.0 * rng as f64);
        assert_eq!(digits(row.in_turn_per_second), format!("{in_turn:.2}"), "worker={workers} rng={rng}");
        let line: Vec<&str> = AT_RANDOM.lines().nth(workers).unwrap().split_whitespace().collect();
        assert_eq!(digits(row.random_per_second), line[rng], "worker={workers} rng={rng}");
    }
}

#[test]
fn the_table_reads_well() {
    insta::assert_snapshot!(printed("--workers 1,3,4,10 --rng 1,3"), @r"
    Think time 100 ms, rng 100 ms (1 slot), hasher 100 ms (no limit); dispatch in turn.

     worker  rng  in turn  at random    MVA  response  rng busy  waiting  limited by
          1    1     3.33       3.33   3.33    200 ms      33 %     0.00     workers
          3    1    10.00      10.00   7.89    200 ms     100 %     0.00     workers
          4    1    10.00      10.00   9.05    300 ms     100 %     1.00         rng
         10    1    10.00      10.00  10.00    900 ms     100 %     7.00         rng
          1    3     3.33       3.33   3.33    200 ms      11 %     0.00     workers
          3    3    10.00      10.00  10.00    200 ms      33 %     0.00     workers
          4    3    13.33      12.86  13.28    200 ms      44 %     0.00     workers
         10    3    30.00      24.25  27.53    233 ms     100 %     1.00         rng

    Hashes/s: in turn and at random with constant times, MVA with exponential ones and dispatch in turn.
    Response: from rng's request to hasher's answer, waiting included. Waiting: requests in rng's queues.
    All of it is exact.
    With rng=1 the knee is at 3.0 workers; more wait for rng.
    With rng=3 the knee is at 9.0 workers; more wait for rng.
    ");
}

#[test]
fn the_row_follows_the_dispatch_that_there_is() {
    let row = |line: &str| predicted(line).rows.remove(0);
    let (turn, random) = (row("--workers 10 --rng 2"), row("--workers 10 --rng 2 --dispatch random"));
    assert_eq!(digits(turn.throughput_per_second), "20.00");
    assert_eq!(digits(random.throughput_per_second), "18.48");
    // N = X·(Z + R), with Z the think time.
    assert!((turn.response_time_seconds.0 - 0.4).abs() < 1e-9, "{turn:?}");
    assert!((turn.rng_queue_length - 4.0).abs() < 1e-9, "{turn:?}");
    assert!((random.response_time_seconds.0 - (10.0 / 18.48 - 0.1)).abs() < 1e-3, "{random:?}");
    assert!((random.rng_utilisation.unwrap().0 - 0.924).abs() < 1e-3, "{random:?}");
}

#[test]
fn loops_are_what_counts_and_workers_what_is_asked_for() {
    let row = predicted("--workers 2 --rng 1 --concurrency 5").rows.remove(0);
    assert_eq!((row.clients, digits(row.throughput_per_second)), (10, "10.00".to_owned()));
    assert!((row.knee_workers.unwrap() - 0.6).abs() < 1e-9, "{row:?}");
}

#[test]
fn without_limits_there_is_no_knee() {
    let text = printed("--workers 7 --rng 1 --rng-slots none");
    assert!(text.contains("23.33") && text.contains("there is no knee"), "{text}");
}

#[test]
fn a_full_hasher_is_named() {
    let text = printed("--workers 20 --rng 3 --hasher 1,2 --hasher-slots 2");
    assert!(text.contains("more wait for hasher.") && text.contains("hasher=2 the knee"), "{text}");
}

#[test]
fn a_million_workers_are_no_more_work_than_a_thousand_for_the_bound() {
    let prediction = predicted("--workers 1000000 --rng 3,300000 --hasher 3 --hasher-slots 100000");
    let [few, many] = &prediction.rows[..] else { panic!("two rows") };
    assert_eq!(digits(few.in_turn_per_second), "30.00");
    assert_eq!(digits(few.mva_in_turn_per_second.unwrap()), "30.00");
    assert_eq!(digits(few.random_per_second), "30.00");
    assert!((many.in_turn_per_second.0 - 3_000_000.0).abs() < 1e-3, "{many:?}");
    assert!(many.mva_in_turn_per_second.unwrap() < many.in_turn_per_second, "{many:?}");
    assert!(many.random_per_second < many.in_turn_per_second, "{many:?}");
}

/// All counts up to so many, one by one.
fn by_trying(line: &str, target: f64, most: usize) -> Step {
    let demands = Plan::from_args(&args(line)).unwrap().demands;
    let steps = (1..=most).flat_map(|rng| (1..=most).map(move |workers| Step { workers, rng, hasher: 1 }));
    let reaches = |step: &Step| demands.model(*step).throughput(step.workers).0 >= target * (1.0 - 1e-9);
    steps.filter(reaches).min_by_key(|step| (step.workers + step.rng, step.rng)).unwrap()
}

#[test]
fn a_target_is_answered_with_the_cheapest_counts() {
    let answer = |line: &str| predicted(line).target.unwrap();
    let hundred = answer("--target 100/s");
    assert_eq!((hundred.step, hundred.replicas), (Step { workers: 30, rng: 10, hasher: 1 }, 41));
    assert_eq!(answer("--target 10.1/s").step, Step { workers: 4, rng: 2, hasher: 1 });
    let limited = answer("--target 50/s --hasher-slots 2 --rng-slots 3 --concurrency 2").step;
    assert_eq!(limited, Step { workers: 8, rng: 2, hasher: 3 });
    for target in [9.0, 10.0, 13.0, 20.0] {
        let line = format!("--target {target} --dispatch random");
        assert_eq!(answer(&line).step, by_trying(&line, target, 8), "{target}");
    }
}

#[test]
fn an_answer_reaches_its_target_and_a_worker_less_does_not() {
    for line in ["--target 13/s --dispatch random", "--target 5000/s --dispatch random", "--target 333.3/s"] {
        let prediction = predicted(line);
        let Answer { target_per_second: target, step, .. } = prediction.target.clone().unwrap();
        let throughput = |workers| prediction.demands.model(Step { workers, ..step }).throughput(workers);
        assert!(throughput(step.workers).0 >= target.0 * (1.0 - 1e-9), "{line}: {step:?}");
        assert!(throughput(step.workers - 1) < target, "{line}: {step:?}");
    }
}

#[test]
fn csv_has_a_row_for_each_and_units_in_its_header() {
    let text = printed("--workers 4,10 --rng 2 --csv -");
    insta::assert_snapshot!(text, @r"
    workers,rng,hasher,clients,in_turn_per_s,random_per_s,random_error_share,mva_in_turn_per_s,mva_random_per_s,throughput_per_s,response_time_s,rng_utilisation,rng_queue_length,knee_workers,limited_by
    4,2,1,4,13.333333,12.500000,0,12.643678,11.082251,13.333333,0.200000,0.666667,0.000000,6.000000,workers
    10,2,1,10,20.000000,18.482143,0,19.813742,17.151496,20.000000,0.400000,1.000000,4.000000,6.000000,rng
    ");
    let columns = |line: &str| line.split(',').count();
    assert!(text.lines().all(|line| columns(line) == columns(text.lines().next().unwrap())));
}

#[test]
fn json_holds_what_was_asked_and_answered() {
    let json: serde_json::Value = serde_json::from_str(&printed("--target 20 --json -")).unwrap();
    assert_eq!(json["target"]["step"], serde_json::json!({ "workers": 6, "rng": 2, "hasher": 1 }));
    assert_eq!((&json["schema_version"], &json["rows"][0]["rng"]), (&1.into(), &2.into()));
    assert_eq!(json["demands"]["rng"]["dispatch"], "round_robin");
}

#[test]
fn what_cannot_be_predicted_is_one_line_that_says_what_to_do() {
    let nothing = complaint("--think-time 0s --rng-time 0s --hasher-time 0s");
    assert!(nothing.contains("--rng-time"), "{nothing}");
    let many = complaint("--workers 1..100 --rng 1..100");
    assert!(many.contains("10000 rows") && many.contains("--workers"), "{many}");
    let both = complaint("--json - --csv -");
    assert!(both.contains("--json and --csv"), "{both}");
}

/// The complaint about a file that holds `text`.
fn complaint_about(text: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("lab.json");
    fs::write(&path, text).unwrap();
    let complaint = complaint(&format!("--from {}", path.display()));
    assert!(complaint.contains("lab.json") && !complaint.contains('\n'), "{complaint}");
    complaint
}

#[test]
fn a_file_that_is_no_report_is_named_with_what_is_wrong() {
    assert!(complaint("--from /no/such/file").contains("--from"));
    for text in ["", "hello", "{}", "[1]", r#"{"schema_version": 1, "calibration": "#] {
        assert!(complaint_about(text).contains("no report of a lab"), "{text}");
    }
    assert!(complaint_about(r#"{"schema_version": 99}"#).contains("99"));
    let stopped = r#"{"schema_version": 1, "settings": {"concurrency": 1}, "calibration": null}"#;
    assert!(complaint_about(stopped).contains("no step was measured"));
}
