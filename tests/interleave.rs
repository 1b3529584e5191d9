//! `loadgen lab --interleave`: two builds in turn, in short A/Bs. How often it is right: `cargo bench --bench gate`.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use rustix::process::Signal;

use crate::harness::process::descendants;
use crate::harness::program::{Finished, Program};
use crate::harness::sweep::{Desk, names_in};
use crate::harness::wait::eventually;
use crate::harness::{DOCKERCOINS, LOADGEN, machine};

const SOON: Duration = Duration::from_secs(30);

const AN_AB: Duration = Duration::from_secs(60);

/// Some pairs of short blocks: the noise of a busy machine is below this threshold, and what is planted above it.
const SHORT: [&str; 8] = [
    "lab",
    "--no-report",
    "--workers=8",
    "--rng=1",
    "--window=2s",
    "--duration=24s",
    "--threshold=25%",
    "--interleave",
];

/// As few blocks as there may be, of builds that are not judged.
const SHORTEST: [&str; 6] =
    ["lab", "--workers=2", "--rng=1", "--window=1s", "--duration=6s", "--threshold=90%"];

/// A program in that folder that becomes `loadgen`, after `script`, which sees its arguments.
fn build(desk: &Desk, name: &str, script: &str) {
    desk.write(name, &format!("#!/bin/sh\n{script}\nexec '{LOADGEN}' \"$@\"\n"));
    fs::set_permissions(desk.path(name), fs::Permissions::from_mode(0o755)).expect("our own file");
}

/// One whose rng takes 40 % longer.
fn slower(desk: &Desk) {
    build(
        desk,
        "slower",
        r#"if [ "$2" = rng ]; then for word; do shift; [ "$word" = 100ms ] && word=140ms; set -- "$@" "$word"; done; fi"#,
    );
}

/// Whether it says itself that nothing can be told on a machine that is overrun.
fn cannot_be_told(said: &Finished) -> bool {
    machine::is_overrun() && said.status.code() == Some(3) && said.stdout.contains("INCONCLUSIVE: ")
}

fn ab(desk: &Desk, words: &[&str]) -> Finished {
    desk.loadgen(&[&SHORT[..], words].concat())
}

#[test]
fn a_build_with_a_slower_rng_is_a_regression_with_rng_to_blame() {
    machine::steadily(|| {
        let desk = Desk::new();
        slower(&desk);
        let files = ["--json=ab.json", "--markdown=ab.md", "--junit=ab.xml"];
        let said = ab(&desk, &[&[LOADGEN, "--candidate=slower"], &files[..]].concat());
        assert_eq!(said.status.code(), Some(1), "{said:?}");
        let blame = "rng is to blame: its service time was 100.0 ms and is 140.0 ms.";
        assert!(said.stdout.contains("REGRESSION") && said.stdout.contains(blame), "{}", said.stdout);
        let json = desk.json("ab.json");
        assert_eq!(
            (&json["schema"], &json["ruling"]),
            (&"loadgen-interleave/1".into(), &"regression".into())
        );
        let [throughput, _, rng, hasher] = [0, 1, 2, 3].map(|index| &json["changes"][index]);
        let fell = throughput["change"].as_f64().is_some_and(|change| change < -0.1);
        assert!(fell || machine::is_overrun(), "{throughput}");
        assert_eq!((&rng["ruling"], &hasher["ruling"]), (&"regression".into(), &"pass".into()));
        assert!(desk.text("ab.md").starts_with("### REGRESSION") && desk.text("ab.md").contains(blame));
        assert!(desk.text("ab.xml").contains("<failure message=\"rng's service time at worker=8 rng=1"));
    });
}

#[test]
fn equal_builds_pass_whichever_of_the_two_programs_they_are() {
    machine::steadily(|| {
        let desk = Desk::new();
        let said = ab(&desk, &[DOCKERCOINS]);
        if cannot_be_told(&said) {
            return;
        }
        assert_eq!(said.status.code(), Some(0), "{said:?}");
        assert!(
            said.stdout.contains("No regression: nothing is worse by more than 25 %."),
            "{}",
            said.stdout
        );
    });
}

#[test]
fn a_faster_build_passes_and_is_called_better() {
    machine::steadily(|| {
        let desk = Desk::new();
        slower(&desk);
        let said = ab(&desk, &["slower"]);
        if cannot_be_told(&said) {
            return;
        }
        assert_eq!(said.status.code(), Some(0), "{said:?}");
        assert!(said.stdout.contains("better"), "{}", said.stdout);
    });
}

#[test]
fn what_is_no_build_is_one_line_before_anything_is_started() {
    let desk = Desk::new();
    build(&desk, "stranger", "echo stranger 1.0; exit 0");
    build(&desk, "endless", "exec yes loadgen");
    desk.write("notes", "hello");
    for (words, wrong) in [
        (vec!["missing"], "--interleave missing: No such file"),
        (vec!["."], "it is no file"),
        (vec!["notes"], "it is not executable"),
        (vec!["stranger"], "it answers --version with \"stranger 1.0\""),
        (vec!["endless"], "it answers --version with 4096 bytes and more"),
        (vec!["no\nfile"], "--interleave no file: No such file"),
        (vec![LOADGEN, "--candidate=notes"], "--candidate notes: it is not executable"),
    ] {
        ab(&desk, &words).assert_complains(2, &[wrong, "give the loadgen or the dockercoins of a build"]);
    }
    ab(&desk, &[LOADGEN, "--backend=compose"]).assert_complains(2, &["--interleave", "leave --backend out"]);
    let short = desk.loadgen(&["lab", "--interleave", LOADGEN, "--duration=5s"]);
    short.assert_complains(2, &["--duration 5s is too short for 1 step", "give at least"]);
    // As much as would do can be given, or else something other is told to do.
    let long = desk.loadgen(&["lab", "--interleave", LOADGEN, "--window=20m"]);
    long.assert_complains(
        2,
        &["--duration 2m is too short for 1 step(s) with --window 20m: give at least 1h20m2s"],
    );
    let longer = ["lab", "--interleave", LOADGEN, "--window=1h", "--rng=1,2,3,4,5,6,7", "--duration=1h20m2s"];
    desk.loadgen(&longer).assert_complains(2, &["7 step(s)", "give fewer steps or a shorter --window"]);
    for flag in ["--plan=x", "--experiment=kill", "--expect=model=2%", "--probe-rate=1"] {
        desk.loadgen(&["lab", "--interleave", LOADGEN, flag]).assert_complains(2, &["--interleave"]);
    }
    desk.loadgen(&["lab", "--candidate=x"]).assert_complains(2, &["--interleave"]);
    assert!(!desk.path("lab-report").exists());
}

#[test]
fn an_interrupt_is_heard_while_a_program_does_not_tell_what_it_is() {
    let desk = Desk::new();
    build(&desk, "hangs", "touch asked; sleep 600; exit 0");
    let mut ab = desk.start(&["lab", "--interleave", "hangs"]);
    eventually("the question", SOON, || desk.path("asked").exists().then_some(()));
    ab.signal(Signal::TERM);
    let said = ab.finish(Duration::from_secs(10));
    assert_eq!((said.status.code(), said.stdout.as_str()), (Some(130), ""), "{said:?}");
    eventually("the end of all it started", SOON, || desk.processes().is_empty().then_some(()));
}

#[test]
fn what_was_measured_is_told_even_if_a_file_cannot_be_written() {
    machine::steadily(|| {
        let desk = Desk::new();
        let outputs = ["--no-report", "--json=/dev/full", "--junit=ab.xml", "--interleave", LOADGEN];
        let said = desk.loadgen(&[&SHORTEST[..], &outputs].concat());
        assert_eq!(said.status.code(), Some(2), "{said:?}");
        let complaint =
            "cannot write /dev/full: No space left on device (os error 28); choose another file with --json";
        assert!(said.stderr.contains(complaint), "{said:?}");
        assert!(
            said.stdout.contains("throughput") && said.stdout.contains("both builds are the same file"),
            "{said:?}"
        );
        assert!(desk.text("ab.xml").contains("<testsuites name=\"loadgen interleave\""));
    });
}

#[test]
fn an_ab_leaves_a_report_that_its_json_gives_anew() {
    machine::steadily(|| {
        let desk = Desk::new();
        let said = desk
            .loadgen(&[&SHORTEST[..], &["--report=first", "--csv=ab.csv", "--interleave", LOADGEN]].concat());
        assert!(matches!(said.status.code(), Some(0 | 3)), "{said:?}");
        assert!(
            said.stdout.trim_end().ends_with("The report with pictures: first/index.html"),
            "{}",
            said.stdout
        );
        let names = names_in(&desk.path("first"));
        for name in
            ["index.html", "lab.json", "changes.svg", "blocks-throughput.svg", "steps.csv", "summary.md"]
        {
            assert!(names.iter().any(|it| it == name), "{names:?}");
        }
        assert_eq!(
            (desk.text("ab.csv"), desk.text("ab.csv").lines().count()),
            (desk.text("first/steps.csv"), 5)
        );
        let again = desk.loadgen(&["report", "first/lab.json", "--output=second"]);
        assert_eq!(again.status.code(), Some(0), "{again:?}");
        assert_eq!(names, names_in(&desk.path("second")));
        for name in names {
            assert_eq!(desk.text(&format!("first/{name}")), desk.text(&format!("second/{name}")), "{name}");
        }
        let compared = desk.loadgen(&["compare", "first/lab.json", "first/lab.json"]);
        compared
            .assert_complains(2, &["first/lab.json is of lab --interleave", "loadgen report first/lab.json"]);
        let predicted = desk.loadgen(&["predict", "--from=first/lab.json"]);
        predicted.assert_complains(2, &["first/lab.json is the report of an A/B", "give that of a sweep"]);
    });
}

#[test]
fn a_build_that_does_not_start_is_named_with_what_it_said() {
    let desk = Desk::new();
    build(
        &desk,
        "old",
        r#"[ "$1" = service ] && { echo "unexpected argument '--supervised'" >&2; exit 2; }"#,
    );
    let said = ab(&desk, &["old", "--quiet"]);
    said.assert_complains(
        4,
        &["the base build: store-1 failed to start", "unexpected argument '--supervised'"],
    );
    assert!(desk.processes().is_empty());
    // A gate that looks at files learns of it as well.
    let said = ab(&desk, &["old", "--quiet", "--json=ab.json", "--junit=ab.xml"]);
    assert_eq!(said.status.code(), Some(4), "{said:?}");
    assert_eq!(desk.json("ab.json")["interleaved"]["outcome"], "backend_failed");
    assert!(desk.text("ab.xml").contains("<error message=\"CUT SHORT: the base build: store-1"));
}

#[test]
fn an_interrupt_reports_what_there_is_and_leaves_nothing() {
    machine::steadily(|| {
        let (desk, outside) = (Desk::new(), Desk::new());
        let mut command = desk.command(&["lab", "--no-report", "--interleave", LOADGEN, "--json", "ab.json"]);
        let mut ab = Program::start(command.current_dir(outside.path("")));
        let measured = |line: &str| line.starts_with("worker=16 rng=1: ").then_some(());
        ab.stderr().find("the first pair", AN_AB, measured);
        let family = descendants(ab.process().pid());
        ab.signal(Signal::INT);
        let said = ab.finish(SOON);
        assert_eq!(said.status.code(), Some(130), "{said:?}");
        assert!(
            said.stdout.contains("CUT SHORT (interrupted)") && said.stdout.contains("throughput"),
            "{}",
            said.stdout
        );
        assert!(!outside.json("ab.json")["interleaved"]["blocks"].as_array().expect("blocks").is_empty());
        let gone = || (!family.iter().any(|process| process.lives())).then_some(());
        eventually("the end of all children", SOON, gone);
        assert!(desk.processes().is_empty() && desk.files().is_empty(), "{:?}", desk.files());
    });
}
