//! What one cycle asks of a station, and how busy that keeps it.

use super::units::{Seconds, Throughput, Utilisation};

/// The service demand D = V·S: the time that a station works for one cycle, over all `visits` (V, a mean) of
/// `service_time` (S) each.
///
/// Source: the forced flow law, Denning and Buzen, "The Operational Analysis of Queueing Network Models", 1978.
pub fn service_demand(visits: f64, service_time: Seconds) -> Seconds {
    visits * service_time
}

/// The utilisation law U = X·D/m: how busy a station of `servers` (m) is on average while `throughput` (X) cycles a
/// second each demand `demand` (D) of it. Where X counts the station's own requests, D is the service time S.
///
/// Source: Denning and Buzen, 1978.
pub fn utilisation(throughput: Throughput, demand: Seconds, servers: usize) -> Utilisation {
    Utilisation(throughput * demand / servers as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn demand_grows_with_visits_and_service_time() {
        assert_eq!(service_demand(2.5, Seconds(0.1)), Seconds(0.25));
    }

    #[test]
    fn ten_cycles_a_second_of_a_tenth_fill_one_server_and_half_of_two() {
        assert_eq!(utilisation(Throughput(10.0), Seconds(0.1), 1), Utilisation(1.0));
        assert_eq!(utilisation(Throughput(10.0), Seconds(0.1), 2), Utilisation(0.5));
    }
}
