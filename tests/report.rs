//! What a lab leaves: the page with its pictures, the files for CI, and comparisons of them.

use serde_json::Value;

use crate::harness::program::Finished;
use crate::harness::sweep::{Desk, names_in};

const FILES: [&str; 7] = [
    "index.html",
    "lab.json",
    "queue.svg",
    "stages.svg",
    "steps.csv",
    "summary.md",
    "throughput-workers.svg",
];

/// The one line on standard error of a command that was used wrongly; it mentions each of `names`.
#[track_caller]
fn assert_refused(said: &Finished, names: &[&str]) {
    assert_eq!((said.status.code(), said.stdout.as_str()), (Some(2), ""), "{said:?}");
    assert_eq!(said.stderr.lines().count(), 1, "{}", said.stderr);
    assert!(names.iter().all(|name| said.stderr.contains(name)), "{names:?}: {}", said.stderr);
}

#[test]
fn a_lab_leaves_a_page_with_pictures_in_a_folder_that_it_names() {
    let desk = Desk::new();
    let said = desk.lab(&[]);
    let folder = desk.path("lab-report");
    let [time] = names_in(&folder).try_into().expect("one report");
    let page = format!("lab-report/{time}/index.html");
    assert!(
        said.stdout.trim_end().ends_with(&format!("The report with pictures: {page}")),
        "{}",
        said.stdout
    );
    let names = names_in(&folder.join(&time));
    assert!(FILES.iter().all(|file| names.iter().any(|name| name == file)), "{names:?}");
    let text = desk.text(&page);
    assert!(text.starts_with("<!DOCTYPE html>") && text.contains("<svg"), "{text}");
    let typed = desk.json(&format!("lab-report/{time}/lab.json"))["provenance"]["command_line"].to_string();
    assert!(typed.contains("loadgen lab --workers=1 --rng=1"), "{typed}");
}

#[test]
fn a_report_rendered_anew_is_the_one_that_the_lab_wrote() {
    let desk = Desk::new();
    desk.lab(&["--report", "first"]);
    let said = desk.loadgen(&["report", "first/lab.json", "--output", "second"]);
    assert_eq!(said.status.code(), Some(0), "{said:?}");
    assert!(
        said.stdout.trim_end().ends_with("The report with pictures: second/index.html"),
        "{}",
        said.stdout
    );
    let names = names_in(&desk.path("first"));
    assert_eq!(names, names_in(&desk.path("second")));
    for name in names {
        assert_eq!(desk.text(&format!("first/{name}")), desk.text(&format!("second/{name}")), "{name}");
    }
    // Once more, in its own place, and where nothing is said.
    assert_eq!(desk.loadgen(&["report", "first/lab.json", "--output", "first"]).status.code(), Some(0));
    assert_eq!(desk.loadgen(&["report", "first/lab.json"]).status.code(), Some(0));
    assert!(desk.path("first/lab.report/index.html").exists());
}

#[test]
fn without_a_report_nothing_is_left() {
    let desk = Desk::new();
    let said = desk.lab(&["--no-report"]);
    assert!(!said.stdout.contains("The report with pictures"), "{}", said.stdout);
    assert_eq!(names_in(&desk.path("")), [""; 0]);
}

#[test]
fn files_for_ci_come_from_the_lab_and_from_its_json_alike() {
    let desk = Desk::new();
    let flags = |of: &str| {
        ["markdown", "csv", "junit", "benchmark-json", "benchmark-latency-json"]
            .map(|flag| format!("--{flag}={of}.{flag}"))
    };
    let [by_lab, by_report] = ["lab", "report"].map(flags);
    let words: Vec<&str> = by_lab.iter().map(String::as_str).collect();
    desk.lab(&[&words[..], &["--no-report", "--json=lab.json"]].concat());
    let words: Vec<&str> = by_report.iter().map(String::as_str).collect();
    assert_eq!(desk.loadgen(&[&["report", "lab.json"], &words[..]].concat()).status.code(), Some(0));
    for form in ["markdown", "csv", "junit", "benchmark-json", "benchmark-latency-json"] {
        assert_eq!(desk.text(&format!("lab.{form}")), desk.text(&format!("report.{form}")), "{form}");
    }
    assert!(
        desk.text("lab.junit").contains("<testcase classname=\"lab.worker=1 rng=1\" name=\"throughput\"")
    );
    assert!(desk.text("lab.csv").starts_with("workers,rng,hasher,throughput_per_s,"));
    assert!(desk.text("lab.markdown").contains("| worker | rng | hashes/s |"));
    let benchmark = desk.json("lab.benchmark-json");
    assert!(benchmark[0]["value"].as_f64().is_some_and(|value| value > 0.0), "{benchmark}");
    assert_eq!(desk.json("lab.benchmark-latency-json")[0]["unit"], "ms");
}

#[test]
fn a_dash_is_standard_output_and_takes_the_place_of_the_text() {
    let desk = Desk::new();
    let measured = desk.lab(&["--no-report", "--json=-"]).stdout;
    let report: Value = serde_json::from_str(&measured).expect("JSON and nothing else");
    assert_eq!(report["schema_version"], 1);
    desk.write("lab.json", &measured);
    let printed = |words: &[&str]| {
        let said = desk.loadgen(words);
        assert_eq!(said.status.code(), Some(0), "{said:?}");
        said.stdout
    };
    assert_eq!(printed(&["report", "lab.json", "--csv=-"]), desk.text("lab.report/steps.csv").trim_end());
    let compared: Value =
        serde_json::from_str(&printed(&["compare", "lab.json", "lab.json", "--json=-"])).expect("JSON");
    assert_eq!(compared["ruling"], "pass");
    assert_eq!(names_in(&desk.path("")), ["lab.json", "lab.report"]);
}

#[test]
fn a_form_that_is_printed_is_there_even_if_the_application_could_not_be_run() {
    let desk = Desk::new();
    let said = desk.loadgen(&["lab", "--redis=redis://127.0.0.1:1", "--no-report", "--json=-"]);
    let report: Value = serde_json::from_str(&said.stdout).expect("JSON");
    assert_eq!(
        (said.status.code(), &report["conclusion"]["outcome"]),
        (Some(4), &"backend_failed".into()),
        "{said:?}"
    );
}

#[test]
fn what_is_no_report_is_one_clear_line() {
    let desk = Desk::new();
    desk.measured("lab.json");
    let whole = desk.text("lab.json");
    let (first, _) = whole.split_once("\"stages\"").expect("a step");
    desk.write("cut.json", first);
    desk.write("empty.json", "");
    desk.write("notes.json", "hello");
    desk.write("newer.json", &whole.replacen("\"schema_version\": 1", "\"schema_version\": 2", 1));
    desk.write("load.json", r#"{"schema": "loadgen-bench/1"}"#);
    for (file, wrong) in [
        ("missing.json", "No such file"),
        ("cut.json", "cut short"),
        ("empty.json", "cut short"),
        ("notes.json", "no report of loadgen lab --json"),
        ("newer.json", "schema version 2, and only version 1 is understood: use the loadgen that wrote it"),
        ("load.json", "loadgen-bench/1"),
    ] {
        assert_refused(&desk.loadgen(&["report", file]), &[file, wrong]);
        assert_refused(&desk.loadgen(&["compare", "lab.json", file]), &[file, wrong]);
    }
    assert!(!names_in(&desk.path("")).iter().any(|name| name.ends_with(".report")));
}

#[test]
fn a_place_that_cannot_be_written_is_said_before_the_sweep_and_nothing_is_lost() {
    let desk = Desk::new();
    std::fs::create_dir(desk.path("mine")).expect("a folder");
    desk.write("mine/index.html", "my page");
    desk.write("file", "");
    for (flags, names) in [
        (vec!["lab", "--report=mine"], ["mine holds other files than a report", "--report"]),
        (vec!["lab", "--report=file"], ["cannot write the report into file", "--report"]),
        (vec!["lab", "--no-report", "--junit=no/such/folder/x.xml"], ["no/such/folder/x.xml", "--junit"]),
        (vec!["lab", "--no-report", "--json=x", "--csv=x"], ["--json and --csv both want x", "another file"]),
        (vec!["lab", "--json=-", "--csv=-"], ["--json and --csv both want standard output", "another file"]),
    ] {
        assert_refused(&desk.loadgen(&flags), &names);
    }
    assert_eq!(desk.text("mine/index.html"), "my page");
    let said = desk.loadgen(&["lab", "--report=x", "--no-report"]);
    assert!(said.status.code() == Some(2) && said.stderr.contains("--no-report"), "{said:?}");
}

#[test]
fn the_report_that_is_read_is_not_written_over() {
    let desk = Desk::new();
    desk.measured("lab.json");
    let before = desk.text("lab.json");
    assert_refused(
        &desk.loadgen(&["report", "lab.json", "--csv=lab.json"]),
        &["--csv", "lab.json", "another file"],
    );
    assert_eq!(desk.text("lab.json"), before);
}

/// The report as an application would have left it that does `speed` times 10 hashes a second, in parts of 9.9 and 10.1.
fn at_speed(report: &Value, speed: f64) -> String {
    let mut report = report.clone();
    let seen = &mut report["steps"][0]["seen"];
    seen["throughput_per_second"] = (10.0 * speed).into();
    let parts = (0..40).map(|part| if part % 2 == 0 { 9.9 * speed } else { 10.1 * speed });
    seen["throughput_parts_per_second"] = parts.collect();
    for stage in seen["stages"].as_array_mut().expect("stages").iter_mut() {
        stage["seconds"] = (0.025 / speed).into();
    }
    report.to_string()
}

#[test]
fn a_comparison_ends_with_what_it_comes_to() {
    let desk = Desk::new();
    let measured = desk.measured("base.json");
    for (name, speed) in [("base.json", 1.0), ("slower.json", 0.9), ("faster.json", 1.1)] {
        desk.write(name, &at_speed(&measured, speed));
    }
    let forms = ["--json=c.json", "--markdown=c.md", "--junit=c.xml"];
    let compared = |new: &str| desk.loadgen(&[&["compare", "base.json", new], &forms[..]].concat());
    for (new, code, word) in
        [("base.json", 0, "No regression"), ("faster.json", 0, "better"), ("slower.json", 1, "REGRESSION")]
    {
        let said = compared(new);
        assert!(said.status.code() == Some(code) && said.stdout.contains(word), "{new}: {said:?}");
    }
    assert_eq!(desk.json("c.json")["ruling"], "regression");
    assert!(desk.text("c.xml").contains("<failure") && desk.text("c.md").starts_with("### REGRESSION"));
    let mut short = measured.clone();
    short["steps"][0]["seen"]["throughput_parts_per_second"] = Vec::<f64>::new().into();
    desk.write("short.json", &short.to_string());
    let said = compared("short.json");
    assert!(said.status.code() == Some(3) && said.stdout.contains("INCONCLUSIVE"), "{said:?}");
    let mut other = measured;
    other["steps"][0]["step"]["workers"] = 2.into();
    desk.write("other.json", &other.to_string());
    let differs = "worker=1 rng=1 in base.json and worker=2 rng=1 in other.json";
    assert_refused(&compared("other.json"), &[differs, "--workers"]);
    let said = desk.loadgen(&["compare", "base.json", "slower.json", "--threshold=20%"]);
    assert_eq!(said.status.code(), Some(0), "{said:?}");
    let said = desk.loadgen(&["compare", "base.json", "base.json", "--threshold=3"]);
    assert!(said.status.code() == Some(2) && said.stderr.contains("--threshold"), "{said:?}");
}
