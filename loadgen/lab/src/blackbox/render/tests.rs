//! What a plan's report must have in every form.

use serde_json::Value;

use super::*;
use crate::blackbox::concluded_report;
use crate::report::Outcome;

fn names(report: &Report) -> Vec<String> {
    report.pictures().into_iter().map(|(name, _)| name).collect()
}

#[test]
fn the_verdict_comes_first_and_each_picture_has_its_figures() {
    let report = concluded_report();
    assert_eq!(names(&report), ["throughput-web", "throughput-connections", "utilisation", "queue"]);
    let page = report.page();
    let position = |text: &str| page.find(text).unwrap_or_else(|| panic!("no {text} in {page}"));
    assert!(position("<h1>The bottleneck is database</h1>") < position("<table>"));
    assert!(position("<h2>The steps</h2>") < position("<svg") && position("<svg") < position("The plan"));
    assert_eq!((page.matches("<svg").count(), page.matches("<details>").count()), (4, 4));
    for text in [
        "default-src 'none'; style-src 'sha256-",
        "Expected <code>database.p99&lt;1s at web=1 connections=16</code>",
        "<h2>What more of it buys</h2>",
        "loadgen lab --plan shop.toml",
        "load = { url = &quot;http://{web}/&quot; }",
        "bound min(N/(Z+ΣD), m/D)",
        "Any CPU 3000",
    ] {
        position(text);
    }
}

#[test]
fn pictures_are_told_in_words_and_make_no_nonsense() {
    let report = concluded_report();
    for (name, svg) in report.pictures() {
        assert!(
            svg.contains(&format!("<desc id=\"{name}-description\">")) && svg.contains("role=\"img\""),
            "{svg}"
        );
        assert!(svg.contains("connections=16") && !svg.contains("NaN") && !svg.contains("inf"), "{svg}");
    }
    let (_, queue) = report.pictures().pop().unwrap();
    assert!(
        queue.contains("a probe of database waits 300.0 ms") && queue.contains("an answer takes"),
        "{queue}"
    );
}

#[test]
fn nothing_in_a_report_can_break_out_of_its_page_or_its_folder() {
    let mut report = concluded_report();
    let evil = "../<img src=x onerror=alert(1)>";
    report.application = evil.to_owned();
    report.unit = evil.to_owned();
    report.plan = evil.to_owned();
    report.services[0] = evil.to_owned();
    for step in &mut report.steps {
        step.name = step.name.replace("connections", evil);
        step.seen.probes.pop();
    }
    report.elasticities[0].between_steps = [0, 99];
    report.wait_growths[0].between_steps = [98, 99];
    assert!(!report.page().contains("<img"), "{}", report.page());
    for (name, svg) in report.pictures() {
        assert!(
            picture::is_ours(&name) && !name.contains(['/', '.', '<']) && !svg.contains("<img"),
            "{name}: {svg}"
        );
    }
    drop((report.text(), report.markdown(), report.csv(), report.junit()));
}

#[test]
fn steps_whose_amounts_are_no_numbers_are_in_no_curve() {
    let mut report = concluded_report();
    for step in &mut report.steps {
        step.name = "web=NaN connections=inf".to_owned();
    }
    assert_eq!(names(&report), ["utilisation", "queue"]);
}

#[test]
fn a_job_sees_the_verdict_first() {
    insta::assert_snapshot!(concluded_report().markdown(), @r"
    ### The bottleneck is database

    The bottleneck is database: at web=1 connections=16 a probe of it waits 300 ms instead of 10 ms, 97 % of what everything takes longer.

    - each further client adds 20 ms to that, so it does 50.0/s at most
    - connections 4 → 16 buys 1.00 ± 0.01 times the throughput: next to nothing
    - web 1 → 2 buys 1.00 ± 0.01 times the throughput: next to nothing
    - by its capacity it is 100 % busy

    | expected |  |
    |:--|--:|
    | bottleneck=database | held |
    | throughput>=45 at web=1 connections=16 | held |
    | p99&lt;1s at web=1 connections=16 | held |
    | database.p99&lt;1s at web=1 connections=16 | held |

    | web | connections | requests/s | 95 % | predicted | off | speed-up | mean | p99 | database's probe |
    |:--|--:|--:|--:|--:|--:|--:|--:|--:|--:|
    | 1 | 1 | 47.00 | ± 0.47 | 47.00 | +0.0 % | 1.00 x | 10 ms | 20 ms | 10 ± 0 ms |
    | 1 | 4 | 50.00 | ± 0.50 | 50.00 | +0.0 % | 1.06 x | 60 ms | 120 ms | 60 ± 1 ms |
    | 1 | 16 | 50.00 | ± 0.50 | 50.00 | +0.0 % | 1.06 x | 300 ms | 600 ms | 300 ± 6 ms |
    | 2 | 16 | 50.10 | ± 0.50 | 50.00 | +0.2 % | 1.07 x | 300 ms | 600 ms | 300 ± 6 ms |

    - connections 1 → 4 buys 1.06 ± 0.02 times the throughput: next to nothing (web=1).

    `loadgen lab --plan shop.toml` with loadgen 0.1.0 on 2 CPUs, Linux 6.1.0
    ");
}

#[test]
fn each_step_is_a_row_with_units_in_the_header() {
    insta::assert_snapshot!(concluded_report().csv(), @r"
    step,database_replicas,web_replicas,load,throughput_per_s,half_width_per_s,predicted_per_s,deviation,response_ms,response_p99_ms,database_wait_ms,database_half_width_ms,database_p99_ms
    web=1 connections=1,1,1,1,47.000000,0.470000,47.000000,0.000000,10.000,20.000,10.000,0.200,20.000
    web=1 connections=4,1,1,4,50.000000,0.500000,50.000000,0.000000,60.000,120.000,60.000,1.200,120.000
    web=1 connections=16,1,1,16,50.000000,0.500000,50.000000,0.000000,300.000,600.000,300.000,6.000,600.000
    web=2 connections=16,1,2,16,50.100000,0.501000,50.000000,0.002000,300.000,600.000,300.000,6.000,600.000
    ");
}

#[test]
fn each_step_has_cases_and_an_expectation_fails_its_own() {
    let mut report = concluded_report();
    let junit = report.junit();
    for case in ["throughput", "response time", "wait for database", "outcome"] {
        assert!(junit.contains(&format!("name=\"{case}\"")), "{case}: {junit}");
    }
    assert!(junit.contains("tests=\"13\" failures=\"0\" errors=\"0\" skipped=\"0\""), "{junit}");
    for (index, case) in [(0, "throughput"), (1, "response time"), (2, "wait for database")] {
        let expected = &mut report.steps[2].expectations[index];
        expected.why = Some("it is not so".to_owned());
        let junit = report.junit();
        let (before, _) = junit.split_once("<failure message=\"it is not so\">").unwrap();
        let (_, named) =
            before.rsplit_once("<testcase classname=\"lab.web=1 connections=16\" name=\"").unwrap();
        assert!(named.starts_with(case), "{named}");
        report.steps[2].expectations[index].why = None;
    }
    report.conclusion.outcome = Outcome::Interrupted;
    assert!(report.junit().contains("<error message=\"INTERRUPTED"), "{}", report.junit());
}

#[test]
fn benchmarks_have_values_with_units() {
    let report = concluded_report();
    let read = |text: String| serde_json::from_str::<Value>(&text).unwrap();
    let (throughput, latency) = (read(report.benchmark_throughput()), read(report.benchmark_latency()));
    assert_eq!(
        (throughput[2]["name"].as_str(), throughput[2]["unit"].as_str()),
        (Some("throughput at web=1 connections=16"), Some("requests/s"))
    );
    assert_eq!(
        (latency[2]["name"].as_str(), latency[2]["value"].as_f64()),
        (Some("wait for database at web=1 connections=16"), Some(300.0))
    );
    assert_eq!(latency.as_array().map(Vec::len), Some(4));
}
