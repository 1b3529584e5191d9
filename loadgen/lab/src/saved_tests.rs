//! Reports that were written are read again, and everything else is one clear line.

use super::*;
use crate::render;
use crate::render::fixture;

fn complaint(text: &str) -> String {
    let complaint = parsed("lab.json", text).unwrap_err().to_string();
    assert!(complaint.starts_with("lab.json is ") && !complaint.contains('\n'), "{complaint}");
    complaint
}

fn sweep(text: &str) -> Report {
    match parsed("", text).unwrap() {
        Measured::Sweep(report) => *report,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn what_was_written_is_read_again() {
    let report = fixture::swept().await;
    let text = render::json(&report);
    assert_eq!(render::json(&sweep(&text)), text);
    // As older programs wrote it, and as newer ones may.
    let mut value: serde_json::Value = serde_json::from_str(&text).unwrap();
    let fields = value.as_object_mut().unwrap();
    assert!(fields.remove("provenance").is_some() && fields.remove("expectations").is_some());
    fields.insert("weather".to_owned(), "fair".into());
    assert_eq!(sweep(&value.to_string()).steps.len(), report.steps.len());
}

#[test]
fn and_so_is_what_was_written_of_a_plan() {
    let text = render::json(&blackbox::concluded_report());
    let Measured::Plan(report) = parsed("", &text).unwrap() else { panic!("{text}") };
    assert_eq!(render::json(&*report), text);
}

#[tokio::test]
async fn and_so_is_an_ab() {
    let text = render::json(&interleave::of_equals().await);
    let Measured::Interleaved(report) = parsed("", &text).unwrap() else { panic!("{text}") };
    assert_eq!(render::json(&*report), text);
    let mut value: serde_json::Value = serde_json::from_str(&text).unwrap();
    value["interleaved"]["blocks"][0]["throughput_per_second"] = serde_json::json!(1e300);
    assert!(complaint(&value.to_string()).contains("1e300 is no measurement"));
    value.as_object_mut().unwrap().remove("interleaved");
    assert!(complaint(&value.to_string()).contains("how the builds took turns"));
}

#[tokio::test]
async fn wherever_it_is_cut_short_it_says_so() {
    let ab = render::json(&interleave::of_equals().await);
    for text in [render::json(&fixture::swept().await), render::json(&blackbox::concluded_report()), ab] {
        // The last character is a line break.
        for end in (0..text.len() - 2).step_by(97) {
            let complaint = complaint(&text[..end]);
            assert!(complaint.contains("cut short"), "{end}: {complaint}");
        }
    }
}

#[test]
fn what_is_no_report_is_named_with_what_is_wrong() {
    for (text, wrong) in [
        ("hello", "line 1"),
        ("[1, 2]", "no report"),
        ("{}", "it has no schema_version"),
        (r#"{"schema": "loadgen-bench/1"}"#, r#"it is a "loadgen-bench/1""#),
        (r#"{"schema_version": 2}"#, "schema version 2, and only version 1 is understood: use the loadgen"),
        (r#"{"schema_version": 1}"#, "missing field"),
        (r#"{"schema": "loadgen-plan/1"}"#, "missing field"),
        (r#"{"schema": "loadgen-plan/2"}"#, r#"and only "loadgen-plan/1" is understood: use the loadgen"#),
        (r#"{"schema": "loadgen-interleave/1"}"#, "missing field"),
        (r#"{"schema": "loadgen-interleave/2"}"#, r#"and only "loadgen-interleave/1" is understood"#),
        (r#"{"schema": "loadgen-compare/1"}"#, r#"it is a "loadgen-compare/1""#),
        (r#"{"schema_version": -1}"#, "no report"),
    ] {
        let complaint = complaint(text);
        assert!(complaint.contains(wrong), "{complaint}");
    }
}

#[tokio::test]
async fn figures_that_no_lab_can_have_measured_are_refused() {
    let text = render::json(&fixture::swept().await);
    let throughput = "/steps/0/seen/throughput_per_second";
    for (pointer, figure, wrong) in [
        (throughput, "0", "worker=1 rng=1 it has a throughput that is not above 0"),
        (throughput, "-3.3", "not above 0"),
        (throughput, "5e-324", "not above 0"),
        (throughput, "1e300", "1e300 is no measurement"),
        ("/steps/0/bound_per_second", "0", "a prediction"),
        ("/steps/0/step/rng", "1000000000000", "a replica count"),
        ("/steps/0/step/workers", "0", "a replica count"),
        ("/steps/0/seen/services/0/service", r#""a\nb\u001b[31m""#, "unknown variant `a b [31m`"),
        ("/steps/0/seen/probe/mean_seconds", "-1e99", "-1e99 is no measurement"),
    ] {
        let mut value: serde_json::Value = serde_json::from_str(&text).unwrap();
        *value.pointer_mut(pointer).unwrap() = serde_json::from_str(figure).unwrap();
        let complaint = complaint(&value.to_string());
        assert!(complaint.contains(wrong), "{pointer}: {complaint}");
    }
}

#[test]
fn and_so_are_those_that_no_plan_can_have_asked_for() {
    let text = render::json(&blackbox::concluded_report());
    for (pointer, figure, wrong) in [
        ("/steps/0/seen/throughput_per_second", "0", "it has a throughput that is not above 0"),
        ("/steps/0/seen/throughput_per_second", "1e300", "1e300 is no measurement"),
        ("/steps/0/replicas/web", "18446744073709551615", "a replica count"),
        ("/steps/0/load", "-1", "a load that is not above 0"),
        ("/steps/0/predicted_throughput_per_second", "0", "a prediction"),
        ("/prediction/capacities/0/slots", "18446744073709551615", "a capacity that no plan can give"),
        ("/prediction/capacities/0/visits", "0", "a capacity that no plan can give"),
        ("/prediction/think_time_seconds", "-1", "a capacity that no plan can give"),
    ] {
        let mut value: serde_json::Value = serde_json::from_str(&text).unwrap();
        *value.pointer_mut(pointer).unwrap() = serde_json::from_str(figure).unwrap();
        let complaint = complaint(&value.to_string());
        assert!(complaint.contains(wrong), "{pointer}: {complaint}");
    }
}

#[test]
fn a_file_that_cannot_be_read_is_named() {
    let complaint = read(Path::new("/no/such/lab.json")).unwrap_err().to_string();
    assert!(complaint.starts_with("cannot read /no/such/lab.json: No such file"), "{complaint}");
}
