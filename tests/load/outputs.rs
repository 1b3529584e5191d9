//! What is written where, and how the program ends.

use std::fs;

use serde_json::Value;

use crate::harness::bench::{load, load_of_any_end, run};
use crate::harness::machine;
use crate::harness::scripted::{Scripted, Then};
use crate::harness::service::Service;
use crate::harness::tls::{Authority, Clients};

fn server() -> Scripted {
    Scripted::start(|visit| visit.answer("200 OK", "ok"))
}

#[test]
fn the_times_of_a_report_are_in_order() {
    let server = server();
    let load = load(&["-n", "500", "-c", "4", &server.url("/")]);
    for of in ["response_time", "uncorrected_time", "steps.head"] {
        let keys = ["min_ms", "p50_ms", "p90_ms", "p95_ms", "p99_ms", "p99_9_ms", "p99_99_ms", "max_ms"];
        let times = keys.map(|key| load.number(&format!("{of}.{key}")));
        // Of a bucket of the histogram, quantiles may show the upper end: three digits.
        assert!(times.windows(2).all(|pair| pair[0] <= pair[1] * 1.001), "{of}: {times:?}");
    }
    let slices = load.report["timeline"].as_array().expect("a timeline");
    assert!((1..=32).contains(&slices.len()), "{}", slices.len());
    let requests: u64 = slices.iter().map(|slice| slice["requests"].as_u64().expect("a count")).sum();
    assert_eq!(requests, 500);
}

#[test]
fn json_goes_to_a_file_or_to_standard_output() {
    let (server, folder) = (server(), tempfile::tempdir().expect("a folder"));
    let (url, file) = (server.url("/"), folder.path().join("load.json"));
    let said = run(&["-n", "10", "--json", file.to_str().expect("a path"), &url]);
    assert_eq!((said.status.code(), said.stderr.as_str()), (Some(0), ""), "{said:?}");
    assert!(said.stdout.contains("p99"), "text as well: {said:?}");
    let successes = |text: &str| {
        let report: Value = serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"));
        report["requests"]["successes"].as_u64()
    };
    assert_eq!(successes(&fs::read_to_string(&file).expect("a file")), Some(10));
    for flags in [["--json", "-"], ["--format", "json"]] {
        let said = run(&[&["-n", "10"], &flags[..], &[&url]].concat());
        assert_eq!(successes(&said.stdout), Some(10), "{flags:?}");
    }
}

#[test]
fn quiet_says_nothing_and_writes_files() {
    let (server, folder) = (server(), tempfile::tempdir().expect("a folder"));
    let files = ["json", "csv", "markdown", "hdr-log"].map(|kind| {
        let file = folder.path().join(kind);
        (format!("--{kind}"), file.to_str().expect("a path").to_owned())
    });
    let flags: Vec<&str> = files.iter().flat_map(|(flag, file)| [flag.as_str(), file]).collect();
    let said = run(&[&["-n", "10", "--quiet"], &flags[..], &[&server.url("/")]].concat());
    assert_eq!((said.status.code(), said.stdout.as_str(), said.stderr.as_str()), (Some(0), "", ""));
    for (flag, file) in files {
        assert!(!fs::read_to_string(&file).expect("a file").is_empty(), "{flag}");
    }
}

#[test]
fn quiet_does_not_silence_a_form_that_was_asked_for() {
    let server = server();
    let said = run(&["-n", "10", "--quiet", "--format", "json", &server.url("/")]);
    assert_eq!((said.status.code(), said.stderr.as_str()), (Some(0), ""), "{said:?}");
    let report: Value = serde_json::from_str(&said.stdout).expect("JSON");
    assert_eq!(report["requests"]["successes"], 10);
}

#[test]
fn reports_of_yesterday_stay_if_there_is_no_run() {
    let (echo, folder, authority) =
        (Service::start("echo", &[]), tempfile::tempdir().expect("a folder"), Authority::new());
    let front = authority.front(echo.address(), &["localhost"], &[], Clients::Anybody);
    let url = format!("https://localhost:{}/", front.address.port());
    for kind in ["json", "csv", "markdown", "hdr-log"] {
        let file = folder.path().join(kind);
        fs::write(&file, "yesterday").expect("a file");
        let (flag, file) = (format!("--{kind}"), file.to_str().expect("a path"));
        let unknown_authority = run(&["-n", "3", &flag, file, &url]);
        assert_eq!(unknown_authority.status.code(), Some(4), "{unknown_authority:?}");
        assert_eq!(fs::read_to_string(file).expect("a file"), "yesterday", "{flag}");
        assert_eq!(run(&["-n", "3", "-k", &flag, file, &url]).status.code(), Some(0));
        let today = fs::read_to_string(file).expect("a file");
        assert!(!today.contains("yesterday") && !today.is_empty(), "{flag}: {today}");
    }
}

#[test]
fn two_forms_in_one_file_are_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let [file, link] =
        ["report", "link"].map(|name| folder.path().join(name).to_str().expect("a path").to_owned());
    std::os::unix::fs::symlink(&file, &link).expect("a link");
    for (first, second) in [("--json", "--csv"), ("--csv", "--markdown"), ("--json", "--hdr-log")] {
        let said = run(&["-n", "1", first, &file, second, &link, "127.0.0.1:1"]);
        assert_eq!((said.status.code(), said.stdout.as_str()), (Some(2), ""), "{said:?}");
        assert!([first, second, &link].iter().all(|name| said.stderr.contains(name)), "{said:?}");
    }
}

#[test]
fn the_exit_code_says_how_it_went() {
    let (server, silent) = (server(), Scripted::start(|_| Then::Close));
    let broken = Scripted::start(|visit| visit.answer("503 Service Unavailable", "no"));
    let code = |flags: &[&str], server: &Scripted| {
        run(&[&["-n", "10", "-c", "2", "-t", "5s"], flags, &[&server.url("/")]].concat()).status.code()
    };
    assert_eq!(code(&[], &server), Some(0));
    assert_eq!(code(&["--expect", "errors<1%", "--expect", "p99<10s"], &server), Some(0));
    assert_eq!(code(&["--expect", "p99<1ns"], &server), Some(1));
    assert_eq!(code(&["--expect", "errors<1%"], &broken), Some(1));
    assert_eq!(code(&[], &broken), Some(0), "a 503 is an answer");
    assert_eq!(code(&["--frobnicate"], &server), Some(2));
    assert_eq!(code(&[], &silent), Some(4));
}

/// A hundred thousand a second over four connections are more than one thread can send.
#[test]
fn a_load_generator_that_is_the_limit_says_so() {
    let _turn = machine::busy();
    let echo = Service::start("echo", &[]);
    let url = format!("http://{}/", echo.address());
    let flags = ["-q", "100000", "-z", "1s", "-c", "4", "--threads", "1"];
    let load = load_of_any_end(&[&flags[..], &["--strict", &url]].concat());
    assert_eq!(load.at("load_generator.was_the_limit"), true, "{}", load.report["load_generator"]);
    assert!(load.at("load_generator.why").as_str().is_some_and(|why| !why.is_empty()));
    assert_eq!(load.said.status.code(), Some(3), "{:?}", load.said.stderr);
    let said = run(&[&flags[..], &[&url]].concat());
    assert_eq!(said.status.code(), Some(0), "only with --strict: {said:?}");
}
