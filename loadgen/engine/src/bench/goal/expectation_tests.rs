use std::time::Duration;

use proptest::prelude::*;

use crate::bench::goal::testing::{empty_report, times};
use crate::bench::report::{Counts, Estimate, ReplicaRow, Replicas, Report};

use super::*;

/// A run with a different figure everywhere. Response times are 1 to 100 ms.
fn report() -> Report {
    let mut report = empty_report();
    report.measured = Duration::from_secs(10);
    report.response_time = times(&(1..=100).collect::<Vec<_>>(), &[]);
    report.uncorrected_time = times(&[2; 10], &[]);
    report.lag = times(&[3; 10], &[]);
    report.steps.resolve = times(&[4; 10], &[]);
    report.steps.connect = times(&[5; 10], &[]);
    report.steps.tls = times(&[6; 10], &[]);
    report.steps.head = times(&[7; 10], &[]);
    report.steps.body = times(&[8; 10], &[]);
    report.server_timing.queue = times(&[9; 10], &[]);
    report.server_timing.service = times(&[10; 10], &[]);
    report.throughput_per_s = Estimate { mean: 9.5, ..Estimate::default() };
    report.requests = Counts { successes: 95, failed: 1, http_errors: 2, timed_out: 2, ..Counts::default() };
    report.requests.overflowed = 0;
    report.replicas = Some(replicas(&["a", "b"], Some(0.4)));
    report
}

fn replicas(names: &[&str], evenness_p: Option<f64>) -> Replicas {
    let row = |name: &&str| ReplicaRow {
        name: (*name).to_owned(),
        requests: 50,
        share: 0.5,
        errors: 0,
        p50_ms: None,
        p99_ms: None,
        times: crate::distribution::Distribution::default(),
    };
    let by_name = names.iter().map(row).collect();
    Replicas { header: "x-served-by".to_owned(), evenness_p, by_name, others: 0 }
}

fn expect(text: &str, report: &Report) -> (bool, String) {
    let expected = text.parse::<Expectation>().unwrap().of(report);
    assert_eq!(expected.expectation, text);
    (expected.held, expected.measured)
}

#[test]
fn every_metric_is_held_against_its_own_figure() {
    let report = report();
    for (holds, fails, measured) in [
        ("p50<51ms", "p50<49ms", "50 ms"),
        ("p90<91ms", "p90<89ms", "90"),
        ("p95<96ms", "p95<94ms", "95"),
        ("p99<100ms", "p99<98ms", "99"),
        ("p99.9<101ms", "p99.9<99ms", "100 ms"),
        ("p99.99 <= 101ms", "p99.99 > 101ms", "100 ms"),
        ("mean<51ms", "mean<50ms", "50.5 ms"),
        ("max<=100ms", "max<100ms", "100 ms"),
        ("min>=1ms", "min>1ms", "1 ms"),
        ("uncorrected.p99<3ms", "uncorrected.p99<1.9ms", "2 ms"),
        ("lag.p99<4ms", "lag.max<3ms", "3 ms"),
        ("resolve.mean<=4ms", "resolve.mean<4ms", "4 ms"),
        ("connect.p99<5.1ms", "connect.p99>5.1ms", "5 ms"),
        ("tls.p50<6.1ms", "tls.p50<5.9ms", "6 ms"),
        ("head.p99<7.1ms", "head.p99<6.9ms", "7 ms"),
        ("body.max<=8ms", "body.max<8ms", "8 ms"),
        ("queue.p99<9.1ms", "queue.p99<8.9ms", "9 ms"),
        ("service.min>=10ms", "service.min>10ms", "10 ms"),
        ("rate>=9.5", "rate>9.5", "9.5/s"),
        ("rate > 9/s", "rate<9/s", "9.5/s"),
        ("errors<=5%", "errors<5%", "5 %"),
        ("errors<0.06", "errors>0.06", "5 %"),
        ("overflow<1", "overflow>=1", "0"),
        ("overflow<=0", "overflow>0", "0"),
        ("evenness>0.01", "evenness<0.01", "p = 0.4"),
    ] {
        for (text, held) in [(holds, true), (fails, false)] {
            let (was, said) = expect(text, &report);
            assert_eq!(was, held, "{text}: {said}");
            assert!(said.starts_with(measured), "{text}: {said}");
        }
    }
}

#[test]
fn a_lower_bound_proves_what_is_slow_and_never_what_is_fast() {
    let mut report = empty_report();
    report.response_time = times(&[1; 99], &[20_000]);
    for (text, held, measured) in [
        ("p99.9>19s", true, "at least 20 s"),
        ("p99.9>20s", false, "at least 20 s"),
        ("p99.9>=20s", true, "at least 20 s"),
        ("p99.9<19s", false, "at least 20 s"),
        ("p99.9<30s", false, "at least 20 s"),
        ("p99.9<=30s", false, "at least 20 s"),
        ("max<30s", false, "at least 20 s"),
        ("mean<1s", false, "at least 201 ms"),
        ("min<=1ms", true, "1 ms"),
        ("p90<2ms", true, "1 ms"),
    ] {
        assert_eq!(expect(text, &report), (held, measured.to_owned()), "{text}");
    }
}

#[test]
fn errors_that_may_be_more_than_were_seen_must_hold_at_both_ends() {
    let mut report = empty_report();
    // Two of a thousand came to a bad end, and 96 may have.
    report.requests = Counts { successes: 998, failed: 2, unanswered: 96, ..Counts::default() };
    let measured = "between 0.2 % and 8.94 %: 96 unanswered after longer than any success took";
    for (text, held) in [
        ("errors<1%", false),
        ("errors<=8%", false),
        ("errors<9%", true),
        ("errors>=0.2%", true),
        ("errors>0.1%", true),
        ("errors>1%", false),
    ] {
        assert_eq!(expect(text, &report), (held, measured.to_owned()), "{text}");
    }
    report.requests.unanswered = 0;
    assert_eq!(expect("errors<1%", &report), (true, "0.2 %".to_owned()));
}

#[test]
fn requests_cut_off_by_the_end_leave_the_longest_known_unless_they_are_it() {
    let mut report = empty_report();
    report.response_time = times(&[5, 6, 7], &[1, 2]);
    for text in ["max<=7ms", "mean<6ms", "p99<8ms"] {
        assert!(expect(text, &report).0, "{text}");
    }
}

#[test]
fn what_cannot_be_measured_does_not_hold_and_says_why() {
    let report = empty_report();
    for (text, why) in [
        ("p99<1h", "there was none"),
        ("p99>0s", "there was none"),
        ("tls.mean<1h", "there was none"),
        ("min>=0s", "there was none"),
        ("rate>=0", "no length"),
        ("errors<=100%", "no request came to an end"),
        ("evenness>0", "no answer named its replica"),
    ] {
        let (held, measured) = expect(text, &report);
        assert!(!held && measured.starts_with("unknown: ") && measured.contains(why), "{text}: {measured}");
    }
    for (names, why) in [(&["a"][..], "only one"), (&["a", "b"], "too few")] {
        let report = Report { replicas: Some(replicas(names, None)), ..empty_report() };
        let (held, measured) = expect("evenness>=0", &report);
        assert!(!held && measured.contains(why), "{measured}");
    }
}

#[test]
fn mistakes_say_what_would_work() {
    for (text, part) in [
        ("p99", "'p99<250ms'"),
        ("", "compares nothing"),
        ("p99=250ms", "<=, > or >="),
        ("p99<250", "no value of p99: expected a time with its unit, such as 250ms"),
        ("p99<", "`` is no value of p99"),
        ("p99<=<1s", "`<1s` is no value"),
        ("p100<1s", "no metric `p100`"),
        ("p0<1s", "no metric `p0`"),
        ("p-5<1s", "no metric `p-5`"),
        ("pinf<1s", "no metric `pinf`"),
        ("p<1s", "no metric `p`"),
        ("<1s", "no metric ``"),
        ("latency<1s", "no metric `latency`"),
        ("queues.p99<1s", "no metric `queues.p99`"),
        ("lag.rate<1s", "no metric `lag.rate`"),
        ("rate>fast", "`fast` is no value of rate"),
        ("errors<5", "such as 1% or 0.01"),
        ("overflow<1.5", "whole number"),
        ("evenness>1.5", "from 0 to 1"),
    ] {
        let complaint = text.parse::<Expectation>().unwrap_err().to_string();
        assert!(complaint.contains(part) && !complaint.contains('\n'), "{text}: {complaint}");
    }
}

proptest! {
    #[test]
    fn no_text_breaks_the_parser(text in "\\PC*") {
        let _ = text.parse::<Expectation>();
    }

    #[test]
    fn whatever_looks_like_one_is_read_as_it_was_typed(
        metric in "(uncorrected\\.|lag\\.|queue\\.)?(p[1-9][0-9]?(\\.[0-9]{1,3})?|mean|max|min)",
        sign in "<|<=|>|>=", space in " ?", millis in 1..10_000_u64,
    ) {
        let text = format!("{metric}{space}{sign}{space}{millis}ms");
        let expectation: Expectation = text.parse().unwrap();
        prop_assert_eq!(expectation.to_string(), text);
        prop_assert_eq!(expectation.bound(), Value::Time(Duration::from_millis(millis)));
        prop_assert_eq!(expectation.relation().is_ceiling(), sign.starts_with('<'));
    }
}
