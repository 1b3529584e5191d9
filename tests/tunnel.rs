//! `dockercoins tunnel` with the lab's client at its other end.

use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use loadgen_lab::backend::tunnel::Tunnel;
use tokio::process::Command;
use tokio::task::spawn_blocking;

use crate::harness::DOCKERCOINS;
use crate::harness::http::{get, post};
use crate::harness::process::marked;
use crate::harness::program::run;
use crate::harness::service::Service;
use crate::harness::wait::eventually;

const SOON: Duration = Duration::from_secs(30);

fn program() -> Command {
    let mut command = Command::new(DOCKERCOINS);
    command.arg("tunnel");
    command
}

#[tokio::test]
async fn requests_pass_through_it_many_at_a_time() {
    let hasher = Service::start("hasher", &["--service-time", "200ms"]);
    let tunnel = Tunnel::open(program()).await.expect("a tunnel");
    let local = tunnel.local(hasher.address()).expect("an address");
    let began = Instant::now();
    let calls: Vec<_> = (0..75).map(|_| spawn_blocking(move || post(local, b"abc").text().len())).collect();
    for call in calls {
        assert_eq!(call.await.expect("an answer"), 64);
    }
    assert!(began.elapsed() < 30 * Duration::from_millis(200), "one after the other: {:?}", began.elapsed());
    let admin = tunnel.local(hasher.admin).expect("an address");
    let ready = spawn_blocking(move || get(admin, "/readyz").status).await.expect("an answer");
    assert_eq!(ready, 200);
}

#[tokio::test]
async fn its_program_ends_with_it() {
    let mark = format!("/its_program_ends_with_it/{}", std::process::id());
    let mut program = program();
    program.env("MARK", &mark);
    let tunnel = Tunnel::open(program).await.expect("a tunnel");
    let started = marked(Path::new(&mark));
    assert_eq!(started.len(), 1);
    drop(tunnel);
    eventually("the program's end", SOON, || (!started[0].lives()).then_some(()));
}

#[tokio::test]
async fn it_ends_with_its_input() {
    let mut program = program();
    program.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = program.spawn().expect("it starts");
    drop(child.stdin.take());
    tokio::time::timeout(SOON, child.wait()).await.expect("it ends").expect("our own child");
}

#[test]
fn without_pipes_it_says_what_it_wants() {
    let said = run(DOCKERCOINS, &["tunnel"], SOON);
    assert_eq!((said.status.code(), said.stderr.lines().count()), (Some(1), 1), "{said:?}");
    assert!(said.stderr.contains("standard input") && said.stderr.contains("docker exec -i"), "{said:?}");
}
