//! Many clients in any product-form network: their most probable distribution, and the first term of what is around it.
//!
//! The normalising constant of n clients is the coefficient of xⁿ in the product of what each part of the loop has with any number
//! of clients; that is also what an open network is summed over whose cycles arrive at a rate of x. With mean L(x) and variance V(x)
//! of the number in that network, and x(n) the rate at which L is n, the saddle-point method gives ln G(n) = ∫ −ln x dn − ½·ln V.
//! Throughput is X = G(N−1)/G(N), which is then x(N−½)·√(V(x(N))/V(x(N−1))).
//!
//! Sources: H. E. Daniels, "Saddlepoint Approximations in Statistics", 1954; A. K. Erlang, 1917, for the open network's stations.

use super::Waiting;
use crate::laws::units::{Seconds, Throughput};

/// Each halves the interval in which the rate lies; after as many, less than rounding is left of it.
const HALVINGS: usize = 60;

/// How many are in the open network.
struct Number {
    mean: f64,
    variance: f64,
}

/// Cycles per second (X) of `clients` (N, at least 2) who think for `away` and go to the stations `waiting`, at least one of them.
pub(super) fn throughput(clients: usize, away: Seconds, waiting: &[Waiting]) -> Throughput {
    let count = clients as f64;
    let [before, between, now] = [count - 1.0, count - 0.5, count].map(|count| rate(count, away, waiting));
    let spread = |rate| number(rate, away, waiting).variance;
    Throughput(between * (spread(now) / spread(before)).sqrt())
}

/// The rate at which `count` are in the open network on average.
fn rate(count: f64, away: Seconds, waiting: &[Waiting]) -> f64 {
    let capacity = |it: &Waiting| (it.replicas * it.servers) as f64 / it.demand.0;
    let (mut low, mut high) = (0.0, waiting.iter().map(capacity).fold(f64::INFINITY, f64::min));
    for _ in 0..HALVINGS {
        let middle = f64::midpoint(low, high);
        if number(middle, away, waiting).mean < count { low = middle } else { high = middle }
    }
    low
}

/// Who thinks is a Poisson number; the replicas of a station are alike.
fn number(rate: f64, away: Seconds, waiting: &[Waiting]) -> Number {
    let thinking = rate * away.0;
    waiting.iter().fold(Number { mean: thinking, variance: thinking }, |sum, station| {
        let replicas = station.replicas as f64;
        let each = erlang(rate * station.demand.0 / replicas, station.servers);
        Number { mean: sum.mean + replicas * each.mean, variance: sum.variance + replicas * each.variance }
    })
}

/// The number at a queue for `servers` (c) of offered load `load` (a < c): L = a + C·ρ/(1 − ρ), with ρ = a/c and the probability of
/// waiting C by Erlang's second formula, and V = a·dL/da.
fn erlang(load: f64, servers: usize) -> Number {
    let count = servers as f64;
    let lost = (1..=servers).fold(1.0, |lost, server| load * lost / (server as f64 + load * lost));
    let busy = load / count;
    let rest = 1.0 - busy + busy * lost;
    let waits = lost / rest;
    let lost_slope = lost * (count / load - 1.0 + lost);
    let rest_slope = (lost - 1.0) / count + busy * lost_slope;
    let waits_slope = (lost_slope * rest - lost * rest_slope) / (rest * rest);
    let idle = 1.0 - busy;
    let slope = 1.0 + waits_slope * busy / idle + waits / (count * idle * idle);
    Number { mean: load + waits * busy / idle, variance: load * slope }
}
