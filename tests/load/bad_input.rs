//! Wrong usage of `loadgen bench` gets one line that names the flag and what would mend it, and nothing is sent.

use std::fs;

use crate::harness::LOADGEN;
use crate::harness::bench::{IN_ANY_CASE, run};
use crate::harness::scripted::{Scripted, Then};

pub(super) const ANYWHERE: &str = "http://127.0.0.1:1/";

/// Exit code 2, nothing on standard output, and one line on standard error that mentions each of `names`.
#[track_caller]
pub(super) fn assert_refused(arguments: &[&str], names: &[&str]) {
    assert_none(&[complaint(arguments, names)]);
}

#[track_caller]
pub(super) fn assert_none(complaints: &[Option<String>]) {
    let complaints: Vec<&str> = complaints.iter().flatten().map(String::as_str).collect();
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

/// What is wrong with how these arguments are refused.
pub(super) fn complaint(arguments: &[&str], names: &[&str]) -> Option<String> {
    let said = run(arguments);
    let lines: Vec<&str> = said.stderr.lines().filter(|line| !line.trim().is_empty()).collect();
    let mentions = |name: &&str| said.stderr.to_lowercase().contains(&name.to_lowercase());
    let fine = said.status.code() == Some(2)
        && said.stdout.is_empty()
        && lines.len() == 1
        && names.iter().all(mentions);
    (!fine).then(|| format!("{arguments:?} should name {names:?}, but: {said:?}"))
}

#[test]
fn a_target_that_is_none_is_named() {
    let urls = [
        "http://",
        "http:///path",
        "ftp://localhost/",
        "http://a b/",
        "http://localhost:99999/",
        ":99999",
        ":x",
        "",
    ];
    assert_none(&urls.map(|url| complaint(&[url], &[url])));
}

#[test]
fn no_target_at_all_is_said_with_what_to_give() {
    assert_refused(&[], &["URL"]);
    assert_refused(&["-n", "1"], &["URL"]);
}

#[test]
fn a_bad_value_is_named_with_its_flag() {
    let cases: [(&str, &[&str]); 29] = [
        ("--requests", &["0", "-1", "many", "1.5"]),
        ("--connections", &["0", "-1", "many"]),
        ("--duration", &["0s", "-1s", "soon", ""]),
        ("--rate", &["0", "-1", "fast", "nan", "inf"]),
        ("--arrivals", &["sometimes"]),
        ("--seed", &["-1", "x"]),
        ("--stage", &["1s", "1s:", ":5", "0s:5", "1s:-5", "1s:5..", "1s:5..x", "soon:5", "1s:5..6..7"]),
        ("--backlog", &["-1", "x"]),
        ("--think-time", &["-1s", "soon"]),
        ("--warmup", &["-1s", "soon"]),
        ("--threads", &["0", "-1", "all"]),
        ("--start-at", &["tomorrow", "-5", "", "next:", "next:0s"]),
        ("--shard", &["3/3", "0/0", "1", "a/b", "$(JOB_COMPLETION_INDEX)/3", ""]),
        ("--method", &["", "G T"]),
        ("--header", &["no colon", ": value", "a b: c"]),
        ("--timeout", &["0s", "-1s", "soon"]),
        ("--connect-timeout", &["0s", "soon"]),
        ("--connections-max-requests", &["0", "-1"]),
        ("--streams", &["0", "-1", "x"]),
        ("--redirects", &["-1", "x"]),
        ("--sni", &["", "a b"]),
        ("--format", &["pdf"]),
        (
            "--expect",
            &[
                "",
                "p99",
                "p99<",
                "<5ms",
                "p99=5ms",
                "p99<fast",
                "p100.1<5ms",
                "nonsense<5",
                "errors<200%x",
                "p99<5",
            ],
        ),
        ("--find-knee", &["p99", "nonsense<5"]),
        ("--prometheus", &["nowhere", "1.2.3.4:99999"]),
        ("--body-file", &["/no/such/file"]),
        ("--bodies-from", &["/no/such/file"]),
        ("--urls-from", &["/no/such/file"]),
        ("--cacert", &["/no/such/file"]),
    ];
    let all = cases.iter().flat_map(|(flag, values)| values.iter().map(move |value| (*flag, *value)));
    let complaints =
        all.map(|(flag, value)| complaint(&[&format!("{flag}={value}"), ANYWHERE], &[flag, value]));
    assert_none(&complaints.collect::<Vec<_>>());
}

#[test]
fn a_process_that_may_open_few_files_makes_do_or_says_so() {
    let within = |files: u32, flags: &str| {
        let server = Scripted::start(|visit| visit.answer("200 OK", "ok"));
        let line = format!("ulimit -n {files}; exec {LOADGEN} bench {flags} {}", server.url("/"));
        crate::harness::program::run("sh", &["-c", &line], IN_ANY_CASE)
    };
    for flags in ["-n 20 -q 500 --threads 1", "-n 20 -c 1", "-n 20 --threads 1"] {
        let said = within(20, flags);
        assert!(said.status.success() && said.stdout.contains("20 succeeded"), "{flags}: {said:?}");
    }
    for (files, flags, name) in [(20, "-n 20 -c 100", "--connections"), (16, "-n 20 -q 500", "ulimit -Hn")] {
        let said = within(files, flags);
        assert_eq!((said.status.code(), said.stderr.lines().count()), (Some(2), 1), "{said:?}");
        assert!(said.stderr.contains(name), "{said:?}");
    }
}

#[test]
fn flags_that_contradict_each_other_are_named_both() {
    let cases: [(&[&str], [&str; 2]); 18] = [
        (&["-n", "5", "-z", "1s"], ["--requests", "--duration"]),
        (&["--stage", "1s:5", "-q", "5"], ["--stage", "--rate"]),
        (&["--stage", "1s:5", "-n", "5"], ["--stage", "--requests"]),
        (&["--stage", "1s:5", "-z", "1s"], ["--stage", "--duration"]),
        (&["-q", "5", "--think-time", "1s"], ["--rate", "--think-time"]),
        (&["--stage", "1s:5", "--think-time", "1s"], ["--stage", "--think-time"]),
        (&["-d", "x", "-D", "/dev/null"], ["--body", "--body-file"]),
        (&["-d", "x", "--bodies-from", "/dev/null"], ["--body", "--bodies-from"]),
        (&["-4", "-6"], ["--ipv4", "--ipv6"]),
        (&["-p", "2"], ["--streams", "add --http2"]),
        (&["--arrivals", "poisson"], ["--arrivals", "--rate"]),
        (&["--abort-on-fail"], ["--abort-on-fail", "add --expect"]),
        (&["--cert", "/dev/null"], ["--cert", "add --key"]),
        (&["--key", "/dev/null"], ["--key", "add --cert"]),
        (&["--trial", "1s"], ["--trial", "add --find-knee"]),
        (&["--max-rate", "5"], ["--max-rate", "add --find-knee"]),
        (&["-H", "Host: a", "--host", "b"], ["--host", "--header host"]),
        (&["-d", "x", "-T", "a/b", "-H", "Content-Type: c/d"], ["--content-type", "--header content-type"]),
    ];
    assert_none(&cases.map(|(flags, names)| complaint(&[flags, &[ANYWHERE]].concat(), &names)));
}

#[test]
fn a_flag_of_hey_or_oha_that_cannot_be_followed_is_named_with_what_to_do() {
    let cases: [(&[&str], &str); 5] = [
        (&["-x", "localhost:3128"], "proxy"),
        (&["-o", "report.txt"], "--json FILE"),
        (&["-w"], "in flight"),
        (&["--burst-rate", "5"], "--stage"),
        (&["-disable-everything"], "--help"),
    ];
    assert_none(&cases.map(|(flags, remedy)| complaint(&[flags, &[ANYWHERE]].concat(), &[flags[0], remedy])));
}

#[test]
fn a_file_that_cannot_be_used_is_named_with_its_flag() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name).to_str().expect("a path").to_owned();
    let (missing, empty, directory) = (at("missing"), at("empty"), at("."));
    fs::write(&empty, "").expect("a file");
    let url = "https://127.0.0.1:1/";
    let refused = |flag: &str, file: &str| complaint(&[flag, file, url], &[flag, file]);
    for flag in ["--body-file", "--urls-from", "--bodies-from", "--cacert"] {
        assert_none(&[refused(flag, &missing), refused(flag, &directory)]);
    }
    assert_none(&["--urls-from", "--bodies-from", "--cacert"].map(|flag| refused(flag, &empty)));
    for file in [&missing, &empty, &directory] {
        assert_refused(&["--cert", file, "--key", file, url], &["--cert", file]);
    }
}

#[test]
fn a_line_of_a_list_of_urls_that_is_none_is_named_with_its_number() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("urls");
    fs::write(&file, "http://127.0.0.1:1/\nftp://x/\n").expect("a file");
    let file = file.to_str().expect("a path");
    assert_refused(&["--urls-from", file], &["--urls-from", file, "2", "ftp"]);
}

#[test]
fn a_bad_template_is_named_with_what_is_known() {
    let templates = [
        "{{",
        "{{}}",
        "{{nonsense}}",
        "{{random}}",
        "{{random 5..1}}",
        "{{random x..y}}",
        "{{hex}}",
        "{{hex -1}}",
        "{{hex 0}}",
        "{{counter x}}",
        "{{pick}}",
        "{{line}}",
        "{{line /no/such/file}}",
        "{{uuid 5}}",
    ];
    for template in templates {
        let (url, header) = (format!("http://127.0.0.1:1/{template}"), format!("x-a: {template}"));
        assert_none(&[
            complaint(&["--template", &url], &["URL"]),
            complaint(&["--template", "-d", template, ANYWHERE], &["--body"]),
            complaint(&["--template", "-H", &header, ANYWHERE], &["--header"]),
        ]);
    }
    assert_refused(&["--template", "http://{{hex 8}}:1/"], &["{{hex 8}}"]);
}

/// Only the run can tell, so the exit code is 4.
#[test]
fn where_nothing_answers_the_report_says_why_and_the_exit_code_is_four() {
    let server = Scripted::start(|_| Then::Close);
    let said = run(&["-n", "3", &server.url("/")]);
    assert_eq!(said.status.code(), Some(4), "{said:?}");
    assert!(said.stdout.contains("closed"), "{said:?}");
}
