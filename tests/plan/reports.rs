//! What a plan leaves: the page with its pictures, the files for CI, and comparisons of them.

use super::shipped;
use crate::harness::program::Finished;
use crate::harness::sweep::{Desk, names_in};

/// As little as there can be to scale and to load.
const SWEEP: &str = r#"warm_up = "200ms"
window = "1s"
steps = [
  { connections = 1 },
  { connections = 8 },
  { replicas = { database = 2 } },
]
"#;

const FORMS: [&str; 5] = ["markdown", "csv", "junit", "benchmark-json", "benchmark-latency-json"];

/// The shop's plan, carried out with more flags. It is about what that leaves: whatever a busy machine makes of the verdict.
#[track_caller]
fn carried_out(desk: &Desk, flags: &[&str]) -> Finished {
    desk.write("plan.toml", &shipped("shop/plan.toml", SWEEP));
    desk.sweep(&[&["--plan=plan.toml"], flags].concat())
}

/// Each form into a file that begins with `of`.
fn forms(of: &str) -> Vec<String> {
    FORMS.iter().map(|form| format!("--{form}={of}.{form}")).collect()
}

#[test]
fn a_plan_leaves_what_a_sweep_leaves_and_its_json_makes_the_same_anew() {
    let desk = Desk::new();
    let by_lab = forms("lab");
    let words: Vec<&str> = by_lab.iter().map(String::as_str).collect();
    let said = carried_out(&desk, &words);
    let [time] = names_in(&desk.path("lab-report")).try_into().expect("one report");
    let folder = format!("lab-report/{time}");
    let page = format!("The report with pictures: {folder}/index.html");
    assert!(said.stdout.trim_end().ends_with(&page), "{}", said.stdout);
    let names = names_in(&desk.path(&folder));
    let all =
        ["index.html", "lab.json", "queue.svg", "steps.csv", "summary.md", "throughput-connections.svg"];
    assert!(all.iter().all(|file| names.iter().any(|name| name == file)), "{names:?}");
    let text = desk.text(&format!("{folder}/index.html"));
    assert!(text.contains("[services.database]") && text.contains("loadgen lab --plan=plan.toml"), "{text}");

    let by_report = forms("report");
    let words: Vec<&str> = by_report.iter().map(String::as_str).collect();
    let json = format!("{folder}/lab.json");
    let again = desk.loadgen(&[&["report", &json, "--output=again"], &words[..]].concat());
    assert_eq!(again.status.code(), Some(0), "{again:?}");
    assert_eq!(names, names_in(&desk.path("again")));
    for name in names {
        assert_eq!(desk.text(&format!("{folder}/{name}")), desk.text(&format!("again/{name}")), "{name}");
    }
    for form in FORMS {
        assert_eq!(desk.text(&format!("lab.{form}")), desk.text(&format!("report.{form}")), "{form}");
    }
    let told = |said: &Finished| said.stdout.split("The report with").next().map(str::to_owned);
    assert_eq!(told(&said), told(&again));
}

#[test]
fn plans_are_compared_with_their_like_only() {
    let desk = Desk::new();
    carried_out(&desk, &["--no-report", "--json=base.json"]);
    desk.measured("sweep.json");
    let mut slower = desk.json("base.json");
    for step in slower["steps"].as_array_mut().expect("steps") {
        let seen = &mut step["seen"];
        seen["throughput_per_second"] =
            (seen["throughput_per_second"].as_f64().expect("a figure") / 2.0).into();
        seen["throughput_half_width_per_second"] = 0.01.into();
    }
    desk.write("slower.json", &slower.to_string());
    let compared = |new: &str| desk.loadgen(&["compare", "base.json", new, "--threshold=25%"]);
    let said = compared("slower.json");
    assert!(said.status.code() == Some(1) && said.stdout.contains("REGRESSION: throughput at "), "{said:?}");
    slower["application"] = "another".into();
    desk.write("another.json", &slower.to_string());
    for (new, parts) in [
        ("another.json", ["the application is shop", "--plan"]),
        ("sweep.json", ["base.json is of a plan, and sweep.json of the built-in sweep", "both without"]),
    ] {
        let said = compared(new);
        assert_eq!((said.status.code(), said.stderr.lines().count()), (Some(2), 1), "{said:?}");
        assert!(parts.iter().all(|part| said.stderr.contains(part)), "{said:?}");
    }
}

#[test]
fn flags_that_a_plan_has_no_use_for_are_refused() {
    let desk = Desk::new();
    for flag in ["--precision=1%", "--experiment=kill", "--target=rng", "--grid"] {
        let said = desk.loadgen(&["lab", "--plan=plan.toml", flag]);
        let name = flag.split('=').next().expect("a name");
        assert!(said.status.code() == Some(2) && said.stderr.contains(name), "{said:?}");
    }
    desk.write("newer.json", r#"{"schema": "loadgen-plan/2"}"#);
    let said = desk.loadgen(&["report", "newer.json"]);
    assert!(
        said.status.code() == Some(2) && said.stderr.contains("only \"loadgen-plan/1\" is understood"),
        "{said:?}"
    );
}
