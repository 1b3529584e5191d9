use proptest::prelude::*;
use rand::SeedableRng;
use rand::rngs::SmallRng;

use crate::bench::goal::knee::fake::Simulated;

use super::*;

const RANGE: Range = Range { start: 10.0, least: 1.0, most: 1e6, tolerance: 0.05 };

fn found(range: Range, server: &mut Simulated) -> Found {
    match search(range, server) {
        Ok(found) => found,
        Err(never) => match never {},
    }
}

#[test]
fn the_knee_of_a_deterministic_server_is_just_below_its_capacity() {
    let mut server = Simulated::new(0.01, 0.05);
    let found = found(RANGE, &mut server);
    assert!(matches!(found, Found { validated: true, end: End::Found, .. }), "{found:?}");
    let rate = found.rate.unwrap();
    assert!((95.0..100.5).contains(&rate), "{rate}: {:?}", server.tried);
    assert!(server.tried.len() <= 12, "{:?}", server.tried);
}

#[test]
fn a_soft_knee_is_below_where_queueing_takes_the_time() {
    // D/M/1 with a mean of 1 ms: 99 % take less than ln 100/(μ·(1 − σ)) = 10 ms, with σ = exp(−(1 − σ)/ρ), up to ρ = 0.75.
    for seed in 0..20 {
        let mut server = Simulated { exponential: true, ..Simulated::new(0.001, 0.01) };
        server.random = SmallRng::seed_from_u64(seed);
        let found = found(Range { start: 100.0, ..RANGE }, &mut server);
        let rate = found.rate.unwrap();
        assert!(found.validated && (550.0..850.0).contains(&rate), "{seed}: {found:?}");
    }
}

#[test]
fn a_trial_that_fails_by_chance_does_not_spoil_the_search() {
    let mut near = 0;
    for seed in 0..100 {
        let mut server = Simulated { noise: 0.05, ..Simulated::new(0.001, 0.02) };
        server.random = SmallRng::seed_from_u64(seed);
        let rate = found(RANGE, &mut server).rate.unwrap();
        near += usize::from((800.0..1010.0).contains(&rate));
    }
    assert!(near >= 80, "{near} of 100");
}

#[test]
fn it_begins_where_it_is_told_and_goes_down_if_need_be() {
    let mut server = Simulated::new(0.01, 0.05);
    let found = found(Range { start: 5000.0, ..RANGE }, &mut server);
    assert_eq!(server.tried[0], (5000.0, false));
    assert!((95.0..100.5).contains(&found.rate.unwrap()), "{found:?}");
}

#[test]
fn it_does_not_go_beyond_the_highest_rate() {
    let mut server = Simulated::new(0.0001, 0.05);
    let found = found(Range { most: 50.0, ..RANGE }, &mut server);
    assert_eq!(found, Found { rate: Some(50.0), validated: true, end: End::MostHeld });
    assert_eq!(server.tried, [(10.0, false), (20.0, false), (40.0, false), (50.0, false), (50.0, true)]);
}

#[test]
fn a_service_that_never_holds_has_no_knee() {
    let mut server = Simulated::new(0.1, 0.05);
    let found = found(RANGE, &mut server);
    assert_eq!(found, Found { rate: None, validated: false, end: End::NothingHeld });
    let (lowest, validation) = *server.tried.last().unwrap();
    assert!((lowest - RANGE.least).abs() < 1e-9 && !validation, "{:?}", server.tried);
}

#[test]
fn a_load_generator_at_its_limit_ends_the_search_upwards() {
    // It is late from 100/s on; the server would do 1000/s.
    let mut server = Simulated { limit: 100.0, ..Simulated::new(0.001, 0.05) };
    let held = found(RANGE, &mut server);
    assert_eq!(held, Found { rate: Some(160.0), validated: true, end: End::AtItsLimit });
    assert!(server.tried.iter().all(|(rate, _)| *rate <= 160.0), "{:?}", server.tried);
    // And here it fails because of that.
    let mut server = Simulated { limit: 900.0, ..Simulated::new(0.001, 0.05) };
    let failed = found(Range { start: 1500.0, most: 5000.0, ..RANGE }, &mut server);
    assert!(failed.validated && failed.rate.unwrap() < 1010.0, "{failed:?}");
    assert!(server.tried.iter().all(|(rate, _)| *rate <= 1500.0), "{:?}", server.tried);
}

#[test]
fn an_interrupt_leaves_what_is_known() {
    let mut server = Simulated { patience: 3, ..Simulated::new(0.001, 0.05) };
    let found = found(RANGE, &mut server);
    assert_eq!(found, Found { rate: Some(40.0), validated: false, end: End::Interrupted });
    assert_eq!(server.tried.len(), 4);
}

/// Holds below one rate in trials, and below another for longer.
struct Fading(f64, f64);

impl Trial for Fading {
    type Error = std::convert::Infallible;

    fn run(&mut self, rate: f64, validation: bool) -> Result<Tried, Self::Error> {
        let most = if validation { self.1 } else { self.0 };
        Ok(if rate < most { Tried::Held } else { Tried::Failed })
    }
}

#[test]
fn a_rate_that_does_not_hold_for_longer_steps_down_until_one_does() {
    let found = search(RANGE, &mut Fading(100.0, 80.0)).unwrap();
    assert!(found.validated && (76.0..80.0).contains(&found.rate.unwrap()), "{found:?}");
    let none = search(RANGE, &mut Fading(100.0, 0.5)).unwrap();
    assert_eq!(none, Found { rate: None, validated: false, end: End::NotValidated });
    let stepped_down = search(Range { most: 90.0, ..RANGE }, &mut Fading(1e9, 88.0)).unwrap();
    assert_eq!(stepped_down.end, End::Found);
}

proptest! {
    #[test]
    fn whatever_the_capacity_it_is_found_within_the_tolerance(
        capacity in 1.5..1e5_f64, start in 1.0..1e5_f64, tolerance in 0.01..0.5_f64,
    ) {
        let range = Range { start, tolerance, ..RANGE };
        let found = search(range, &mut Fading(capacity, capacity)).unwrap();
        let rate = found.rate.unwrap();
        prop_assert!(found.validated && rate < capacity && rate * (1.0 + tolerance) >= capacity * 0.999, "{found:?}");
    }
}
