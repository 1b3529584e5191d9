//! One load out of several processes, and their reports as one.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use crate::harness::LOADGEN;
use crate::harness::bench::{IN_ANY_CASE, load, start};
use crate::harness::program::{Finished, run};
use crate::harness::scripted::Scripted;

/// A server that remembers each path, and the paths it has seen.
fn server() -> (Scripted, Arc<Mutex<Vec<String>>>) {
    let paths = Arc::<Mutex<Vec<String>>>::default();
    let seen = Arc::clone(&paths);
    let server = Scripted::start(move |visit| {
        let path = visit.head.split(' ').nth(1).unwrap_or_default().to_owned();
        seen.lock().expect("no story panics there").push(path);
        visit.answer("200 OK", "ok")
    });
    (server, paths)
}

/// Runs three shards side by side; each one's JSON is what it writes to standard output.
fn three_shards(flags: &[&str]) -> [Finished; 3] {
    let shards = ["0/3", "1/3", "2/3"].map(|shard| {
        let own = ["--shard", shard, "--json", "-", "--quiet", "--warmup", "0s"];
        start(&[&own[..], flags].concat())
    });
    shards.map(|mut shard| {
        let said = shard.finish(IN_ANY_CASE);
        assert_eq!((said.status.code(), said.stderr.as_str()), (Some(0), ""), "{said:?}");
        said
    })
}

/// `cat logs | loadgen merge -`
fn merge_from(logs: &Path, flags: &[&str]) -> Output {
    let logs = Stdio::from(File::open(logs).expect("logs"));
    let merge = Command::new(LOADGEN).args(["merge", "-"]).args(flags).stdin(logs).output();
    merge.expect("the program starts")
}

fn in_a_moment() -> String {
    let start = SystemTime::now() + Duration::from_millis(500);
    start.duration_since(UNIX_EPOCH).expect("after 1970").as_secs_f64().to_string()
}

#[test]
fn three_shards_merge_to_the_counts_and_the_plan_of_one_process() {
    for flags in [
        &["-q", "150", "-n", "150", "-c", "30"][..],
        &["-q", "100", "-n", "100", "-c", "6", "--arrivals", "poisson"],
        &["--stage", "500ms:50..150", "--stage", "1s:0", "-c", "3"],
        &["-n", "200", "-c", "10"],
    ] {
        let (server, paths) = server();
        let url = server.url("/{{counter}}");
        let flags = [flags, &["--template", "--threads", "1", &url]].concat();
        let whole = load(&flags);
        let of_one = paths.lock().expect("no story panics there").split_off(0);

        let start = in_a_moment();
        let shards = three_shards(&[&flags[..], &["--start-at", &start]].concat());
        let folder = tempfile::tempdir().expect("a folder");
        let logs = folder.path().join("logs");
        fs::write(&logs, shards.map(|it| it.stdout).join("\n")).expect("written");
        let said = merge_from(&logs, &["--format", "json"]);
        assert_eq!(said.status.code(), Some(0), "{said:?}");
        let merged: Value = serde_json::from_slice(&said.stdout).expect("JSON");

        for key in ["requests", "outcomes", "outcomes_all"] {
            assert_eq!(&merged[key], whole.at(key), "{key} of {flags:?}");
        }
        assert_eq!(merged["response_time"]["count"], *whole.at("response_time.count"));
        let mut plan = whole.at("plan").clone();
        plan["threads"] = json!(3);
        plan["shards"] = json!({"of": 3, "which": [0, 1, 2], "started_apart_s": 0.0});
        assert_eq!(merged["plan"], plan);
        let of_three = paths.lock().expect("no story panics there").clone();
        let distinct = |paths: &[String]| paths.iter().cloned().collect::<BTreeSet<_>>();
        assert_eq!(of_three.len(), distinct(&of_three).len(), "each number once");
        assert_eq!(distinct(&of_three), distinct(&of_one), "{flags:?}");
    }
}

#[test]
fn merging_says_which_shards_there_are_and_takes_none_of_them_twice() {
    let (server, _) = server();
    let load = || three_shards(&["-n", "30", "-c", "3", &server.url("/")]);
    let shards = load();
    let folder = tempfile::tempdir().expect("a folder");
    let paths = ["a.json", "b.json", "c.json"].map(|name| folder.path().join(name));
    for (path, shard) in paths.iter().zip(&shards) {
        fs::write(path, &shard.stdout).expect("written");
    }
    let [a, b, c] = paths.each_ref().map(|path| path.to_str().expect("a plain path"));
    let merge = |files: &[&str]| run(LOADGEN, &[&["merge"], files].concat(), IN_ANY_CASE);
    let all = merge(&[c, a, b]);
    assert!(all.stdout.contains("3 shards of one plan") && all.stdout.contains("30 succeeded"), "{all:?}");
    let two = merge(&[c, a]);
    assert!(two.stdout.contains("only shards 0/3, 2/3") && two.stdout.contains("20 succeeded"), "{two:?}");

    fs::write(b, &load()[0].stdout).expect("written");
    let same = merge(&[a, c, b]);
    assert_eq!((same.status.code(), same.stdout.as_str()), (Some(2), ""), "{same:?}");
    assert!(same.stderr.contains("a.json and") && same.stderr.contains("shard 0/3"), "{same:?}");
    assert_eq!(same.stderr.lines().count(), 1, "{same:?}");
}

#[test]
fn standard_input_that_holds_no_report_is_one_clear_line() {
    let file = tempfile::NamedTempFile::new().expect("a file");
    for (text, complaint) in [("", "standard input is cut short"), ("hello", "standard input is no report")] {
        fs::write(file.path(), text).expect("written");
        let said = merge_from(file.path(), &[]);
        let stderr = String::from_utf8_lossy(&said.stderr);
        assert_eq!((said.status.code(), stderr.lines().count()), (Some(2), 1), "{said:?}");
        assert!(stderr.contains(complaint), "{stderr}");
    }
}

#[test]
fn a_run_starts_at_the_next_round_instant() {
    let (server, paths) = server();
    let shown = load(&["-n", "1", "-c", "1", "--start-at", "next:250ms", &server.url("/")]);
    assert_eq!(paths.lock().expect("no story panics there").len(), 1);
    let started_at = shown.at("started_at").as_str().expect("an instant");
    let millis = started_at.trim_end_matches('Z').rsplit('.').next().expect("milliseconds");
    assert!(["000", "250", "500", "750"].contains(&millis), "{started_at}");
}
