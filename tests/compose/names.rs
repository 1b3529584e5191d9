//! Docker's name server knows all replicas of a service.

use std::collections::BTreeSet;

use crate::harness::compose::Stack;

/// Docker shuffles the addresses, and each ping goes to the first: one of three is missed once in three million times.
const PINGS: &str = "40";

#[test]
#[ignore = "needs Docker"]
fn the_name_of_three_replicas_leads_to_three_addresses() {
    let stack = Stack::new("names");
    stack.up(&["rng=3"]);
    let said = stack.done(&["run", "--rm", "loadgen", "ping", "rng", "-c", PINGS, "-i", "0.02"]);
    let peer = |line: &str| Some(line.split_once("connected to ")?.1.split_once(' ')?.0.to_owned());
    let reached: BTreeSet<String> = said.lines().filter_map(peer).collect();
    let known: BTreeSet<String> =
        stack.containers("rng").iter().map(|rng| format!("{}:80", rng.address())).collect();
    assert_eq!(reached, known, "{said}");
}
