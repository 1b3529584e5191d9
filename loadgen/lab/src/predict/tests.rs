//! Predictions as they are asked for, held to the design's tables and to what must hold for any.

use clap::Parser;

use super::*;
use crate::laws::dispatch::design::DESIGN;
use crate::laws::units::Throughput;

mod from;

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

#[test]
fn the_designs_tables_come_out_to_their_last_digit() {
    for row in predicted("").rows {
        let Step { workers, rng, .. } = row.step;
        let in_turn = f64::min(workers as f64 / 0.3, 10.0 * rng as f64);
        assert_eq!(digits(row.in_turn_per_second), format!("{in_turn:.2}"), "worker={workers} rng={rng}");
        let line: Vec<&str> = DESIGN.lines().nth(workers - 1).unwrap().split_whitespace().collect();
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
    assert_eq!(digits(few.mva_in_turn_per_second), "30.00");
    assert_eq!(digits(few.random_per_second), "30.00");
    assert!((many.in_turn_per_second.0 - 3_000_000.0).abs() < 1e-3, "{many:?}");
    assert!(many.mva_in_turn_per_second < many.in_turn_per_second, "{many:?}");
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
    workers,rng,hasher,clients,in_turn_per_s,random_per_s,random_error_share,mva_in_turn_per_s,mva_in_turn_response_time_s,mva_random_per_s,mva_random_response_time_s,mva_random_error_share,throughput_per_s,response_time_s,rng_utilisation,rng_queue_length,knee_workers,bottleneck,limited_by
    4,2,1,4,13.333333,12.500000,0,12.643678,0.216363636,11.082251,0.260937500,0,13.333333,0.200000000,0.666667,0.000000,6.000000,rng,workers
    10,2,1,10,20.000000,18.482143,0,19.813742,0.404700235,17.151496,0.483039509,0,20.000000,0.400000000,1.000000,4.000000,6.000000,rng,rng
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
    for line in ["--workers 10000000 --concurrency 2", "--target 1000000/s --think-time 1h"] {
        let large = complaint(line);
        assert!(large.contains("10000000 loops"), "{large}");
    }
    let both = complaint("--json - --csv -");
    assert!(both.contains("--json and --csv"), "{both}");
}

#[test]
fn several_slots_at_each_of_several_replicas_have_their_product_form_too() {
    let text = printed("--workers 30 --rng 4 --rng-slots 3 --dispatch random");
    assert!(text.contains("All of it is exact.") || text.contains("the rest is exact."), "{text}");
    for line in [
        "--workers 500,501 --rng 3 --rng-slots 5",
        "--workers 500,501 --rng 9 --rng-slots 2 --hasher-slots 70",
    ] {
        let prediction = predicted(line);
        let [few, many] = &prediction.rows[..] else { panic!("two rows") };
        assert_eq!(
            (few.mva_random_method.error(), many.mva_random_method.error() > 0.0),
            (0.0, true),
            "{many:?}"
        );
        let grown = many.mva_random_per_second.0 / few.mva_random_per_second.0;
        assert!((0.9999..1.01).contains(&grown), "{few:?} {many:?}");
    }
}

#[test]
fn whoever_waits_waits_where_chance_or_a_full_station_keeps_them() {
    let row = |line: &str| predicted(line).rows.remove(0);
    // Hasher is full: rng has a queue only if chance makes one.
    let full = "--workers 20 --rng 2 --hasher 2 --hasher-slots 1 --hasher-time 200ms";
    assert!(row(full).rng_queue_length.abs() < 1e-9);
    let random = row(&format!("{full} --dispatch random"));
    assert!((0.05..1.0).contains(&random.rng_queue_length), "{random:?}");
    let crowd = "--workers 900 --rng 90 --hasher 91 --hasher-slots 1 --hasher-time 100ms --dispatch random";
    let crowd = row(crowd);
    let served = crowd.throughput_per_second.0 * 0.3;
    // As many wait at one as at the other, but for one replica in ninety.
    let half = (900.0 - served) / 2.0;
    assert!((crowd.rng_queue_length / half - 1.0).abs() < 0.5, "{crowd:?}");
}

#[test]
fn extreme_times_and_counts_give_numbers() {
    for line in [
        "--think-time 1h --rng-time 1ns --hasher-time 0s --workers 1,7,3000 --rng 1,2,10000000",
        "--think-time 0s --rng-time 1h --hasher-time 0s --workers 1,40,3000 --rng 1,2",
        "--think-time 0s --rng-time 0s --hasher-time 1ns --workers 1,7 --rng 1,2",
        "--think-time 0s --rng-time 1ns --hasher-time 1h --hasher-slots 2000 --workers 3,3000 --rng 2 --hasher 2",
        "--think-time 1ns --rng-time 1h --rng-slots 2000 --hasher-time 1ns --hasher-slots 1 --workers 900 --rng 3 --hasher 3",
    ] {
        // By every law, whatever the dispatch.
        let prediction = predicted(&format!("{line} --dispatch random"));
        for row in &prediction.rows {
            let rates = [
                row.in_turn_per_second,
                row.random_per_second,
                row.mva_in_turn_per_second,
                row.mva_random_per_second,
            ];
            assert!(rates.iter().all(|rate| rate.0 > 0.0 && rate.0.is_finite()), "{line}: {row:?}");
            let most = Throughput(row.in_turn_per_second.0 * (1.0 + 1e-9));
            assert!(rates[1] <= most && rates[2] <= most, "{line}: {row:?}");
            assert!(row.rng_queue_length >= 0.0 && row.response_time_seconds.0 >= -1e-9, "{line}: {row:?}");
        }
        assert!(!prediction::json(&prediction).contains("_per_second\": null"), "{line}");
    }
}
