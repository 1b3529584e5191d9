//! Little's law, and what its closure says about the time that nobody measured.
//!
//! Source: J. D. C. Little, "A Proof for the Queuing Formula: L = λW", 1961; as an operational law, Denning and
//! Buzen, 1978.

use super::units::{Seconds, Throughput};

/// The largest gap, as a share of N, that still counts as closed: 3 %. Beyond it some part of the cycle is not
/// measured.
pub const DARK_TIME_LIMIT: f64 = 0.03;

/// N = X·(R+Z): how many clients are in the loop when `throughput` (X) of them a second begin a `cycle` (R+Z).
pub fn population(throughput: Throughput, cycle: Seconds) -> f64 {
    throughput * cycle
}

/// The gap (N − X·(R+Z)) / N between the clients there are and those that the measured `cycle` (R+Z) accounts for.
///
/// Above 0 it is dark time, spent outside every stage that is measured; below 0 some time is counted twice. It is 0
/// for an empty loop in which nothing happens.
pub fn closure(clients: usize, throughput: Throughput, cycle: Seconds) -> f64 {
    let gap = clients as f64 - population(throughput, cycle);
    if gap == 0.0 { 0.0 } else { gap / clients as f64 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_a_second_through_a_second_are_ten() {
        assert!((population(Throughput(10.0), Seconds(0.8) + Seconds(0.2)) - 10.0).abs() < 1e-12);
    }

    #[test]
    fn a_cycle_that_accounts_for_everybody_closes() {
        assert!(closure(3, Throughput(10.0), Seconds(0.3)).abs() < DARK_TIME_LIMIT);
        assert!(closure(0, Throughput(0.0), Seconds(0.3)).abs() < DARK_TIME_LIMIT);
    }

    #[test]
    fn an_unmeasured_twentieth_of_the_cycle_is_dark_time() {
        let gap = closure(10, Throughput(10.0), Seconds(0.95));
        assert!((gap - 0.05).abs() < 1e-12 && gap > DARK_TIME_LIMIT, "{gap}");
    }

    #[test]
    fn time_counted_twice_is_a_negative_gap() {
        assert!((closure(10, Throughput(10.0), Seconds(1.1)) + 0.1).abs() < 1e-12);
    }
}
