//! `loadgen lab`: the main job, in short sweeps.

use std::time::{Duration, Instant};

use rustix::process::Signal;
use serde_json::Value;

use crate::harness::LOADGEN;
use crate::harness::machine;
use crate::harness::process::{Process, descendants};
use crate::harness::program::{Finished, Program, run};
use crate::harness::report::{all_small, deviations, deviations_of_the_proof, limited_by_rng, number, steps};
use crate::harness::sweep::Desk;
use crate::harness::wait::eventually;

const A_LAB: Duration = Duration::from_secs(90);
const SOON: Duration = Duration::from_secs(30);

/// Children whose lab was killed end as gracefully as ever, within the grace period of 5 s; longer on a busy machine.
const ORPHANS: Duration = Duration::from_secs(20);

/// Nobody is left, but for the moment that the kernel takes to say so.
const ALREADY: Duration = Duration::from_secs(5);

/// A lab without the report that people get.
fn start(desk: &Desk, flags: &[&str]) -> Program {
    desk.start(&[&["lab", "--no-report"], flags].concat())
}

fn measured(desk: &Desk, flags: &[&str]) -> (Finished, Value) {
    measured_with(desk, &[], flags)
}

/// The same with further variables in the environment, which the replicas get, too.
fn measured_with(desk: &Desk, variables: &[(&str, &str)], flags: &[&str]) -> (Finished, Value) {
    let mut command = desk.command(&[&["lab", "--no-report", "--json=lab.json"], flags].concat());
    let said = Program::start(command.envs(variables.iter().copied())).finish(A_LAB);
    assert!(desk.path("lab.json").exists(), "{said:?}");
    (said, desk.json("lab.json"))
}

/// The children of a lab that has begun.
fn family(sweep: &Program) -> Vec<Process> {
    eventually("a running application", SOON, || {
        Some(descendants(sweep.process().pid())).filter(|family| family.len() >= 4)
    })
}

fn assert_all_gone(family: &[Process], within: Duration) {
    let gone = || (!family.iter().any(|process| process.lives())).then_some(());
    eventually("the end of all children", within, gone);
}

#[track_caller]
fn assert_small(deviations: &[f64], most: f64, said: &Finished) {
    assert!(all_small(deviations, most), "{deviations:?}\n{}", said.stdout);
}

/// Its windows are short and the machine is everybody's: its numbers are held to 8 % here, those of the default lab below, which
/// has the machine to itself, to the 2 % of the design.
#[test]
fn a_short_lab_names_rng_in_text_and_json() {
    machine::steadily(|| {
        let desk = Desk::new();
        let (said, json) = measured(&desk, &["--workers", "1,4", "--rng", "1,2", "--window", "2s"]);
        let doubts = ["INCONCLUSIVE: ", "machine is the limit"];
        if machine::is_overrun() && doubts.iter().any(|doubt| said.stdout.contains(doubt)) {
            return; // It says itself that nothing can be told here.
        }
        assert_eq!(said.status.code(), Some(0), "{said:?}");
        assert!(said.stdout.contains("The bottleneck is rng"), "{}", said.stdout);
        assert!(json["schema_version"].is_number(), "{json}");
        assert_eq!(json["conclusion"]["bottleneck"], "rng");
        assert_eq!(limited_by_rng(&json), [false, true, false], "{}", said.stdout);
        assert_small(&deviations(&json), 0.08, &said);
        assert_small(&deviations_of_the_proof(&json), 0.08, &said);
        assert!(desk.processes().is_empty());
    });
}

/// The probe's waiting by design: milliseconds for a `GET /` on rng with that many workers at one replica.
const PROBE_WAITS: [(u64, f64); 2] = [(4, 0.150), (10, 0.750)];

#[test]
#[ignore = "takes a minute of an otherwise idle machine"]
fn the_default_lab_meets_the_acceptance_numbers() {
    machine::steadily(|| {
        let shortcomings = shortcomings_of_the_default_lab();
        assert!(shortcomings.is_empty(), "{shortcomings:#?}");
    });
}

fn shortcomings_of_the_default_lab() -> Vec<String> {
    let desk = Desk::new();
    let start = Instant::now();
    let (said, json) = measured(&desk, &[]);
    let took = start.elapsed();
    let small = |deviations: &[f64]| all_small(deviations, 0.02);
    let mut held = vec![
        ("ends well", said.status.code() == Some(0)),
        ("takes at most 75 s", took <= Duration::from_secs(75)),
        ("names the limits", limited_by_rng(&json) == [false, false, true, true, true, true]),
        ("predicts each step within 2 %", small(&deviations(&json))),
        ("predicts the proof within 2 %", small(&deviations_of_the_proof(&json))),
    ];
    held.extend(PROBE_WAITS.map(|(workers, expected)| {
        let waited = waited_by_a_probe(&json, workers);
        ("makes a probe wait as designed, within 10 %", (waited / expected - 1.0).abs() < 0.1)
    }));
    let broken = held.into_iter().filter(|(_, holds)| !holds);
    broken.map(|(what, _)| format!("not so: it {what}; it took {took:?}\n{}", said.stdout)).collect()
}

fn waited_by_a_probe(json: &Value, workers: u64) -> f64 {
    let at = |step: &&Value| step["step"]["workers"] == workers && step["step"]["rng"] == 1;
    number(&steps(json).iter().find(at).expect("a step")["seen"]["probe"]["mean_seconds"])
}

#[test]
fn an_interrupt_in_mid_sweep_reports_what_there_is_and_leaves_nothing() {
    machine::steadily(|| {
        let desk = Desk::new();
        let outside = Desk::new();
        let file = outside.path("lab.json");
        let json = file.to_str().expect("a path");
        let mut sweep =
            start(&desk, &["--workers", "1,2,3,4,5,6", "--rng", "1", "--window", "1s", "--json", json]);
        let family = family(&sweep);
        let measured = |line: &str| line.starts_with("worker=1 rng=1: ").then_some(());
        sweep.stderr().find("the first step", A_LAB, measured);
        sweep.signal(Signal::INT);
        let said = sweep.finish(SOON);
        assert_eq!(said.status.code(), Some(130), "{said:?}");
        assert!(said.stdout.contains("hashes/s"), "the first step, {said:?}");
        let written = outside.json("lab.json");
        assert!(!steps(&written).is_empty(), "{written}");
        assert_all_gone(&family, ALREADY);
        assert!(desk.processes().is_empty() && desk.files().is_empty(), "{:?}", desk.files());
    });
}

#[test]
fn a_child_killed_in_mid_sweep_is_restarted_or_reported() {
    machine::steadily(|| {
        let desk = Desk::new();
        let mut sweep = start(&desk, &["--workers", "2", "--rng", "1", "--window", "4s", "--no-confirm"]);
        let family = family(&sweep);
        let rng = |process: &&Process| process.command_line().contains(" rng ");
        let victim = eventually("a replica of rng", SOON, || family.iter().find(rng).copied());
        sweep.stderr().find("a step", SOON, |line| line.starts_with("worker=2 rng=1").then_some(()));
        victim.signal(Signal::KILL);
        let said = sweep.finish(A_LAB);
        assert!(matches!(said.status.code(), Some(0 | 3 | 4)), "{said:?}");
        assert!([said.stdout, said.stderr].concat().contains("rng-1"), "what happened to rng-1");
        assert!(desk.processes().is_empty());
    });
}

#[test]
fn a_killed_lab_leaves_no_child() {
    let desk = Desk::new();
    let mut sweep = start(&desk, &["--workers", "1", "--rng", "1", "--window", "30s"]);
    let family = family(&sweep);
    sweep.kill();
    assert_all_gone(&family, ORPHANS);
}

/// Of two stations with one slot each it is the one that takes longer.
#[test]
fn a_hasher_with_one_slot_is_the_bottleneck_if_it_takes_longer_than_rng() {
    machine::steadily(|| {
        let flags =
            ["--workers", "1,6", "--rng", "1", "--hasher-time", "250ms", "--window", "3s", "--no-confirm"];
        let (said, json) = measured_with(&Desk::new(), &[("SLOTS", "1")], &flags);
        assert_eq!(json["conclusion"]["bottleneck"], "hasher", "{}", said.stdout);
        assert!(said.stdout.contains("hasher=2 gives 8.0/s"), "{}", said.stdout);
    });
}

#[test]
fn connections_that_are_kept_are_blamed_for_replicas_without_work() {
    machine::steadily(|| {
        let flags = ["--workers", "6", "--rng", "1,2", "--keep-alive", "--window", "3s", "--no-confirm"];
        let (said, json) = measured(&Desk::new(), &flags);
        let limit = &steps(&json)[1]["verdict"]["limit"];
        assert_eq!(limit["kind"], "dispatch", "{}", said.stdout);
        assert_eq!(limit["cause"], "sticky_connections", "{}", said.stdout);
    });
}

#[test]
fn an_expectation_that_fails_ends_with_one() {
    machine::steadily(|| {
        let desk = Desk::new();
        let flags =
            ["--workers", "1", "--rng", "1", "--window", "1s", "--no-confirm", "--expect", "bottleneck=rng"];
        let said = start(&desk, &flags).finish(A_LAB);
        assert_eq!(said.status.code(), Some(1), "{said:?}");
        let line = [said.stdout.as_str(), &said.stderr].join("\n");
        let line = line.lines().find(|line| line.contains("FAILED")).expect("what failed");
        assert!(line.contains("rng") && line.contains("workers"), "{line}");
    });
}

#[test]
fn a_usage_error_ends_with_two_and_one_line() {
    let cases: [(&str, &str); 9] = [
        ("--workers", "ten"),
        ("--workers", "-1"),
        ("--workers", "0"),
        ("--workers", ""),
        ("--rng", "1,,2"),
        ("--window", "soon"),
        ("--window", "0s"),
        ("--think-time", "-1ms"),
        ("--expect", "bottleneck=rgn"),
    ];
    for (flag, value) in cases {
        let said = run(LOADGEN, &["lab", &format!("{flag}={value}")], SOON);
        assert_eq!(said.status.code(), Some(2), "{flag}={value}: {said:?}");
        let lines: Vec<&str> = said.stderr.lines().filter(|line| !line.trim().is_empty()).collect();
        assert!(lines.len() == 1 && lines[0].contains(flag), "{flag}={value}:\n{}", said.stderr);
    }
}

#[test]
fn a_report_that_cannot_be_written_is_said_before_the_sweep() {
    let said = run(LOADGEN, &["lab", "--json", "/no/such/folder/lab.json"], SOON);
    assert_eq!(said.status.code(), Some(2), "{said:?}");
    assert!(said.stderr.contains("--json"), "{said:?}");
}
