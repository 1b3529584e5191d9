//! A closed loop event by event, to hold the laws to. It knows nothing of them: clients think, join a queue, are served in order of
//! arrival, and go on.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};

mod tests;

/// Exponential times come in so many sizes, each of which is drawn once before any is drawn again: their mean is then exact, and a
/// run does not have to wait until chance has evened out.
const SIZES: usize = 4096;

/// Nanoseconds of a second.
const SECOND: f64 = 1e9;

/// How times at a station vary.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Times {
    Constant,
    Exponential,
}

/// How clients choose a replica.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Choice {
    InTurn,
    AtRandom,
}

/// A station as it is set up.
#[derive(Clone, Copy, Debug)]
struct Setup {
    seconds: f64,
    times: Times,
    choice: Choice,
    replicas: usize,
    /// At each replica.
    slots: usize,
}

#[derive(Default)]
struct Replica {
    busy: usize,
    queue: VecDeque<usize>,
}

struct Station {
    setup: Setup,
    replicas: Vec<Replica>,
    turn: usize,
    sizes: Vec<f64>,
    drawn: usize,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    Arrive { client: usize, station: usize },
    Leave { client: usize, station: usize, replica: usize },
}

/// The loop in motion.
struct World {
    think: u64,
    stations: Vec<Station>,
    agenda: BinaryHeap<Reverse<(u64, u64, Event)>>,
    /// How many events have been planned: those of the same instant happen in this order.
    planned: u64,
    now: u64,
    cycles: usize,
    random: SmallRng,
}

/// Cycles per second of `clients` who think for `think` seconds and then go through `stations`, over the second half of `cycles`.
fn throughput(clients: usize, think: f64, stations: &[Setup], cycles: usize) -> f64 {
    let mut world = World::new(think, stations);
    for client in 0..clients {
        // Spread out, and not by anything that times have in common.
        let at = world.random.random_range(0.0..=(think + stations.iter().map(|it| it.seconds).sum::<f64>()));
        world.plan(nanos(at), Event::Arrive { client, station: 0 });
    }
    world.run(cycles / 2);
    let (began_at, before) = (world.now, world.cycles);
    world.run(cycles);
    (world.cycles - before) as f64 / ((world.now - began_at) as f64 / SECOND)
}

impl World {
    fn new(think: f64, stations: &[Setup]) -> Self {
        let station = |setup: &Setup| Station {
            setup: *setup,
            replicas: (0..setup.replicas).map(|_| Replica::default()).collect(),
            turn: 0,
            sizes: sizes(setup.times),
            drawn: usize::MAX,
        };
        Self {
            think: nanos(think),
            stations: stations.iter().map(station).collect(),
            agenda: BinaryHeap::new(),
            planned: 0,
            now: 0,
            cycles: 0,
            random: SmallRng::seed_from_u64(11),
        }
    }

    fn plan(&mut self, at: u64, event: Event) {
        self.planned += 1;
        self.agenda.push(Reverse((at, self.planned, event)));
    }

    /// Until so many cycles have ended.
    fn run(&mut self, cycles: usize) {
        while self.cycles < cycles {
            let Some(Reverse((at, _, event))) = self.agenda.pop() else { return };
            self.now = at;
            match event {
                Event::Arrive { client, station } => self.arrive(client, station),
                Event::Leave { client, station, replica } => self.leave(client, station, replica),
            }
        }
    }

    fn arrive(&mut self, client: usize, at: usize) {
        let station = &mut self.stations[at];
        let replica = match station.setup.choice {
            Choice::AtRandom => self.random.random_range(0..station.replicas.len()),
            Choice::InTurn => {
                station.turn += 1;
                station.turn % station.replicas.len()
            }
        };
        if station.replicas[replica].busy < station.setup.slots {
            self.serve(client, at, replica);
        } else {
            station.replicas[replica].queue.push_back(client);
        }
    }

    fn serve(&mut self, client: usize, at: usize, replica: usize) {
        let station = &mut self.stations[at];
        station.replicas[replica].busy += 1;
        let time = nanos(station.setup.seconds * station.size(&mut self.random));
        self.plan(self.now + time, Event::Leave { client, station: at, replica });
    }

    fn leave(&mut self, client: usize, at: usize, replica: usize) {
        let left = &mut self.stations[at].replicas[replica];
        left.busy -= 1;
        if let Some(next) = left.queue.pop_front() {
            self.serve(next, at, replica);
        }
        if at + 1 < self.stations.len() {
            self.plan(self.now, Event::Arrive { client, station: at + 1 });
        } else {
            self.cycles += 1;
            self.plan(self.now + self.think, Event::Arrive { client, station: 0 });
        }
    }
}

impl Station {
    /// The next time, over the mean.
    fn size(&mut self, random: &mut SmallRng) -> f64 {
        if self.drawn >= self.sizes.len() {
            for last in (1..self.sizes.len()).rev() {
                self.sizes.swap(last, random.random_range(0..=last));
            }
            self.drawn = 0;
        }
        self.drawn += 1;
        self.sizes[self.drawn - 1]
    }
}

/// Equally probable parts of a distribution of mean 1, each as its own mean: ∫ −ln v dv = v − v·ln v for the exponential one.
fn sizes(times: Times) -> Vec<f64> {
    if times == Times::Constant {
        return vec![1.0];
    }
    let integral = |v: f64| if v > 0.0 { v - v * v.ln() } else { 0.0 };
    let edge = |index: usize| index as f64 / SIZES as f64;
    (0..SIZES).map(|index| (integral(edge(index + 1)) - integral(edge(index))) * SIZES as f64).collect()
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "rounded, not negative")]
fn nanos(seconds: f64) -> u64 {
    (seconds * SECOND).round() as u64
}
