//! Against mean value analysis as the textbooks have it, where it can be trusted, and against closed forms.

use std::cell::Cell;

use proptest::prelude::*;

use super::*;

fn station(demand: f64, servers: Option<usize>, dispatch: Dispatch) -> Station {
    let (name, service_time, replicas) = ("rng".to_owned(), Seconds(demand), servers.unwrap_or(1));
    Station { name, service_time, servers, replicas, dispatch, visits: 1.0 }
}

fn model(think_time: f64, stations: &[Station]) -> Model {
    Model { think_time: Seconds(think_time), stations: stations.to_vec() }
}

fn throughput(model: &Model, clients: usize) -> f64 {
    model.product_form(clients).throughput.0
}

#[track_caller]
fn assert_near(actual: f64, expected: f64, tolerance: f64) {
    assert!((actual / expected - 1.0).abs() <= tolerance, "{actual} is not {expected}");
}

/// Reiser and Lavenberg's recursion, with marginal probabilities at stations of several servers.
fn textbook(think_time: f64, stations: &[(f64, usize)], clients: usize) -> f64 {
    let mut queues: Vec<Vec<f64>> = stations
        .iter()
        .map(|(_, servers)| std::iter::once(1.0).chain(vec![0.0; *servers]).collect())
        .collect();
    let mut here = vec![0.0; stations.len()];
    let mut throughput = 0.0;
    for n in 1..=clients {
        let response = |index: usize| {
            let (demand, servers) = stations[index];
            let idle = (0..servers).map(|j| (servers - 1 - j.min(servers - 1)) as f64 * queues[index][j]);
            demand / servers as f64 * (1.0 + here[index] + idle.sum::<f64>())
        };
        let responses: Vec<f64> = (0..stations.len()).map(response).collect();
        throughput = n as f64 / (think_time + responses.iter().sum::<f64>());
        for (index, (demand, servers)) in stations.iter().enumerate() {
            here[index] = throughput * responses[index];
            let queue = &mut queues[index];
            for j in (1..*servers).rev() {
                queue[j] = throughput * demand / j as f64 * queue[j - 1];
            }
            let busy =
                throughput * demand + (1..*servers).map(|j| (servers - j) as f64 * queue[j]).sum::<f64>();
            queue[0] = 1.0 - busy / *servers as f64;
        }
    }
    throughput
}

#[test]
fn a_single_client_never_waits_and_nobody_does_nothing() {
    let model = model(0.2, &[station(0.1, Some(2), Dispatch::RoundRobin)]);
    assert_near(throughput(&model, 1), 1.0 / 0.3, 1e-12);
    assert_eq!(throughput(&model, 0).to_bits(), 0);
}

#[test]
fn delay_stations_alone_are_passed_at_once() {
    let model = model(0.1, &[station(0.1, None, Dispatch::RoundRobin)]);
    assert_near(throughput(&model, 7), 35.0, 1e-12);
}

#[test]
fn the_default_application_without_constant_times_bends_softly() {
    // By hand: R = 0.1·(1 + Q), X = n/(0.2 + R), Q = X·R from Q = 0.
    let soft = |clients| {
        let rng = station(0.1, Some(1), Dispatch::RoundRobin);
        let hasher = station(0.1, None, Dispatch::RoundRobin);
        format!("{:.4}", throughput(&model(0.1, &[rng, hasher]), clients))
    };
    assert_eq!([soft(1), soft(2), soft(3)], ["3.3333", "6.0000", "7.8947"]);
}

#[test]
fn replicas_alone_serve_n_over_n_plus_m_less_1_of_what_they_could() {
    let apart = station(0.1, Some(4), Dispatch::Random);
    assert_near(throughput(&model(0.0, &[apart]), 6), 40.0 * 6.0 / 9.0, 1e-12);
    let shared = station(0.1, Some(4), Dispatch::RoundRobin);
    assert_near(throughput(&model(0.0, &[shared]), 3), 30.0, 1e-12);
}

#[test]
fn many_servers_and_a_crowd_lose_no_digits() {
    for (servers, clients, full) in [(3, 100_000, 30.0), (1000, 1_000_000, 10_000.0)] {
        let rng = station(0.1, Some(servers), Dispatch::RoundRobin);
        assert_near(throughput(&model(0.2, std::slice::from_ref(&rng)), clients), full, 1e-9);
        let hasher = station(0.001, Some(servers), Dispatch::RoundRobin);
        assert_near(throughput(&model(0.2, &[rng, hasher]), clients), full, 1e-9);
    }
}

#[test]
fn half_a_million_servers_for_a_million_clients_are_as_busy_as_erlang_says() {
    let rng = station(0.1, Some(500_000), Dispatch::RoundRobin);
    // A third of the clients is at rng: nobody waits.
    assert_near(throughput(&model(0.2, &[rng]), 1_000_000), 1_000_000.0 / 0.3, 1e-9);
}

#[test]
fn a_million_clients_take_a_million_steps() {
    let steps = Cell::new(0_usize);
    let counted = |rate: f64| {
        steps.set(steps.get() + 1);
        rate
    };
    let passed = both(1_000_000, &|n| n as f64 / 0.2, &|n| counted(n.min(3) as f64 / 0.1));
    assert_near(passed, 30.0, 1e-9);
    assert_eq!(steps.get(), 1_000_000);
}

#[test]
fn where_nobody_is_served_nothing_happens() {
    let none = station(0.1, Some(0), Dispatch::RoundRobin);
    assert_eq!(throughput(&model(0.1, &[none]), 3).to_bits(), 0);
}

/// `replicas` chosen at random, with so many `servers` each.
fn apart(demand: f64, replicas: usize, servers: usize) -> Station {
    Station { replicas, ..station(demand, Some(replicas * servers), Dispatch::Random) }
}

#[test]
fn a_crowd_is_expanded_to_what_the_sum_gives() {
    for (clients, think_time, stations) in [
        (450, 6.0, vec![apart(0.17, 3, 50)]),
        (450, 0.0, vec![apart(0.13, 20, 20)]),
        (500, 0.5, vec![apart(0.19, 5, 20), apart(0.25, 2, 40)]),
        (500, 0.0, vec![apart(0.02, 8, 3), apart(0.26, 2, 100)]),
        (500, 7.0, vec![apart(0.19, 20, 2), apart(0.16, 2, 10)]),
        (500, 0.3, vec![apart(0.1, 2, 2), station(0.05, Some(1), Dispatch::RoundRobin)]),
    ] {
        let waiting: Vec<Waiting> = stations.iter().filter_map(Waiting::at).collect();
        let away = Seconds(think_time);
        let expanded = expansion::throughput(clients, away, &waiting).0;
        assert_near(expanded, one_by_one(clients, away, &waiting), 0.001);
        let method = |clients| model(think_time, &stations).product_form(clients).method;
        assert_eq!((method(MOST_CLIENTS), method(MOST_CLIENTS + 1)), (Method::Exact, Method::Expanded));
    }
}

proptest! {
    #[test]
    fn one_station_and_two_agree_with_the_textbook(
        think_time in 0.01..1.0, clients in 1_usize..60,
        (rng, at_rng) in (0.01..0.5, 1_usize..4), (hasher, at_hasher) in (0.01..0.5, 1_usize..4),
    ) {
        let [first, second] =
            [(rng, at_rng), (hasher, at_hasher)].map(|(demand, m)| station(demand, Some(m), Dispatch::RoundRobin));
        let single = throughput(&model(think_time, std::slice::from_ref(&first)), clients);
        let expected = textbook(think_time, &[(rng, at_rng)], clients);
        prop_assert!((single / expected - 1.0).abs() < 1e-6, "{single} {expected}");
        let double = throughput(&model(think_time, &[first, second]), clients);
        let expected = textbook(think_time, &[(rng, at_rng), (hasher, at_hasher)], clients);
        prop_assert!((double / expected - 1.0).abs() < 1e-6, "{double} {expected}");
    }

    #[test]
    fn replicas_apart_agree_with_as_many_single_stations(
        think_time in 0.01..1.0, clients in 1_usize..60, demand in 0.01..0.5, replicas in 1_usize..6,
        hasher in 0.01..0.5,
    ) {
        let apart = station(demand, Some(replicas), Dispatch::Random);
        let each = vec![(demand / replicas as f64, 1); replicas];
        let found = throughput(&model(think_time, std::slice::from_ref(&apart)), clients);
        prop_assert!((found / textbook(think_time, &each, clients) - 1.0).abs() < 1e-9);
        // Whichever of the two is taken first.
        let beside = station(hasher, Some(1), Dispatch::RoundRobin);
        let all: Vec<_> = each.iter().copied().chain([(hasher, 1)]).collect();
        let expected = textbook(think_time, &all, clients);
        for stations in [[apart.clone(), beside.clone()], [beside, apart]] {
            let found = throughput(&model(think_time, &stations), clients);
            prop_assert!((found / expected - 1.0).abs() < 1e-9, "{found} {expected}");
        }
    }

    #[test]
    fn replicas_of_several_servers_agree_with_as_many_stations(
        think_time in 0.0..1.0, clients in 1_usize..30, demand in 0.01..0.5, replicas in 2_usize..6, servers in 1_usize..4,
        hasher in 0.01..0.5,
    ) {
        let one = apart(demand, replicas, servers);
        let each = vec![(demand / replicas as f64, servers); replicas];
        let found = throughput(&model(think_time, std::slice::from_ref(&one)), clients);
        prop_assert!((found / textbook(think_time, &each, clients) - 1.0).abs() < 1e-6);
        let beside = station(hasher, Some(2), Dispatch::RoundRobin);
        let all: Vec<_> = each.iter().copied().chain([(hasher, 2)]).collect();
        let found = throughput(&model(think_time, &[one, beside]), clients);
        prop_assert!((found / textbook(think_time, &all, clients) - 1.0).abs() < 1e-6);
    }

    #[test]
    fn it_stays_below_the_bound_and_never_falls(
        think_time in 0.0..1.0, demand in 0.01..0.5, servers in 1_usize..40, clients in 1_usize..200, random: bool,
    ) {
        let dispatch = if random { Dispatch::Random } else { Dispatch::RoundRobin };
        let model = model(think_time, &[station(demand, Some(servers), dispatch)]);
        let found = throughput(&model, clients);
        prop_assert!(found <= model.bound(clients).0 * (1.0 + 1e-9), "{found}");
        prop_assert!(throughput(&model, clients + 1) >= found * (1.0 - 1e-9));
    }
}
