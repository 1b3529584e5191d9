//! `loadgen lab --experiment NAME` on local processes: each tells a figure and a sentence, and leaves nothing behind.

use std::time::Duration;

use rustix::process::Signal;
use serde_json::Value;

use crate::harness::LOADGEN;
use crate::harness::machine;
use crate::harness::program::{Finished, run};
use crate::harness::report::number;
use crate::harness::sweep::Desk;

const AN_EXPERIMENT: Duration = Duration::from_secs(120);
const SOON: Duration = Duration::from_secs(20);

/// Fewer requests, so that a busy machine makes less of a difference.
const SLOWLY: [&str; 2] = ["--rng-time", "300ms"];

/// What an experiment said, and the `experiment` of its report; nothing is left but that.
fn tried(flags: &[&str]) -> (Finished, Value) {
    let desk = Desk::new();
    let said = desk.start(&[&["lab", "--json=lab.json"], flags].concat()).finish(AN_EXPERIMENT);
    assert_eq!(said.status.code(), Some(0), "{said:?}");
    let report = desk.json("lab.json");
    assert_eq!(report["schema_version"], 1);
    let sentence = report["conclusion"]["sentence"].as_str().expect("a sentence");
    assert!(said.stdout.contains(sentence), "{said:?}");
    assert!(desk.processes().is_empty() && desk.files() == [desk.path("lab.json")]);
    (said, report["experiment"].clone())
}

#[track_caller]
fn assert_between(found: &Value, key: &str, from: f64, to: f64) {
    let value = number(&found[key]);
    assert!((from..=to).contains(&value), "{key}: {value} is not between {from} and {to}: {found}");
}

#[test]
fn throughput_is_back_soon_after_the_only_rng_was_killed() {
    machine::steadily(|| {
        let (said, found) = tried(&["--experiment", "kill", "--workers", "4", "--window", "2s"]);
        assert_eq!((&found["name"], &found["replica"]), (&"kill".into(), &"rng-1".into()));
        assert_between(&found, "recovered_after_seconds", 0.05, 15.0);
        assert_between(&found, "hashes_not_mined", 0.2, 50.0);
        assert_between(&found, "worker_errors", 1.0, 100.0);
        assert!(
            said.stdout.contains("rng-1 was killed") && said.stdout.contains("restarted after"),
            "{said:?}"
        );
    });
}

#[test]
fn a_worker_of_ten_is_killed_and_not_missed() {
    machine::steadily(|| {
        let flags = ["--experiment", "kill", "--target", "worker", "--window", "2s"];
        let (said, found) = tried(&flags);
        assert_eq!((&found["service"], &found["replica"]), (&"worker".into(), &"worker-1".into()));
        assert_between(&found, "recovered_after_seconds", 0.0, 15.0);
        assert!(said.stdout.contains("worker-1 was killed"), "{said:?}");
    });
}

#[test]
fn kept_connections_stay_with_the_first_replica_and_fresh_ones_use_all() {
    machine::steadily(|| {
        let flags = ["--experiment", "sticky", "--rng", "1,3", "--window", "3s"];
        let (said, found) = tried(&[&flags, &SLOWLY[..], &["--workers", "6"]].concat());
        let rounds = found["rounds"].as_array().expect("rounds");
        let speeds: Vec<f64> = rounds.iter().map(|round| number(&round["throughput_per_second"])).collect();
        assert!(speeds[..3].iter().all(|speed| (2.5..4.2).contains(speed)), "{speeds:?}");
        // 10 on a machine with nothing else to do.
        assert!((5.0..10.5).contains(&speeds[3]), "{speeds:?}");
        let kept: Vec<f64> =
            rounds[1]["shares"].as_array().expect("shares").iter().map(|it| number(&it["share"])).collect();
        assert!(kept.len() == 3 && kept[0] > 0.99, "{kept:?}");
        assert!(
            said.stdout.contains("changes nothing") && said.stdout.contains("all requests go to rng-1"),
            "{said:?}"
        );
    });
}

#[test]
fn replicas_replaced_with_care_lose_no_request_and_killed_ones_do() {
    machine::steadily(|| {
        let flags = ["--experiment", "rolling-update", "--workers", "4", "--rng", "2", "--window", "2s"];
        let (said, found) = tried(&[&flags, &SLOWLY[..]].concat());
        let phases = found["phases"].as_array().expect("phases");
        let kinds: Vec<&str> = phases.iter().filter_map(|phase| phase["kind"].as_str()).collect();
        assert_eq!(kinds, ["update", "rollback", "unprotected-update"]);
        for phase in &phases[..2] {
            assert_between(phase, "worker_errors", 0.0, 0.0);
            assert_between(&phase["probes"], "unanswered", 0.0, 0.0);
            assert_between(&phase["probes"], "answered", 5.0, 1e4);
        }
        let lost = number(&phases[2]["worker_errors"]) + number(&phases[2]["probes"]["unanswered"]);
        assert!(lost >= 1.0, "{said:?}");
    });
}

#[test]
fn a_naive_probe_is_harmless_with_two_workers_and_fatal_with_as_many_as_predicted() {
    machine::steadily(|| {
        let flags = ["--experiment", "probes", "--workers", "2", "--window", "3s"];
        let (said, found) = tried(&[&flags, &SLOWLY[..]].concat());
        assert_between(&found, "predicted_workers", 5.0, 6.0);
        let levels = found["levels"].as_array().expect("levels");
        let [harmless, fatal] = [0, 1].map(|level| number(&levels[level]["failing_share"]));
        assert!(harmless < 0.2 && fatal > 0.5, "{found}");
        assert_between(&levels[1], "restart_after_seconds", 5.0, 50.0);
        assert!(said.stdout.contains("must fail from worker="), "{said:?}");
    });
}

#[test]
fn an_interrupt_in_mid_experiment_leaves_nothing() {
    machine::steadily(|| {
        let desk = Desk::new();
        let mut experiment = desk.start(&["lab", "--experiment", "sticky", "--window", "20s"]);
        let begun = |line: &str| line.contains("kept connections").then_some(());
        experiment.stderr().find("a round", SOON, begun);
        experiment.signal(Signal::INT);
        let said = experiment.finish(SOON);
        assert_eq!(said.status.code(), Some(130), "{said:?}");
        assert!(said.stdout.contains("INTERRUPTED: stopped before the end of the experiment"), "{said:?}");
        assert!(desk.processes().is_empty() && desk.files().is_empty(), "{:?}", desk.files());
    });
}

#[test]
fn what_cannot_be_tried_is_said_in_one_line_with_what_can() {
    let cases: [(&[&str], &str); 5] = [
        (&["--experiment", "autoscale"], "--backend kubernetes"),
        (&["--experiment", "autoscale", "--backend", "compose"], "--backend kubernetes"),
        (&["--experiment", "explode"], "rolling-update"),
        (&["--target", "rng"], "--experiment kill"),
        (&["--experiment", "kill", "--grid"], "--grid"),
    ];
    for (arguments, remedy) in cases {
        let said = run(LOADGEN, &[&["lab"], arguments].concat(), SOON);
        assert_eq!(said.status.code(), Some(2), "{arguments:?}: {said:?}");
        let lines: Vec<&str> = said.stderr.lines().filter(|line| !line.trim().is_empty()).collect();
        assert!(lines.len() == 1 && lines[0].contains(remedy), "{arguments:?}:\n{}", said.stderr);
    }
}
