//! Where the containers' addresses lead nowhere, as with Docker Desktop, the lab goes through one of them.

use std::process::Command;
use std::time::Duration;

use crate::harness::compose::Stack;
use crate::harness::machine::in_a_few_tries;
use crate::harness::program::{Finished, Program};

const A_LAB: Duration = Duration::from_secs(120);
const SHORT: [&str; 7] = ["--workers", "1,4", "--rng", "1", "--window", "2s", "--no-confirm"];

/// The same command in a network of its own, from which Docker's socket is all that can be reached.
fn alone(command: &Command) -> Command {
    let mut alone = Command::new("unshare");
    alone.args(["--map-root-user", "--net", "sh", "-c", "ip link set lo up && exec \"$@\"", "sh"]);
    alone.arg(command.get_program()).args(command.get_args());
    alone.envs(command.get_envs().filter_map(|(key, value)| Some((key, value?))));
    alone
}

fn finish(mut command: Command) -> Finished {
    Program::start(&mut command).finish(A_LAB)
}

fn assert_measured_through_the_tunnel(said: &Finished) {
    assert_eq!(said.status.code(), Some(0), "{said:?}");
    assert!(said.stdout.contains("The bottleneck is rng"), "{}", said.stdout);
    let tunnel = |line: &str| line.starts_with("$ docker exec -i ") && line.ends_with(" /dockercoins tunnel");
    assert!(said.stderr.lines().any(tunnel), "{}", said.stderr);
}

#[test]
#[ignore = "needs Docker"]
fn from_where_no_container_can_be_reached_the_lab_measures_through_a_tunnel() {
    in_a_few_tries(|| {
        let stack = Stack::new("tunnel");
        stack.up(&[]);
        assert_measured_through_the_tunnel(&finish(alone(&stack.lab(&SHORT))));
        assert_measured_through_the_tunnel(&finish(
            stack.lab(&[&SHORT[..], &["--reach", "tunnel"]].concat()),
        ));
        let said = finish(alone(&stack.lab(&[&SHORT[..], &["--reach", "direct", "--quiet"]].concat())));
        assert_eq!((said.status.code(), said.stderr.lines().count()), (Some(4), 1), "{said:?}");
        assert!(said.stderr.contains("--reach"), "{}", said.stderr);
        assert_eq!(stack.counts(["worker", "rng"]), [1, 1]);
    });
}
