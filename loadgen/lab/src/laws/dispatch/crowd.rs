//! Many clients: each replica sees arrivals that hardly depend on each other, and an equation for one of them is enough.

use super::Place;
use crate::laws::units::{Seconds, Throughput};

/// Each halves the interval in which the throughput lies; after as many, less than rounding is left of it.
const HALVINGS: usize = 60;

/// Cycles per second (X) of `clients` (N) who are `away` (Z) for a part of the cycle and can wait at each of `places` in the other: the X
/// at which those who are away, are served and wait, taken together, are as many as there are.
///
/// A replica with c slots of utilisation ρ = X·S/(m·c), to which clients come one by one at random, keeps each waiting for W =
/// S·ρ^(k−1)/(2c·(1−ρ)) with k = √(2(c+1)): the formula of Pollaczek and Khinchine for c = 1, and Sakasegawa's approximation
/// beyond. The number that come to one of m replicas in any time has a variance that is smaller by (1 − 1/m)·(1 − 1/N), since the
/// others get the rest and nobody meets oneself, and so is W. Then N = X·(Z + Σ(S + W)). That is exact for one client, for one
/// replica of each, and in the limit of many replicas with one slot each; in turn nobody waits, unless a station is full.
///
/// Sources: A. Khintchine, 1932; H. Sakasegawa, "An Approximation Formula `L_q` ≃ α·ρ^β/(1−ρ)", 1977.
pub(super) fn throughput(clients: usize, away: Seconds, places: &[Place]) -> Throughput {
    let count = clients as f64;
    let served: Seconds = places.iter().map(|place| place.service_time).sum();
    let cycle = Seconds(away.0.max(0.0)) + served;
    let full = places.iter().map(capacity).fold(f64::INFINITY, f64::min);
    let held = |rate: f64| {
        let waiting = places.iter().map(|place| waiting(place, clients, Throughput(rate)));
        rate * cycle.0 + waiting.sum::<f64>()
    };
    let (mut low, mut high) = (0.0, f64::min(full, (count / cycle).0));
    for _ in 0..HALVINGS {
        let middle = f64::midpoint(low, high);
        if held(middle) < count { low = middle } else { high = middle }
    }
    Throughput(high)
}

/// m·c/S
fn capacity(place: &Place) -> f64 {
    (place.replicas * place.slots) as f64 / place.service_time.0
}

/// How many of `clients` wait at `place`, on average, while `rate` of them a second pass.
pub(super) fn waiting(place: &Place, clients: usize, rate: Throughput) -> f64 {
    if !place.is_left_to_chance() {
        return 0.0;
    }
    let (replicas, slots) = (place.replicas as f64, place.slots as f64);
    let busy = rate.0 / capacity(place);
    let chance = (1.0 - 1.0 / replicas) * (1.0 - 1.0 / clients as f64) / (2.0 * slots);
    replicas * slots * chance * busy.powf((2.0 * (slots + 1.0)).sqrt()) / (1.0 - busy)
}
