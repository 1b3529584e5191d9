//! The loop client by client, with choices that are random and yet the same each time.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};

use super::{Dispatch, Place};
use crate::laws::units::{Seconds, Throughput};

/// Cycles that are counted; the throughput then has a standard deviation of 0.11 % at most.
const CYCLES: usize = 400_000;

/// Cycles before that, in which queues form.
const WARM_UP: usize = 20_000;

/// Instants are whole numbers of this part of the longest service time, so that they can be put in order,
const RESOLUTION: f64 = 1e6;

/// unless a whole run would have more of them than this: where thinking takes a million million times as long, nobody waits.
const MOST_TICKS: f64 = 1e16;

/// A station in motion.
struct Busy {
    /// When each slot of each replica is free.
    free_at: Vec<Vec<u64>>,
    service: u64,
    dispatch: Dispatch,
    turn: usize,
    /// Since when it is counted: how long all who came have waited.
    waited: u64,
}

impl Busy {
    /// When somebody who comes at `now` has been served.
    fn serve(&mut self, now: u64, random: &mut SmallRng) -> u64 {
        let replicas = self.free_at.len();
        let chosen = match self.dispatch {
            Dispatch::Random => random.random_range(0..replicas),
            Dispatch::RoundRobin => {
                self.turn = (self.turn + 1) % replicas;
                self.turn
            }
        };
        let Some(slot) = self.free_at[chosen].iter_mut().min() else { return now };
        let begins = now.max(*slot);
        self.waited += begins - now;
        *slot = begins + self.service;
        *slot
    }
}

/// Cycles per second of `clients` who think and then pass through `places`, at least one, in this order; and how many wait at each of
/// them, on average.
pub(super) fn run(clients: usize, think_time: Seconds, places: &[Place]) -> (Throughput, Vec<f64>) {
    let longest = places.iter().map(|place| place.service_time.0).fold(0.0, f64::max);
    let cycle = think_time + places.iter().map(|place| place.service_time).sum();
    let most = (WARM_UP + CYCLES) as f64 * cycle.0 / longest;
    let resolution = RESOLUTION.min(MOST_TICKS / most);
    let ticks = |time: Seconds| ticks(time.0 / longest * resolution);
    let think = ticks(think_time);
    let mut stations: Vec<Busy> = places.iter().map(|place| busy(place, ticks(place.service_time))).collect();
    let mut random = SmallRng::seed_from_u64(1);
    // Those who are on their way to a station, by the instant at which they are there.
    let first = (0..clients).map(|_| Reverse((random.random_range(0..=think), 0)));
    let mut due: BinaryHeap<Reverse<(u64, usize)>> = first.collect();
    let (mut began_at, mut now, mut cycles) = (0, 0, 0);
    while cycles < WARM_UP + CYCLES {
        let Some(Reverse((arrives_at, at))) = due.pop() else { break };
        now = arrives_at;
        if at == 0 {
            cycles += 1;
            if cycles == WARM_UP {
                began_at = now;
                for station in &mut stations {
                    station.waited = 0;
                }
            }
        }
        let served_at = stations[at].serve(now, &mut random);
        let back = at + 1 == stations.len();
        due.push(Reverse(if back { (served_at + think, 0) } else { (served_at, at + 1) }));
    }
    let lasted = (now - began_at) as f64;
    let waiting = stations.iter().map(|station| station.waited as f64 / lasted).collect();
    (CYCLES as f64 / ((lasted / resolution) * Seconds(longest)), waiting)
}

fn busy(place: &Place, service: u64) -> Busy {
    let free_at = vec![vec![0; place.slots]; place.replicas];
    Busy { free_at, service, dispatch: place.dispatch, turn: 0, waited: 0 }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "rounded, not negative")]
fn ticks(parts: f64) -> u64 {
    parts.max(0.0).round() as u64
}
