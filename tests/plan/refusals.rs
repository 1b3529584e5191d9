//! Plans that cannot be carried out: one clear line.

use rustix::process::Signal;

use super::{Folder, SHORT, SOON, assert_refused, shipped};
use crate::harness::LOADGEN;
use crate::harness::process::marked;
use crate::harness::program::run;
use crate::harness::wait::eventually;

#[test]
fn a_plan_that_makes_no_sense_is_refused_with_line_and_key() {
    let folder = Folder::new();
    let good = shipped("shop/plan.toml", SHORT);
    for (from, to, parts) in [
        ("unit =", "units =", &["plan.toml:4:1", "units"][..]),
        ("web = 3", "wbe = 3", &["plan.toml:", "`wbe`", "database, web"]),
        ("web = 3", "web = \"many\"", &["plan.toml:", "web"]),
        ("window = \"2s\"", "window = 2", &["plan.toml:", "window", "10s"]),
    ] {
        assert!(good.contains(from), "{from}");
        let plan = folder.plan(&good.replacen(from, to, 1));
        let plan = plan.to_str().expect("a path");
        for words in [["lab", "--plan", plan], ["plan", "check", plan]] {
            let said = run(LOADGEN, &words, SOON);
            assert_refused(&said, 2, parts);
            assert_eq!(said.stderr.lines().count(), 1, "{said:?}");
        }
    }
    assert_refused(
        &run(LOADGEN, &["lab", "--plan", "/no/such/plan"], SOON),
        2,
        &["/no/such/plan", "path of a plan"],
    );
    let both = run(LOADGEN, &["lab", "--plan", "x", "--workers", "1"], SOON);
    assert_refused(&both, 2, &["--plan", "--workers"]);
}

/// As in `--plan <(…)`, when what writes the plan hangs.
#[test]
fn a_plan_that_nobody_writes_can_be_given_up() {
    let folder = Folder::new();
    let pipe = folder.0.path().join("plan.toml");
    rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR)
        .expect("a pipe");
    let mut lab = folder.start(&pipe);
    let waits = || (!marked(folder.0.path()).is_empty()).then_some(());
    eventually("the lab", SOON, waits);
    lab.signal(Signal::TERM);
    lab.finish(SOON);
    folder.assert_clean();
}

#[test]
fn plans_of_the_repository_are_in_order() {
    for name in ["dockercoins.toml", "kubernetes.toml", "original.toml", "shop/plan.toml"] {
        let path = format!("{}/loadgen/plans/{name}", env!("CARGO_MANIFEST_DIR"));
        let said = run(LOADGEN, &["plan", "check", &path], SOON);
        assert_eq!(said.status.code(), Some(0), "{said:?}");
        assert!(said.stdout.contains("steps"), "{said:?}");
    }
}

#[test]
fn a_service_that_does_not_start_is_named_with_what_it_said() {
    let folder = Folder::new();
    let plan = shipped("shop/plan.toml", SHORT).replace("--slots 1", "--slots none");
    let said = folder.start(&folder.plan(&plan)).finish(SOON);
    assert_refused(&said, 4, &["database-1", "--slots"]);
    folder.assert_clean();
}
