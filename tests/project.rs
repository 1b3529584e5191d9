//! `loadgen up | scale | ps | logs | down`: the Compose experience without Docker, and nothing left behind.

use std::collections::BTreeSet;
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::harness::http::get;
use crate::harness::machine;
use crate::harness::process::{Process, descendants};
use crate::harness::project::{Project, Replica, announced};
use crate::harness::wait::eventually;

const SOON: Duration = Duration::from_secs(30);

/// Children whose supervisor was killed end as gracefully as ever, within the grace period of 5 s; longer on a busy machine.
const ORPHANS: Duration = Duration::from_secs(20);

/// Nobody is left, but for the moment that the kernel takes to say so.
const ALREADY: Duration = Duration::from_secs(5);

fn closed(address: SocketAddr) -> bool {
    TcpStream::connect_timeout(&address, Duration::from_secs(1)).is_err()
}

#[track_caller]
fn assert_all_gone(processes: &[Process], within: Duration) {
    let alive = || processes.iter().filter(|process| process.lives()).map(|process| process.command_line());
    let gone = || alive().next().is_none().then_some(());
    let what = format!("the end of {:?}", alive().collect::<Vec<_>>());
    eventually(&what, within, gone);
}

#[test]
fn up_ps_scale_logs_down_leaves_nothing_behind() {
    let project = Project::new("whole");
    let said = project.up(&[]).stdout;
    let addresses = ["webui", "rng", "hasher"].map(|service| announced(&said, service));
    assert!(get(addresses[1], "/").text().starts_with("RNG running on "));
    assert!(get(addresses[2], "/").text().starts_with("HASHER running on "));
    eventually("hashes on the page", SOON, || get(addresses[0], "/json").json()["hashes"].as_str().map(drop));

    let services: BTreeSet<_> = project.ps().iter().map(|replica| replica.service().to_owned()).collect();
    for service in ["rng", "hasher", "worker", "webui"] {
        assert!(services.contains(service), "{services:?}");
    }
    project.done(&["scale", "worker=3"]);
    assert_eq!(project.ps_of("worker").len(), 3);
    let table = project.done(&["ps"]).stdout;
    assert!(table.lines().filter(|line| line.contains("worker")).count() >= 3, "{table}");
    let logs = project.done(&["logs", "rng"]).stdout;
    assert!(logs.contains("rng running as "), "{logs}");

    let processes = project.processes();
    project.done(&["down"]);
    assert_all_gone(&processes, ALREADY);
    assert!(project.processes().is_empty() && project.files().is_empty(), "{:?}", project.files());
    assert!(addresses.into_iter().all(closed));
}

#[test]
fn ps_shows_what_a_person_wants_to_know_of_each_replica() {
    let project = Project::new("ps");
    project.up(&[]);
    for replica in project.ps() {
        assert!(replica.process().is_some(), "{:?}", replica.fields());
        let known: Vec<&String> = replica.fields().as_object().expect("an object").keys().collect();
        for part in ["pid", "state", "cpu", "rss_bytes", "requests", "utilisation"] {
            assert!(known.iter().any(|key| key.contains(part)), "no {part} among {known:?}");
        }
    }
    let header = project.done(&["ps"]).stdout.to_lowercase();
    for part in ["replica", "pid", "state", "cpu", "requests", "util"] {
        assert!(header.contains(part), "no {part} in\n{header}");
    }
}

#[test]
fn the_logs_of_all_services_can_be_cut_and_followed() {
    let project = Project::new("logs");
    project.up(&[]);
    let all = project.done(&["logs"]).stdout;
    for service in ["rng", "hasher", "worker", "webui"] {
        assert!(all.contains(&format!("{service} running as ")), "{all}");
    }
    assert_eq!(project.done(&["logs", "--tail", "1", "rng"]).stdout.lines().count(), 1);
    let follower = project.start(&["logs", "-f", "worker"]);
    let line = |line: &str| line.contains("units of work done").then_some(());
    follower.stdout().find("work done later", SOON, line);
    let mut follower = follower;
    project.done(&["down"]);
    follower.finish(SOON);
}

#[test]
fn the_port_of_a_service_leads_to_each_replica_in_turn() {
    let project = Project::new("turns");
    let rng = announced(&project.up(&["--scale", "worker=0", "--scale", "rng=3"]).stdout, "rng");
    let served: Vec<String> =
        (0..6).map(|_| get(rng, "/").header("x-served-by").expect("a name").to_owned()).collect();
    assert_eq!(served.iter().collect::<BTreeSet<_>>().len(), 3, "{served:?}");
    assert_eq!(served[..3], served[3..]);
}

#[test]
fn scaling_up_and_down_drops_no_request() {
    let project = Project::new("drops");
    let hasher = announced(&project.up(&["--scale", "worker=0"]).stdout, "hasher");
    let done = Arc::new(AtomicBool::new(false));
    let until = Arc::clone(&done);
    let client = thread::spawn(move || {
        let mut statuses = Vec::new();
        while !until.load(Ordering::SeqCst) {
            statuses.push(get(hasher, "/").status);
        }
        statuses
    });
    for scale in ["hasher=3", "hasher=1", "hasher=2", "hasher=1"] {
        project.done(&["scale", scale]);
    }
    done.store(true, Ordering::SeqCst);
    let statuses = client.join().expect("every request was answered");
    assert!(statuses.len() > 20 && statuses.iter().all(|status| *status == 200), "{statuses:?}");
}

#[test]
fn fifty_workers_come_in_time_and_go_again() {
    machine::busily(|| {
        let project = Project::new("fifty");
        project.up(&[]);
        let start = Instant::now();
        project.done(&["scale", "worker=50"]);
        assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
        assert_eq!(project.ps_of("worker").len(), 50);
        project.done(&["scale", "worker=1"]);
        assert_eq!(project.ps_of("worker").len(), 1);
        let processes = project.processes().into_iter();
        assert_eq!(processes.filter(|process| process.command_line().contains("worker")).count(), 1);
        project.done(&["down"]);
        assert!(project.processes().is_empty());
    });
}

#[test]
fn scaling_to_zero_stops_the_work_and_one_starts_it_again() {
    let project = Project::new("zero");
    let webui = announced(&project.up(&[]).stdout, "webui");
    let hashes =
        || get(webui, "/json").json()["hashes"].as_str().map(|count| count.parse::<u64>().expect("a number"));
    eventually("work", SOON, hashes);
    project.done(&["scale", "worker=0"]);
    assert!(project.ps_of("worker").is_empty());
    let before = hashes();
    project.done(&["scale", "worker=1"]);
    eventually("more work", SOON, || (hashes() > before).then_some(()));
}

#[test]
fn a_killed_child_is_restarted_and_ps_says_so() {
    let project = Project::new("restart");
    let rng = announced(&project.up(&[]).stdout, "rng");
    let victim = project.ps_of("rng")[0].process().expect("a pid");
    victim.signal(Signal::KILL);
    let successor = || {
        let replica = project.ps_of("rng").pop()?;
        let process = replica.process().filter(|process| process.pid() != victim.pid())?;
        (replica.state() == "running" && process.lives()).then_some(replica)
    };
    let replica = eventually("another rng", SOON, successor);
    let fields = replica.fields().to_string();
    assert!(fields.contains("restart"), "{fields}");
    assert_eq!(replica.fields()["restarts"], 1, "{fields}");
    assert!(project.done(&["ps"]).stdout.contains("restart"));
    assert_eq!(get(rng, "/32").status, 200);
}

#[test]
fn a_killed_supervisor_leaves_no_child() {
    let project = Project::new("orphans");
    let mut up = project.start_up(&["--scale", "worker=3"]);
    eventually("three workers", SOON, || {
        let said = project.run(&["ps"]);
        (said.status.success() && said.stdout.matches("worker").count() >= 3).then_some(())
    });
    let children = descendants(up.process().pid());
    assert!(children.len() >= 6, "{children:?}");
    up.kill();
    assert_all_gone(&children, ORPHANS);
    assert!(project.processes().is_empty());
    project.up(&[]);
    project.done(&["down"]);
}

#[test]
fn a_killed_supervisor_in_the_background_leaves_no_child() {
    let project = Project::new("daemon");
    let ports = announced(&project.up(&[]).stdout, "rng");
    let everyone = project.processes();
    let supervisor = everyone.iter().find(|process| !descendants(process.pid()).is_empty());
    supervisor.expect("a supervisor").signal(Signal::KILL);
    assert_all_gone(&everyone, ORPHANS);
    assert!(closed(ports));
}

#[test]
fn up_in_the_foreground_shows_the_logs_and_ends_with_an_interrupt() {
    let project = Project::new("foreground");
    let mut up = project.start_up(&[]);
    let working = |line: &str| line.contains("units of work done").then_some(());
    up.stdout().find("the worker's log", SOON, working);
    let children = descendants(up.process().pid());
    up.signal(Signal::INT);
    let said = up.finish(SOON);
    assert!(matches!(said.status.code(), Some(0 | 130)), "{said:?}");
    assert_all_gone(&children, ALREADY);
    assert!(project.processes().is_empty() && project.files().is_empty(), "{:?}", project.files());
}

#[test]
fn up_twice_says_that_the_project_runs_and_changes_nothing() {
    let project = Project::new("twice");
    let first = project.up(&[]).stdout;
    let before: Vec<_> = project.ps().iter().map(Replica::process).collect();
    let second = project.up(&[]).stdout;
    assert!(second.contains("twice-") && second.contains("already up"), "{second}");
    assert_eq!(announced(&second, "rng"), announced(&first, "rng"));
    assert_eq!(project.ps().iter().map(Replica::process).collect::<Vec<_>>(), before);
}

#[test]
fn two_projects_live_beside_each_other() {
    let [one, other] = ["one", "other"].map(Project::new);
    let ports = [&one, &other].map(|project| announced(&project.up(&["--scale", "worker=0"]).stdout, "rng"));
    assert_ne!(ports[0], ports[1]);
    one.done(&["down"]);
    assert!(closed(ports[0]));
    assert_eq!(get(ports[1], "/").status, 200);
}
