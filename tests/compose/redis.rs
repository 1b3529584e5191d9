//! What was counted survives Redis, and what a worker did survives it up to its last second.

use std::time::Duration;

use crate::harness::compose::Stack;
use crate::harness::container::Container;
use crate::harness::figures::Figures;
use crate::harness::metrics::Metrics;
use crate::harness::wait::eventually;

const SOON: Duration = Duration::from_secs(30);

/// A worker tells Redis once a second, at the end of a cycle of 0.3 s; one more hash may have been on its way to it.
const MOST_LOST: u64 = 4 + 1;

/// The counter, from Redis itself.
fn counted(stack: &Stack) -> u64 {
    let said = stack.done(&["exec", "-T", "redis", "redis-cli", "get", "hashes"]);
    said.trim().parse().unwrap_or_else(|_| panic!("a number, not {said:?}"))
}

/// What a worker says it has done.
fn logged(worker: &Container) -> u64 {
    let units = |line: &str| {
        let (before, _) = line.split_once(" units of work done")?;
        before.rsplit(|end: char| !end.is_ascii_digit()).next()?.parse::<u64>().ok()
    };
    worker.logs().lines().filter_map(units).sum()
}

#[test]
#[ignore = "needs Docker"]
fn when_redis_is_killed_and_brought_up_again_every_unit_of_work_counts_once() {
    let stack = Stack::new("redis");
    let up = || stack.up(&["worker=4"]);
    up();
    let webui = stack.webui();
    let hashes = || eventually("hashes", SOON, || Figures::of(webui)).hashes;
    for _ in 0..2 {
        let before = hashes();
        eventually("a batch", SOON, || (hashes() > before).then_some(()));
        stack.done(&["kill", "redis"]);
        up();
        assert!(hashes() >= before, "what was counted survives");
    }
    let before = hashes();
    eventually("a batch", SOON, || (hashes() > before).then_some(()));
    stack.done(&["stop", "worker"]);
    let logged: u64 = stack.containers("worker").iter().map(logged).sum();
    assert!(logged > 0);
    assert_eq!(counted(&stack), logged);
}

#[test]
#[ignore = "needs Docker"]
fn a_killed_worker_takes_at_most_its_last_second_with_it() {
    let stack = Stack::new("killed");
    stack.up(&[]);
    let webui = stack.webui();
    eventually("three batches", SOON, || Figures::of(webui).filter(|figures| figures.hashes >= 12));
    stack.done(&["kill", "worker"]);
    assert!(!stack.container("worker").runs());
    let answers = Metrics::of(stack.container("hasher").admin());
    let done = answers.count("dockercoins_station_completions_total", &[]);
    let counted = counted(&stack);
    assert!(counted <= done && done - counted <= MOST_LOST, "{counted} of {done}");
}
