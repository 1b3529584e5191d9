//! What a probe of a station waits: the black box view of a queue, which needs no metrics of the service.

use super::bounds::Model;
use super::demand::utilisation;
use super::units::{Seconds, Throughput};

impl Model {
    /// The mean wait of a probe that is sent to the station called `name` at Poisson instants and needs no service itself, while
    /// `clients` (N) circulate: W = U·(Q + S/2), with U = X·V·S/m, where X is the throughput of [`Model::flow`] and Q the time that a
    /// request waits there, L/(X·V) of the L that wait. At the bottleneck, with dispatch in turn, that is U·S/2 up to the knee, where a
    /// probe meets at most the rest of one service, and with one visit N·S/m − Z' − S/2 beyond it, Z' being the time of a cycle
    /// outside: the slope over N is S/m. `None` if there is no such station, if nobody visits it, or if its replicas have no limit or several
    /// slots each.
    ///
    /// Holds for replicas that serve one request at a time, in order of arrival, with a constant service time. Poisson
    /// instants see averages over time (Wolff, 1982), so W is the time average of the work that is left at one replica.
    /// By H = λ·G (Brumelle, 1971) a replica that gets X·V/m requests a second, each of which waits Q and is then served
    /// for S, has X·V/m · (S·Q + S²/2) of it on average: S for as long as the request waits, and a triangle while it is
    /// served. It is linear in Q and every replica gets the same rate, so it also holds where replicas' queues differ because N/m
    /// is not whole, or by chance, averaged over the replicas. What is neglected is the turn in the rotation that the probe itself
    /// takes.
    pub fn probe_wait_at(&self, name: &str, clients: usize) -> Option<Seconds> {
        let index = self.stations.iter().position(|station| station.name == name)?;
        let station = &self.stations[index];
        let servers =
            station.servers.filter(|servers| *servers == station.replicas && station.visits > 0.0)?;
        let flow = self.flow(clients);
        let throughput = flow.estimate.throughput;
        if throughput <= Throughput(0.0) {
            return Some(Seconds(0.0));
        }
        let queueing = flow.waiting[index] / (throughput.0 * station.visits);
        let utilisation = utilisation(throughput, station.demand(), servers).0;
        Some(utilisation * (Seconds(queueing) + station.service_time / 2.0))
    }
}

#[cfg(test)]
mod tests {
    use super::super::bounds::Station;
    use super::super::dispatch::Dispatch;
    use super::super::dispatch::design::model as rng;
    use super::*;
    use rand::rngs::SmallRng;
    use rand::{RngExt, SeedableRng};

    // As the model has them.
    const Z: f64 = 0.2;
    const S: f64 = 0.1;

    fn wait_ms(servers: usize, clients: usize) -> f64 {
        rng(servers).probe_wait_at("rng", clients).unwrap().0 * 1e3
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
            let wait = twice.probe_wait_at("rng", clients).unwrap().0 * 1e3;
            assert!((wait - wait_ms(2, clients)).abs() < 1e-9, "N = {clients}: {wait}");
        }
    }

    #[test]
    fn nobody_waits_at_an_idle_station_and_one_without_a_limit_or_with_several_slots_has_no_answer() {
        assert_eq!(rng(1).probe_wait_at("rng", 0), Some(Seconds(0.0)));
        assert_eq!(rng(1).probe_wait_at("hasher", 3), None);
        for servers in [None, Some(4)] {
            let mut model = rng(2);
            model.stations[0].servers = servers;
            assert_eq!(model.probe_wait_at("rng", 3), None, "{servers:?}");
        }
    }

    #[test]
    fn where_another_station_is_full_a_probe_meets_at_most_the_rest_of_one_service() {
        let mut model = rng(1);
        let hasher =
            Station { name: "hasher".to_owned(), service_time: Seconds(0.4), ..model.stations[0].clone() };
        model.stations.push(hasher);
        // Hasher lets 2.5 a second through, so that rng is busy for a quarter of the time.
        let [rng, hasher] = ["rng", "hasher"].map(|name| model.probe_wait_at(name, 10).unwrap().0);
        assert!((rng - 0.25 * S / 2.0).abs() < 1e-9, "{rng}");
        assert!((hasher - (10.0 * 0.4 - Z - S - 0.2)).abs() < 1e-9, "{hasher}");
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
            let predicted = model.probe_wait_at("rng", clients).unwrap().0 * 1e3;
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
