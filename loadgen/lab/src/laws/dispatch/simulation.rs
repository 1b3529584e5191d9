//! The loop client by client, with choices that are random and yet the same each time.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};

use super::RandomDispatch;
use crate::laws::units::Throughput;

/// Cycles that are counted.
const CYCLES: usize = 200_000;

/// Cycles before that, in which queues form.
const WARM_UP: usize = 20_000;

/// Instants are whole numbers of this part of a service time, so that they can be put in order.
const RESOLUTION: f64 = 1e6;

/// Cycles per second of `closed`.
pub(super) fn throughput(closed: &RandomDispatch) -> Throughput {
    let think = ticks(closed.think_time.0 / closed.service_time.0);
    let service = ticks(1.0);
    let mut random = SmallRng::seed_from_u64(1);
    // Those who have been served and think, by the instant at which they are back.
    let clients = (0..closed.clients).map(|_| Reverse(random.random_range(0..=think)));
    let mut due: BinaryHeap<Reverse<u64>> = clients.collect();
    let mut free = vec![vec![0; closed.slots.get()]; closed.replicas.get()];
    let (mut began_at, mut now) = (0, 0);
    for cycle in 0..WARM_UP + CYCLES {
        let Some(Reverse(arrives_at)) = due.pop() else { break };
        now = arrives_at;
        if cycle == WARM_UP {
            began_at = now;
        }
        let replica = &mut free[random.random_range(0..closed.replicas.get())];
        if let Some(slot) = replica.iter_mut().min() {
            *slot = now.max(*slot) + service;
            due.push(Reverse(*slot + think));
        }
    }
    CYCLES as f64 / (((now - began_at) as f64 / RESOLUTION) * closed.service_time)
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "rounded, not negative")]
fn ticks(service_times: f64) -> u64 {
    (service_times.max(0.0) * RESOLUTION).round() as u64
}
