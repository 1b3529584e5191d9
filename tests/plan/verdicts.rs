//! What is named as the bottleneck, and what is left behind.

use rustix::process::Signal;

use super::{A_PLAN, Folder, SHORT, SOON, shipped};
use crate::harness::machine;
use crate::harness::process::marked;
use crate::harness::report::{number, steps};
use crate::harness::wait::eventually;

const WORKERS_ONLY: &str = r#"warm_up = "3s"
window = "8s"
steps = [{ replicas = { worker = 1 } }, { replicas = { worker = 10 } }]
"#;

/// No rng is added and no metric is read: what its probe waits is all there is to tell it by. Its queue is made longer than
/// anything that a busy machine makes one wait.
#[test]
fn rng_is_named_from_probe_latency_alone() {
    machine::steadily(|| {
        let folder = Folder::new();
        let (said, report) = folder.run(&folder.plan(&slow_dockercoins()));
        assert_eq!(said.status.code(), Some(0), "{said:?}");
        assert!(said.stdout.contains("The bottleneck is rng"), "{}", said.stdout);
        assert_eq!(report["conclusion"]["bottleneck"], "rng");
        let wait = |step: usize| number(&steps(&report)[step]["seen"]["probes"][0]["mean_seconds"]);
        assert!(wait(1) > 1.5 && wait(1) > 3.0 * wait(0), "{}", said.stdout);
        folder.assert_clean();
    });
}

fn slow_dockercoins() -> String {
    let text = shipped("dockercoins.toml", WORKERS_ONLY);
    text.replacen("service rng ", "service rng --service-time 300ms ", 1)
}

#[test]
fn the_shop_s_database_is_named_and_more_web_servers_buy_nothing() {
    machine::steadily(|| {
        let folder = Folder::new();
        let (said, report) = folder.run(&folder.plan(&slow_shop()));
        assert_eq!(said.status.code(), Some(0), "{said:?}");
        assert!(said.stdout.contains("The bottleneck is database"), "{}", said.stdout);
        for evidence in ["web 1 → 3 buys", "nothing", "database 1 → 2 buys"] {
            assert!(said.stdout.contains(evidence), "{evidence}: {}", said.stdout);
        }
        let throughput = |step: usize| number(&steps(&report)[step]["seen"]["throughput_per_second"]);
        let ratios = [throughput(3) / throughput(2), throughput(4) / throughput(2)];
        assert!((ratios[0] - 1.0).abs() < 0.25 && (ratios[1] - 2.0).abs() < 0.5, "{}", said.stdout);
        assert!(said.stderr.contains("$ "), "commands are told: {}", said.stderr);
        folder.assert_clean();
    });
}

/// Requests that come at random instants wait now and then, and the more so the more there are of them. Nobody gets less for it.
#[test]
fn a_load_that_is_answered_is_the_limit_itself_although_probes_wait() {
    machine::steadily(|| {
        let folder = Folder::new();
        let sweep = "window = \"4s\"\nwarm_up = \"500ms\"\nsteps = [{ rate = 10 }, { rate = 35 }]\n";
        let plan = shipped("shop/plan.toml", sweep).replace("bottleneck=database", "bottleneck=rate");
        let (said, report) = folder.run(&folder.plan(&plan));
        assert_eq!(said.status.code(), Some(0), "{said:?}");
        assert!(said.stdout.contains("The limit is the load itself"), "{}", said.stdout);
        let first = &steps(&report)[0]["seen"];
        assert!((number(&first["warm_up_seconds"]) - 0.5).abs() < 0.1, "{first}");
        folder.assert_clean();
    });
}

fn slow_shop() -> String {
    shipped("shop/plan.toml", &SHORT.replace("\"2s\"", "\"4s\"")).replace("20ms", "100ms")
}

#[test]
fn an_interrupt_reports_the_steps_measured_and_ends_all_children() {
    machine::steadily(|| {
        let folder = Folder::new();
        let mut lab = folder.start(&folder.plan(&shipped("shop/plan.toml", SHORT)));
        let measured = |line: &str| line.starts_with("database=1 web=1 connections=4: ").then_some(());
        lab.stderr().find("the second step", A_PLAN, measured);
        lab.signal(Signal::INT);
        let said = lab.finish(SOON);
        assert_eq!(said.status.code(), Some(130), "{said:?}");
        assert!(said.stdout.contains("INTERRUPTED: 2 of 5 steps"), "{}", said.stdout);
        assert_eq!(steps(&folder.report()).len(), 2);
        folder.assert_clean();
    });
}

#[test]
fn a_lab_that_is_killed_leaves_no_child() {
    let folder = Folder::new();
    let mut lab = folder.start(&folder.plan(&shipped("shop/plan.toml", SHORT)));
    let children = || (marked(folder.0.path()).len() > 3).then_some(());
    eventually("children", SOON, children);
    lab.kill();
    let gone = || marked(folder.0.path()).is_empty().then_some(());
    eventually("the end of all children", SOON, gone);
}

#[test]
fn a_lab_that_is_killed_leaves_no_child_that_ignores_its_end_either() {
    let folder = Folder::new();
    let deaf =
        shipped("shop/plan.toml", SHORT).replacen("run = \"\"\"", "run = \"\"\"trap '' TERM INT HUP; ", 1);
    assert!(deaf.contains("trap"), "{deaf}");
    let mut lab = folder.start(&folder.plan(&deaf));
    let measured = |line: &str| line.starts_with("database=1 web=1 connections=1: ").then_some(());
    lab.stderr().find("the first step", A_PLAN, measured);
    lab.kill();
    let gone = || marked(folder.0.path()).is_empty().then_some(());
    eventually("the end of all children", SOON, gone);
}

#[test]
fn an_expectation_that_does_not_hold_ends_with_one() {
    machine::steadily(|| {
        let folder = Folder::new();
        let steps = r#"window = "1s"
warm_up = "200ms"
steps = [{ connections = 1 }, { connections = 8, expect = ["p99<1ms"] }]
"#;
        let (said, report) = folder.run(&folder.plan(&shipped("shop/plan.toml", steps)));
        assert_eq!(said.status.code(), Some(1), "{said:?}");
        assert!(said.stdout.contains("FAILED: expected p99<1ms"), "{}", said.stdout);
        assert_eq!(report["conclusion"]["outcome"], "expectation_failed");
        folder.assert_clean();
    });
}

/// The page has no such path: what answers there knows nothing of a queue.
#[test]
fn a_probe_that_is_refused_is_told_and_does_not_end_the_lab() {
    let folder = Folder::new();
    let plan = shipped("shop/plan.toml", SHORT).replacen(r#"{port}/""#, r#"{port}/no-such-path""#, 1);
    assert!(plan.contains("no-such-path"), "{plan}");
    let mut lab = folder.start(&folder.plan(&plan));
    let told = |line: &str| (line.contains("answers 4") && line.contains("its probe")).then_some(());
    lab.stderr().find("the refusal", A_PLAN, told);
    lab.signal(Signal::INT);
    assert_eq!(lab.finish(SOON).status.code(), Some(130));
    folder.assert_clean();
}
