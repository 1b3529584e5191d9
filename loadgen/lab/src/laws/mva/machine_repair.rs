//! Clients who think and then share one queue for several servers: the model of machines and their repairmen, for every number
//! of clients up to the one asked for, in one step each.
//!
//! With demand D, thinking for Z, c servers, T = Z + D, p = D/T and q = 1 − p, the normalising constant of n clients, times n!/Tⁿ,
//! is g(n) = a(n) + b(n). The first part has fewer than c clients at the servers: a(n) is the probability that a binomial number
//! of n and p is below c. The others are counted by b(n) = w(n) + (n·p/c)·b(n−1) from n = c on, with w(n) the probability that
//! the number is c. Throughput is X(n) = (n/T)·g(n−1)/g(n).

use crate::laws::units::Seconds;

/// Cycles per second of 0 to `most` clients who think for `away` (Z, more than 0) and demand `demand` (D, more than 0) of
/// `servers` (c, at least 1).
pub(super) fn throughputs(away: Seconds, demand: Seconds, servers: usize, most: usize) -> Vec<f64> {
    let cycle = away + demand;
    let share = demand / cycle;
    // ln w(n), and ln g of the client before; a and b are kept as parts of that g, which may be too large to be held.
    let mut chance = servers as f64 * share.ln();
    let mut scale = 0.0;
    let (mut few, mut many) = (1.0_f64, 0.0);
    let mut throughputs = vec![0.0];
    for clients in 1..=most {
        let n = clients as f64;
        if clients >= servers {
            if clients > servers {
                chance += (n / (clients - servers) as f64).ln() + (away / cycle).ln();
            }
            let exactly = (chance - scale).exp();
            few = (few - exactly * servers as f64 / n).max(0.0);
            many = exactly + many * (n * share / servers as f64);
        }
        let grown: f64 = few + many;
        throughputs.push(n / cycle.0 / grown);
        scale += grown.ln();
        (few, many) = (few / grown, many / grown);
    }
    throughputs
}
