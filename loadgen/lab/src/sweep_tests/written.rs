//! The report as it is written, for people and for programs.

use serde_json::Value;

use super::*;
use crate::render;

#[tokio::test]
async fn a_whole_report_reads_well() {
    let mut swept = swept(App::default(), &[]).await;
    swept.report.cpus = 2;
    insta::assert_snapshot!(render::text(&swept.report), @r"
    DockerCoins (fake): think time 100 ms, rng 100 ms, hasher 100 ms; windows of 6.0 s on 2 CPUs.

     worker  rng  hashes/s    95 %  predicted     off  speed-up  limited by
          1    1      3.32  ± 0.00       3.32  +0.0 %    1.00 x     workers
          2    1      6.64  ± 0.00       6.65  +0.0 %    2.00 x     workers
          4    1     10.00  ± 0.00      10.00  +0.0 %    3.01 x         rng
         10    1     10.00  ± 0.00      10.00  +0.0 %    3.01 x         rng
         10    2     19.97  ± 0.00      20.00  -0.2 %    6.01 x         rng
         10    3     29.93  ± 0.00      30.00  -0.2 %    9.01 x         rng

     worker  rng  think  + rng  + hasher  + store  = cycle  predicted  rng busy  probe waits
          1    1  100.0  100.5     100.5      0.0    301.0      301.0      34 %    16 ± 5 ms
          2    1  100.0  100.5     100.5      0.0    301.0      301.0      67 %    32 ± 5 ms
          4    1  100.0  199.5     100.5      0.0    400.0      400.0     100 %   151 ± 3 ms
         10    1  100.0  799.5     100.5      0.0   1000.0     1000.0     100 %   750 ± 4 ms
         10    2  100.0  300.0     100.5      0.0    500.5      500.0     100 %  250 ± 19 ms
         10    3  100.0  133.5     100.5      0.0    334.0      333.3     100 %    82 ± 5 ms

    Shares at worker=10 rng=2: rng-1 50 %, rng-2 50 %: even.
    Shares at worker=10 rng=3: rng-1 33 %, rng-2 33 %, rng-3 33 %: even.
    Little's law closes within 0.1 % at every step.
    Predicted from worker=1 rng=1: without waiting a cycle takes 301.0 ms, of which 965.3 µs is neither thought nor service.
    Without the model: by Kneedle the knee with rng=1 is at worker=4; the USL is up to 5.3 % off, so the wrong model:
    a line up to a hard limit is up to 0.0 % off.

    Proof at worker=10 rng=1, 10.0/s as it is: 10 % less time at one station at a time gives
      rng               11.11/s   predicted   11.11/s   +0.0 %
      hasher            10.00/s   predicted   10.00/s   +0.0 %
      worker (think)    10.00/s   predicted   10.00/s   +0.0 %
    Confirmed.

    The bottleneck is rng, in software: at worker=10 rng=1 its one slot is 100 % busy, its CPU is 1.0 % busy, each request waits 699 ms for it.
    rng=2 gives 20.0/s, rng=3 gives 30.0/s, rng=4 gives 33.2/s; past rng=4 the 10 workers are the limit, at 33.2/s.
    With rng=1, workers past worker=3 only wait longer.
    ");
}

#[tokio::test]
async fn a_report_that_was_cut_short_says_so_last() {
    let mut swept = swept_until(App::default(), &["--workers=1,10", "--rng=1"], Some(10.0)).await;
    swept.report.cpus = 2;
    insta::assert_snapshot!(render::text(&swept.report), @r"
    DockerCoins (fake): think time 100 ms, rng 100 ms, hasher 100 ms; windows of 6.0 s on 2 CPUs.

     worker  rng  hashes/s    95 %  predicted     off  speed-up  limited by
          1    1      3.32  ± 0.00       3.32  +0.0 %    1.00 x     workers

     worker  rng  think  + rng  + hasher  + store  = cycle  predicted  rng busy  probe waits
          1    1  100.0  100.5     100.5      0.0    301.0      301.0      34 %    16 ± 5 ms

    Little's law closes within 0.0 % at every step.
    Predicted from worker=1 rng=1: without waiting a cycle takes 301.0 ms, of which 965.3 µs is neither thought nor service.

    The workers are the limit, no service is full: at worker=1 rng=1 rng is the busiest service at 34 %, a cycle takes 301 ms, and would take 301 ms without waiting, 1 of the 3.0 workers that would fill it is there.
    More workers help, up to about worker=3 and 10.0/s; then rng is full.
    INTERRUPTED: stopped after one step
    ");
}

async fn json(flags: &[&str]) -> Value {
    let swept = swept(App::default(), flags).await;
    serde_json::from_str(&render::json(&swept.report)).unwrap()
}

#[tokio::test]
async fn json_holds_the_numbers_that_people_quote() {
    let report = json(&[]).await;
    assert_eq!(report["schema_version"], 1);
    assert_eq!(report["backend"], "fake");
    assert_eq!(report["settings"]["rng_time_seconds"], 0.1);
    assert_eq!(report["steps"].as_array().unwrap().len(), 6);
    let decisive = &report["steps"][3];
    assert_eq!(decisive["step"], serde_json::json!({ "workers": 10, "rng": 1, "hasher": 1 }));
    assert_near(decisive["seen"]["throughput_per_second"].as_f64().unwrap(), 10.0, 0.001);
    assert_near(decisive["seen"]["services"][1]["utilisation"].as_f64().unwrap(), 1.0, 0.001);
    assert_eq!(
        decisive["verdict"]["limit"],
        serde_json::json!({ "kind": "service", "service": "rng", "software": true })
    );
    assert_eq!(report["confirmation"]["confirmed"], true);
    assert_eq!(report["conclusion"]["outcome"], "done");
    assert_eq!(report["conclusion"]["bottleneck"], "rng");
}

/// Calls `look` with the name and the value of every leaf.
fn leaves(value: &Value, name: &str, look: &mut dyn FnMut(&str, &Value)) {
    match value {
        Value::Object(fields) => fields.iter().for_each(|(name, value)| leaves(value, name, look)),
        Value::Array(items) => items.iter().for_each(|item| leaves(item, name, look)),
        leaf => look(name, leaf),
    }
}

/// Numbers without a unit: counts, shares and ratios.
const PURE: &[&str] = &[
    "answered",
    "clients",
    "concurrency",
    "connections_per_cycle",
    "cpu_cores",
    "cpu_throttled_share",
    "cpu_waiting_share",
    "cpus",
    "cycles",
    "degrees_of_freedom",
    "deviation_from_prediction",
    "factor",
    "hasher",
    "half_width",
    "hasher_slots",
    "over_one_second",
    "knee_workers",
    "host_cpu_pressure_share",
    "host_cpu_stolen_share",
    "p_value",
    "precision_share",
    "rng",
    "rng_slots",
    "schema_version",
    "share",
    "slots",
    "speed_up",
    "statistic",
    "unanswered",
    "utilisation",
    "value",
    "visits",
    "worker_errors",
    "workers",
    "worst_misfit",
    "worst_misfit_of_a_kink",
    "dark_time_share",
];

#[tokio::test]
async fn every_number_in_json_has_its_unit_in_its_name() {
    let units = ["seconds", "_per_second", "_bytes"];
    leaves(&json(&[]).await, "", &mut |name, value| {
        let known = PURE.contains(&name) || units.iter().any(|unit| name.ends_with(unit));
        assert!(!value.is_number() || known, "{name}: {value}");
    });
}

/// What may be unknown: a service without a limit on slots has no utilisation, one replica no evenness, a loop in which
/// nothing takes time no bottleneck to probe, a worker nobody who connects to it, a curve of few points no law and one that does
/// not bend no knee.
const OPTIONAL: &[&str] = &[
    "utilisation",
    "slots",
    "hasher_slots",
    "service_time_seconds",
    "queueing_time_seconds",
    "evenness",
    "confirmation",
    "provenance",
    "predicted_probe_wait_seconds",
    "connections_per_cycle",
    "scaling",
    "knee_workers",
    "usl",
];

#[tokio::test]
async fn no_number_in_json_was_none() {
    let nothing_takes_time = ["--think-time=0s", "--rng-time=0s", "--hasher-time=0s"];
    let short = ["--workers=1,2", "--rng=1,2", "--window=1s"];
    for flags in [short.to_vec(), [nothing_takes_time, short].concat()] {
        leaves(&json(&flags).await, "", &mut |name, value| {
            assert!(!value.is_null() || OPTIONAL.contains(&name), "{name} is null");
        });
    }
}
