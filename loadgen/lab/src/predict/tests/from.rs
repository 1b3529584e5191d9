//! Predictions from a lab's report, and what is no such report.

use std::fs;

use super::complaint;
use crate::blackbox;
use crate::render;
use crate::render::fixture;

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
    assert!(complaint("--from /no/such/file").contains("cannot read /no/such/file"));
    for (text, wrong) in [
        ("", "cut short"),
        ("hello", "no report of loadgen lab --json"),
        ("{}", "it has no schema_version"),
        (r#"{"schema": "loadgen-compare/1"}"#, r#"it is a "loadgen-compare/1""#),
        (r#"{"schema_version": 1, "calibration": "#, "cut short"),
        (r#"{"schema_version": 99}"#, "schema version 99"),
    ] {
        let complaint = complaint_about(text);
        assert!(complaint.contains(wrong), "{text}: {complaint}");
    }
}

#[test]
fn the_report_of_a_plan_is_told_from_that_of_a_sweep() {
    let complaint = complaint_about(&render::json(&blackbox::concluded_report()));
    assert!(
        complaint.contains("is the report of a plan") && complaint.contains("give that of a sweep"),
        "{complaint}"
    );
}

/// What a lab has written, with `figure` at `pointer`.
async fn written(pointer: &str, figure: &str) -> String {
    let mut value: serde_json::Value = serde_json::from_str(&render::json(&fixture::swept().await)).unwrap();
    *value.pointer_mut(pointer).unwrap() = serde_json::from_str(figure).unwrap();
    value.to_string()
}

#[tokio::test]
async fn times_that_no_lab_can_have_measured_are_refused() {
    for (pointer, figure, wrong) in [
        ("/calibration", "null", "no step was measured"),
        ("/calibration/think_time_seconds", "-0.1", "think time that cannot be"),
        ("/calibration/overhead_seconds", "-1e3", "overhead that cannot be"),
        ("/calibration/rng_service_time_seconds", "1e-320", "service time of rng that cannot be"),
        ("/calibration/hasher_service_time_seconds", "1e19", "service time of hasher that cannot be"),
        ("/calibration/rng_slots", "0", "number of rng's slots that cannot be"),
        ("/calibration/rng_slots", "18446744073709551615", "number of rng's slots that cannot be"),
        ("/settings/concurrency", "0", "concurrency that cannot be"),
        ("/settings/concurrency", "18446744073709551615", "concurrency that cannot be"),
    ] {
        let complaint = complaint_about(&written(pointer, figure).await);
        assert!(complaint.contains(wrong), "{pointer}: {complaint}");
    }
}

#[tokio::test]
async fn a_report_that_is_read_is_not_written_over() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("lab.json");
    fs::write(&path, render::json(&fixture::swept().await)).unwrap();
    let before = fs::read_to_string(&path).unwrap();
    for flag in ["--json", "--csv"] {
        let complaint = complaint(&format!("--from {0} {flag} {0}", path.display()));
        assert!(complaint.contains(flag) && complaint.contains("the report that is read"), "{complaint}");
    }
    assert_eq!(fs::read_to_string(&path).unwrap(), before);
}
