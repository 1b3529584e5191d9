//! The keys of the JSON: what programs read by name must not go away.

use serde_json::Value;

use crate::harness::bench::load;
use crate::harness::scripted::Scripted;
use crate::harness::service::Service;

/// Of the report.
const KEYS: [(&str, &[&str]); 9] = [
    (
        "",
        &[
            "schema",
            "version",
            "started_at",
            "took_s",
            "interrupted",
            "plan",
            "warm_up",
            "measured_s",
            "throughput_per_s",
            "requests",
            "error_share",
            "outcomes",
            "outcomes_all",
            "response_time",
            "uncorrected_time",
            "lag",
            "steps",
            "server_timing",
            "replicas",
            "traffic",
            "load_generator",
            "expectations",
            "timeline",
        ],
    ),
    (
        "plan",
        &[
            "urls",
            "method",
            "loop",
            "connections",
            "rate_per_s",
            "arrivals",
            "seed",
            "stages",
            "requests",
            "duration_s",
            "think_time_s",
            "timeout_s",
            "threads",
            "http",
            "streams",
            "keep_alive",
            "shards",
        ],
    ),
    ("warm_up", &["cut_s", "how"]),
    ("throughput_per_s", &["mean", "half_width", "confidence"]),
    (
        "requests",
        &[
            "scheduled",
            "successes",
            "http_errors",
            "failed",
            "timed_out",
            "in_flight_at_end",
            "unsent_at_end",
            "overflowed",
            "unanswered",
        ],
    ),
    ("steps", &["resolve", "connect", "tls", "head", "body"]),
    ("server_timing", &["queue", "service"]),
    ("traffic", &["sent_bytes", "received_bytes", "body_bytes", "connections", "resent"]),
    ("load_generator", &["cpu_utilisation", "cpu_s", "run_queue_delay_s", "was_the_limit", "why"]),
];

const KEYS_OF_TIMES: [&str; 15] = [
    "count",
    "censored",
    "min_ms",
    "mean_ms",
    "max_ms",
    "p50_ms",
    "p90_ms",
    "p95_ms",
    "p99_ms",
    "p99_9_ms",
    "p99_99_ms",
    "p50_ci_ms",
    "p99_ci_ms",
    "lower_bound_from",
    "hdr",
];

#[track_caller]
fn assert_keys(value: &Value, keys: &[&str], of: &str) {
    let has = value.as_object().unwrap_or_else(|| panic!("{of} is no object: {value}"));
    let missing: Vec<_> = keys.iter().filter(|key| !has.contains_key(**key)).collect();
    assert!(missing.is_empty(), "{of} has no {missing:?}: {value}");
}

#[test]
fn the_report_has_every_key_whatever_is_known() {
    let (rng, server) = (
        Service::start("rng", &["--service-time", "0ms"]),
        Scripted::start(|visit| visit.answer("200 OK", "ok")),
    );
    for url in [format!("http://{}/32", rng.address()), server.url("/")] {
        let load = load(&["-n", "20", "-c", "2", &url]);
        assert_eq!(load.at("schema"), "loadgen-bench/1");
        for (of, keys) in KEYS {
            assert_keys(if of.is_empty() { &load.report } else { load.at(of) }, keys, of);
        }
        let times = [
            "response_time",
            "uncorrected_time",
            "lag",
            "steps.resolve",
            "steps.connect",
            "steps.tls",
            "steps.head",
            "steps.body",
            "server_timing.queue",
            "server_timing.service",
        ];
        for of in times {
            assert_keys(load.at(of), &KEYS_OF_TIMES, of);
        }
        assert_eq!(load.at("plan.urls"), &serde_json::json!([url]));
    }
}
