//! The model against the numbers of the application that it is made for, and against what must hold for any.

use proptest::prelude::*;

use super::*;

fn station(name: &str, service_time: f64, servers: Option<usize>) -> Station {
    let (name, service_time) = (name.to_owned(), Seconds(service_time));
    let (replicas, dispatch) = (servers.unwrap_or(1), Dispatch::RoundRobin);
    Station { name, service_time, servers, replicas, dispatch, visits: 1.0 }
}

/// 0.1 s of thinking, 0.1 s at the hasher that never queues, 0.1 s at the rng that serves one at a time.
fn coins(replicas: usize) -> Model {
    let stations = vec![station("rng", 0.1, Some(replicas)), station("hasher", 0.1, None)];
    Model { think_time: Seconds(0.1), stations }
}

fn hashes(model: &Model, workers: usize) -> String {
    format!("{:.2}", model.bound(workers))
}

#[test]
fn one_replica_gives_the_designs_column() {
    let column: Vec<String> = (1..=10).map(|workers| hashes(&coins(1), workers)).collect();
    assert_eq!(column[..3], ["3.33/s", "6.67/s", "10.00/s"]);
    assert!(column[3..].iter().all(|throughput| throughput == "10.00/s"), "{column:?}");
}

#[test]
fn more_replicas_raise_the_ceiling_and_the_knee_threefold() {
    for replicas in 1..=4 {
        let knee = coins(replicas).knee().unwrap();
        assert!((knee - 3.0 * replicas as f64).abs() < 1e-9, "{knee}");
        assert_eq!(hashes(&coins(replicas), 100), format!("{replicas}0.00/s"));
    }
    assert_eq!(hashes(&coins(2), 4), "13.33/s");
    assert_eq!(hashes(&coins(3), 10), "30.00/s");
}

#[test]
fn the_response_time_is_the_service_time_up_to_the_knee_and_the_queue_beyond() {
    for (workers, response) in [(0, 0.1), (1, 0.1), (3, 0.1), (4, 0.2), (10, 0.8)] {
        let modelled = coins(1).response_at(workers).unwrap().0;
        assert!((modelled - response).abs() < 1e-9, "N = {workers}: {modelled}");
    }
}

#[test]
fn a_tenth_less_service_time_pays_at_the_bottleneck_only() {
    let model = coins(1);
    assert_eq!(hashes(&model.with_service_time("rng", 0.9).unwrap(), 10), "11.11/s");
    assert_eq!(hashes(&model.with_service_time("hasher", 0.9).unwrap(), 10), "10.00/s");
    let hasty = Model { think_time: 0.9 * model.think_time, ..model.clone() };
    assert_eq!(hashes(&hasty, 10), "10.00/s");
    assert_eq!(model.with_service_time("webui", 0.9), None);
}

#[test]
fn the_bottleneck_is_the_largest_demand_per_server() {
    let mut model = coins(1);
    assert_eq!(model.bottleneck().unwrap().name, "rng");
    model.stations[0].servers = Some(3);
    model.stations[1] = Station { visits: 2.0, ..station("hasher", 0.1, Some(4)) };
    assert_eq!(model.bottleneck().unwrap().name, "hasher");
    assert_eq!(hashes(&model, 100), "20.00/s");
}

#[test]
fn without_a_limited_station_there_is_no_knee() {
    let model = Model { think_time: Seconds(0.1), stations: vec![station("hasher", 0.1, None)] };
    assert_eq!((model.bottleneck(), model.knee(), model.response_at(5)), (None, None, None));
    assert_eq!(hashes(&model, 1000), "5000.00/s");
}

#[test]
fn a_station_that_is_never_visited_bounds_nothing() {
    let mut model = coins(1);
    model.stations[0].visits = 0.0;
    assert_eq!((model.bottleneck(), model.probe_wait_at("rng", 5)), (None, None));
}

#[test]
fn a_station_without_servers_stops_the_loop() {
    assert_eq!(hashes(&coins(0), 5), "0.00/s");
    assert_eq!(coins(0).knee(), Some(0.0));
}

#[test]
fn the_least_that_reaches_a_target_is_found() {
    let rng = |replicas| vec![("rng".to_owned(), replicas)];
    assert_eq!(coins(1).replicas_for(Throughput(10.0)), Sizing { clients: 3, servers: rng(1) });
    assert_eq!(coins(1).replicas_for(Throughput(10.1)), Sizing { clients: 4, servers: rng(2) });
    assert_eq!(coins(5).replicas_for(Throughput(30.0)), Sizing { clients: 9, servers: rng(3) });
    assert_eq!(coins(5).replicas_for(Throughput(0.0)), Sizing { clients: 1, servers: rng(1) });
}

proptest! {
    #[test]
    fn the_bound_never_falls_with_more_clients_or_replicas(
        think in 0.0..2.0, service in 0.001..1.0, clients in 1_usize..200, replicas in 1_usize..50,
    ) {
        let model = |replicas| Model {
            think_time: Seconds(think),
            stations: vec![station("rng", service, Some(replicas)), station("hasher", 0.1, Some(20))],
        };
        let bound = model(replicas).bound(clients);
        prop_assert!(model(replicas).bound(clients + 1) >= bound);
        prop_assert!(model(replicas + 1).bound(clients) >= bound);
    }

    #[test]
    fn littles_law_closes_at_the_bound(
        think in 0.0..2.0, service in 0.001..1.0, clients in 1_usize..200, replicas in 1_usize..50,
    ) {
        let model = Model { think_time: Seconds(think), stations: vec![station("rng", service, Some(replicas))] };
        let cycle = model.response_at(clients).unwrap() + model.think_time;
        let gap = crate::laws::little::closure(clients, model.bound(clients), cycle);
        prop_assert!(gap.abs() < 1e-9, "{gap}");
    }

    #[test]
    fn a_sizing_reaches_its_target_and_one_less_of_either_does_not(target in 0.5..300.0, service in 0.01..1.0) {
        let sizing = Model { stations: vec![station("rng", service, Some(1))], ..coins(1) }
            .replicas_for(Throughput(target));
        let bound = |clients, replicas| {
            Model { stations: vec![station("rng", service, Some(replicas))], ..coins(1) }.bound(clients).0
        };
        let (clients, replicas) = (sizing.clients, sizing.servers[0].1);
        prop_assert!(bound(clients, replicas) >= target * (1.0 - 1e-6));
        prop_assert!(bound(clients - 1, replicas) < target);
        prop_assert!(replicas == 1 || bound(clients, replicas - 1) < target);
    }
}
