//! The laws against the simulation, on parameters that nobody picked: within half a per cent.

use super::*;
use crate::laws::bounds::{self, Model};
use crate::laws::dispatch::{Dispatch, Method};
use crate::laws::units::Seconds;

const TOLERANCE: f64 = 0.005;

/// A loop: rng has a limit, hasher may have one.
#[derive(Clone, Copy, Debug)]
struct Case {
    clients: usize,
    think: f64,
    rng: Part,
    hasher: Part,
}

#[derive(Clone, Copy, Debug)]
struct Part {
    seconds: f64,
    replicas: usize,
    slots: Option<usize>,
}

impl Case {
    fn model(&self, dispatch: Dispatch) -> Model {
        let station = |name: &str, part: Part| bounds::Station {
            name: name.to_owned(),
            service_time: Seconds(part.seconds),
            servers: part.slots.map(|slots| slots * part.replicas),
            replicas: part.replicas,
            dispatch,
            visits: 1.0,
        };
        let stations = vec![station("rng", self.rng), station("hasher", self.hasher)];
        Model { think_time: Seconds(self.think), stations }
    }

    fn simulated(&self, choice: Choice, times: Times, cycles: usize) -> f64 {
        let setup = |part: Part| {
            let Part { seconds, replicas, slots } = part;
            slots.map(|slots| Setup { seconds, times, choice, replicas, slots })
        };
        let stations: Vec<Setup> = [self.rng, self.hasher].into_iter().filter_map(setup).collect();
        // Where nobody waits it makes no difference how times vary.
        let away = self.think + if self.hasher.slots.is_none() { self.hasher.seconds } else { 0.0 };
        throughput(self.clients, away, &stations, cycles)
    }

    /// The same servers with one queue for all replicas of a service.
    fn shared(mut self) -> Self {
        for part in [&mut self.rng, &mut self.hasher] {
            part.slots = part.slots.map(|slots| slots * part.replicas);
            part.replicas = 1;
        }
        self
    }

    #[track_caller]
    fn assert_agrees(&self, law: f64, simulated: f64) {
        let off = law / simulated - 1.0;
        assert!(off.abs() < TOLERANCE, "{:+.2} %: {law:.4} is not {simulated:.4}: {self:?}", 100.0 * off);
    }
}

/// So many cases, the same each time, with up to `clients` clients, `replicas` replicas and `slots` slots.
fn cases(seed: u64, count: usize, clients: usize, replicas: usize, slots: usize) -> Vec<Case> {
    let mut random = SmallRng::seed_from_u64(seed);
    let mut case = || {
        let mut part = |limited: bool| Part {
            seconds: random.random_range(0.02..0.3),
            replicas: random.random_range(1..=replicas),
            slots: limited.then(|| random.random_range(1..=slots)),
        };
        let (rng, hasher) = (part(true), part(false));
        let (think, clients) = (random.random_range(0.0..0.5), random.random_range(2..=clients));
        Case { clients, think, rng, hasher }
    };
    (0..count).map(|_| case()).collect()
}

/// The same with a limit at hasher, too.
fn doubly_limited(mut cases: Vec<Case>) -> Vec<Case> {
    for (index, case) in cases.iter_mut().enumerate() {
        case.hasher.slots = Some(1 + index % 3);
    }
    cases
}

/// The same with a time outside rng that is a multiple of that at rng.
fn whole_ratios(mut cases: Vec<Case>) -> Vec<Case> {
    for (index, case) in cases.iter_mut().enumerate() {
        case.think = case.rng.seconds * (index % 4) as f64;
        case.hasher.seconds = 0.0;
    }
    cases
}

#[test]
fn the_bound_is_reached_in_turn() {
    for case in [cases(1, 30, 30, 4, 3), doubly_limited(cases(2, 30, 30, 4, 3))].concat() {
        let law = case.model(Dispatch::RoundRobin).throughput(case.clients);
        case.assert_agrees(law.0, case.simulated(Choice::InTurn, Times::Constant, 400 * case.clients));
    }
}

#[test]
fn random_choices_cost_as_much_as_the_laws_say() {
    for case in [cases(3, 8, 10, 4, 2), whole_ratios(cases(8, 10, 8, 3, 2))].concat() {
        let law = case.model(Dispatch::Random).throughput(case.clients);
        case.assert_agrees(law.0, case.simulated(Choice::AtRandom, Times::Constant, 200_000));
    }
}

#[test]
fn random_choices_at_two_stations_cost_as_much_as_the_laws_say() {
    for case in doubly_limited(cases(4, 3, 12, 3, 2)) {
        let law = case.model(Dispatch::Random).throughput(case.clients);
        case.assert_agrees(law.0, case.simulated(Choice::AtRandom, Times::Constant, 200_000));
    }
}

#[test]
fn one_queue_of_exponential_times_has_its_product_form() {
    for case in [cases(5, 10, 20, 4, 2), doubly_limited(cases(6, 8, 20, 3, 2))].concat() {
        let law = case.model(Dispatch::RoundRobin).product_form(case.clients).throughput;
        case.assert_agrees(law.0, case.shared().simulated(Choice::InTurn, Times::Exponential, 80_000));
    }
}

#[test]
fn random_choices_among_exponential_times_have_their_product_form() {
    for case in [cases(7, 8, 20, 4, 1), doubly_limited(cases(9, 6, 20, 4, 3))].concat() {
        let law = case.model(Dispatch::Random).product_form(case.clients).throughput;
        case.assert_agrees(law.0, case.simulated(Choice::AtRandom, Times::Exponential, 120_000));
    }
}

#[test]
fn a_crowd_is_approximated_well() {
    let none = Part { seconds: 0.1, replicas: 1, slots: None };
    let second = Part { seconds: 0.05, replicas: 40, slots: Some(2) };
    for (clients, think, replicas, slots, hasher) in [
        (450, 0.2, 150, 1, none),
        (600, 2.0, 28, 1, none),
        (900, 0.2, 80, 4, none),
        (500, 0.3, 100, 1, second),
    ] {
        let rng = Part { seconds: 0.1, replicas, slots: Some(slots) };
        let case = Case { clients, think, rng, hasher };
        let law = case.model(Dispatch::Random).estimate(case.clients);
        assert_eq!(law.method, Method::Approximated);
        case.assert_agrees(law.throughput.0, case.simulated(Choice::AtRandom, Times::Constant, 200_000));
    }
}
