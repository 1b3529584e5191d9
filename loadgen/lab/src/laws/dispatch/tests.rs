//! The chain against the design's table to its last digit, and chain and simulation against each other.

use super::design::DESIGN;
use super::*;

fn closed(clients: usize, replicas: usize) -> RandomDispatch {
    RandomDispatch {
        clients,
        think_time: Seconds(0.2),
        service_time: Seconds(0.1),
        replicas: NonZeroUsize::new(replicas).unwrap(),
        slots: NonZeroUsize::MIN,
    }
}

fn place(closed: &RandomDispatch) -> Place {
    Place {
        service_time: closed.service_time,
        replicas: closed.replicas.get(),
        slots: closed.slots.get(),
        dispatch: Dispatch::Random,
    }
}

fn simulated(closed: &RandomDispatch) -> Throughput {
    simulation::run(closed.clients, closed.think_time, &[place(closed)]).0
}

#[track_caller]
fn assert_near(actual: Throughput, expected: Throughput, tolerance: f64) {
    assert!((actual.0 / expected.0 - 1.0).abs() <= tolerance, "{actual:.3} is not {expected:.3}");
}

#[test]
fn the_chain_gives_the_designs_table_to_its_last_digit() {
    for line in DESIGN.lines() {
        let mut cells = line.split_whitespace();
        let clients: usize = cells.next().unwrap().parse().unwrap();
        for (replicas, expected) in (1..).zip(cells) {
            let found = closed(clients, replicas).by_chain().unwrap().0;
            assert_eq!(format!("{:.2}", found.0), expected, "N = {clients}, m = {replicas}");
        }
    }
}

#[test]
fn one_replica_and_plenty_of_them_need_no_choice() {
    for think_time in [0.0, 0.05, 0.2, 0.23, 0.31] {
        for clients in 1..6 {
            let think_time = Seconds(think_time);
            let alone = RandomDispatch { think_time, ..closed(clients, 1) };
            let unqueued = clients as f64 / (think_time + Seconds(0.1));
            assert_near(alone.throughput(), Throughput(unqueued.0.min(10.0)), 1e-6);
            let plenty = RandomDispatch { think_time, ..closed(clients, 3000) };
            assert_near(plenty.throughput(), unqueued, 0.003);
        }
    }
}

#[test]
fn chain_and_simulation_agree_also_near_whole_ratios() {
    for (think_time, clients, replicas, slots) in
        [(0.2, 10, 2, 1), (0.203, 10, 3, 1), (0.198, 7, 2, 1), (0.002, 5, 2, 1), (0.2, 15, 2, 2)]
    {
        let closed = RandomDispatch {
            think_time: Seconds(think_time),
            slots: NonZeroUsize::new(slots).unwrap(),
            ..closed(clients, replicas)
        };
        assert_near(closed.by_chain().unwrap().0, simulated(&closed), 0.006);
    }
}

#[test]
fn how_a_throughput_was_found_says_how_good_it_is() {
    let method = |think_time, clients, replicas| {
        let think_time = Seconds(think_time);
        RandomDispatch { think_time, ..closed(clients, replicas) }.estimate().method
    };
    assert_eq!(method(0.2, 10, 3), Method::Exact);
    assert_eq!((method(0.257, 300, 1), method(0.257, 1, 3)), (Method::Exact, Method::Exact));
    assert_eq!(method(0.203, 10, 3), Method::Interpolated);
    assert_eq!(method(0.25, 10, 3), Method::Simulated);
    assert_eq!((method(0.2, 500, 40), method(0.257, 5, 500)), (Method::Approximated, Method::Approximated));
    assert!(Method::Exact.error() == 0.0 && Method::Simulated.error() > 0.0);
}

#[test]
fn what_is_too_large_for_the_chain_is_simulated_the_same_each_time() {
    let much_thinking = RandomDispatch { service_time: Seconds(0.005), ..closed(60, 4) };
    for (large, bound) in [(much_thinking, 60.0 / 0.205), (closed(300, 100), 1000.0)] {
        assert_eq!(large.by_chain(), None);
        assert_eq!(large.throughput(), large.throughput());
        assert!((0.6 * bound..bound).contains(&large.throughput().0), "{}", large.throughput());
    }
}

#[test]
fn without_clients_nothing_happens() {
    assert_eq!(closed(0, 3).throughput(), Throughput(0.0));
}
