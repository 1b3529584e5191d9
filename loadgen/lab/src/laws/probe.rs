//! What a probe of the bottleneck waits: the black box view of a queue, which needs no metrics of the service.

use super::bounds::Model;
use super::demand::utilisation;
use super::units::{Seconds, Throughput};

impl Model {
    /// The mean wait of a probe that is sent to the bottleneck at Poisson instants and needs no service itself, while
    /// `clients` (N) circulate: W = U·(R/V − S/2), with U = X·V·S/m and R = N/X − Z', where X is [`Model::throughput`] and
    /// Z' the time of a cycle outside the bottleneck. With dispatch in turn that is U·S/2 up to the knee, where a probe
    /// meets at most the rest of one service, and with one visit N·S/m − Z' − S/2 beyond it: the slope over N is S/m.
    /// `None` without a bottleneck.
    ///
    /// Holds for replicas that serve one request at a time, in order of arrival, with a constant service time. Poisson
    /// instants see averages over time (Wolff, 1982), so W is the time average of the work that is left at one replica.
    /// By H = λ·G (Brumelle, 1971) a replica that gets X·V/m requests a second, each of which waits Q and is then served
    /// for S, has X·V/m · (S·Q + S²/2) of it on average: S for as long as the request waits, and a triangle while it is
    /// served. With Q = R/V − S and U = X·V·S/m this is the formula above. It is linear in Q and every replica gets the
    /// same rate, so it also holds where replicas' queues differ because N/m is not whole, or by chance, averaged over the
    /// replicas. What is neglected is the turn in the rotation that the probe itself takes.
    pub fn probe_wait_at(&self, clients: usize) -> Option<Seconds> {
        let station = self.bottleneck()?;
        let throughput = self.throughput(clients);
        if throughput <= Throughput(0.0) {
            return Some(Seconds(0.0));
        }
        let utilisation = utilisation(throughput, station.demand(), station.servers?).0;
        let elsewhere = self.cycle_time() - station.demand();
        let response = (Seconds(clients as f64 / throughput.0) - elsewhere) / station.visits;
        Some(utilisation * (response - station.service_time / 2.0))
    }
}

#[cfg(test)]
mod tests {
    use super::super::bounds::Station;
    use super::super::dispatch::Dispatch;
    use super::*;
    use rand::rngs::SmallRng;
    use rand::{RngExt, SeedableRng};

    const Z: f64 = 0.2;
    const S: f64 = 0.1;

    fn rng(servers: usize) -> Model {
        let rng = Station {
            name: "rng".to_owned(),
            service_time: Seconds(S),
            servers: Some(servers),
            replicas: servers,
            dispatch: Dispatch::RoundRobin,
            visits: 1.0,
        };
        Model { think_time: Seconds(Z), stations: vec![rng] }
    }

    fn wait_ms(servers: usize, clients: usize) -> f64 {
        rng(servers).probe_wait_at(clients).unwrap().0 * 1e3
    }

    #[test]
    fn one_replica_keeps_a_probe_waiting_as_the_design_says() {
        let waits: Vec<f64> = (1..=10).map(|clients| wait_ms(1, clients).round()).collect();
        assert_eq!(waits, [17.0, 33.0, 50.0, 150.0, 250.0, 350.0, 450.0, 550.0, 650.0, 750.0]);
    }

    #[test]
    fn beyond_the_knee_each_client_adds_the_service_time_over_the_replicas() {
        for servers in 1..=4 {
            let slope = wait_ms(servers, 3 * servers + 5) - wait_ms(servers, 3 * servers + 4);
            assert!((slope - 100.0 / servers as f64).abs() < 1e-9, "m = {servers}: {slope}");
        }
    }

    #[test]
    fn two_visits_in_a_cycle_are_two_cycles_of_one() {
        let mut twice = rng(2);
        twice.stations[0].visits = 2.0;
        twice.think_time = Seconds(2.0 * Z);
        for clients in [1, 6, 11] {
            let wait = twice.probe_wait_at(clients).unwrap().0 * 1e3;
            assert!((wait - wait_ms(2, clients)).abs() < 1e-9, "N = {clients}: {wait}");
        }
    }

    #[test]
    fn nobody_waits_at_an_idle_station_and_a_loop_without_bottleneck_has_no_answer() {
        assert_eq!(rng(1).probe_wait_at(0), Some(Seconds(0.0)));
        assert_eq!(Model { think_time: Seconds(Z), stations: Vec::new() }.probe_wait_at(3), None);
    }

    #[test]
    fn the_formula_agrees_with_a_simulated_round_robin() {
        for (servers, clients) in [(1, 2), (1, 5), (2, 3), (2, 7), (2, 10), (3, 4), (3, 9), (3, 10), (3, 14)]
        {
            let simulated = simulated_wait(servers, clients, |turn| turn % servers) * 1e3;
            let predicted = wait_ms(servers, clients);
            assert!((simulated - predicted).abs() < 0.5, "m {servers} N {clients}: {simulated} {predicted}");
        }
    }

    #[test]
    fn the_formula_agrees_with_simulated_random_choices() {
        for (servers, clients) in [(2, 4), (2, 10), (3, 10)] {
            let mut model = rng(servers);
            model.stations[0].dispatch = Dispatch::Random;
            let mut random = SmallRng::seed_from_u64(1);
            let simulated = simulated_wait(servers, clients, |_| random.random_range(0..servers)) * 1e3;
            let predicted = model.probe_wait_at(clients).unwrap().0 * 1e3;
            assert!((simulated / predicted - 1.0).abs() < 0.05, "N {clients}: {simulated} {predicted}");
        }
    }

    /// The work left at a replica, averaged over time and replicas, from the arrivals one by one.
    fn simulated_wait(servers: usize, clients: usize, mut choose: impl FnMut(usize) -> usize) -> f64 {
        let mut due: Vec<f64> = (0..clients).map(|client| 0.013 * client as f64).collect();
        let mut replicas = vec![(0.0, 0.0); servers];
        let (mut area, mut end) = (0.0, 0.0);
        for turn in 0..20_000 {
            let next = (0..clients).min_by(|a, b| due[*a].total_cmp(&due[*b])).unwrap();
            let chosen = choose(turn);
            let (since, free): (f64, f64) = replicas[chosen];
            end = due[next];
            area += triangle(free - since) - triangle(free - end);
            let done = free.max(end) + S;
            replicas[chosen] = (end, done);
            due[next] = done + Z;
        }
        area / (end * servers as f64)
    }

    /// The area under a backlog that is worked off from `height` to nothing.
    fn triangle(height: f64) -> f64 {
        height.max(0.0).powi(2) / 2.0
    }
}
