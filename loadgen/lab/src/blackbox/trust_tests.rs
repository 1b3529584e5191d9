//! Counters of every kind, simulated and read as the lab reads them: how often the interval holds the rate, and how wide it is.

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::super::series::steady;
use crate::statistics::series::EventCount;

/// What is counted a second, by everybody together.
const RATE: f64 = 20.0;

const WARM_UP: f64 = 2.0;
const WINDOW: f64 = 12.0;

/// How what is done gets counted.
#[derive(Clone, Copy)]
struct Told {
    /// Those who tell, each with a share of the work and its own phase.
    by: usize,
    /// Seconds between two times that one of them does so.
    every: f64,
    /// By how much that may be off, as a share of it.
    jitter: f64,
    /// Whether work is done at random instants, or regularly.
    at_random: bool,
}

const AT_ONCE: Told = Told { by: 1, every: 0.0, jitter: 0.0, at_random: true };
const ONCE_A_SECOND: Told = Told { by: 3, every: 1.0, jitter: 0.0, at_random: true };

/// The instants at which something is done by one of so many, from 0 to the end of the window.
fn done(told: Told, random: &mut StdRng) -> Vec<f64> {
    let gap = told.by as f64 / RATE;
    let mut at = gap * random.random::<f64>();
    let mut all = Vec::new();
    while at < WARM_UP + WINDOW {
        all.push(at);
        at += if told.at_random { -gap * (1.0 - random.random::<f64>()).ln() } else { gap };
    }
    all
}

/// The instants at which each piece of work is counted.
fn counted(told: Told, random: &mut StdRng) -> Vec<f64> {
    let mut all = Vec::new();
    for _ in 0..told.by {
        let mut at = told.every * random.random::<f64>();
        for done in done(told, random) {
            while at < done && told.every > 0.0 {
                at += told.every * (1.0 + told.jitter * (2.0 * random.random::<f64>() - 1.0));
            }
            all.push(at.max(done));
        }
    }
    all.sort_by(f64::total_cmp);
    all
}

/// What the lab makes of readings every sixty milliseconds: the rate, and half of its interval.
fn measured(told: Told, seed: u64) -> (f64, f64) {
    let mut random = StdRng::seed_from_u64(seed);
    let counted = counted(told, &mut random);
    let (mut count, mut before, mut at) = (EventCount::default(), 0, 0.06 * random.random::<f64>());
    while at < WARM_UP + WINDOW {
        let now = counted.partition_point(|instant| *instant <= at);
        if now > before {
            count.record(1000.0 + at, now as f64);
        }
        before = now;
        at += 0.06 + 0.005 * random.random::<f64>();
    }
    let steady = steady(&count, 1000.0, WARM_UP).unwrap();
    (steady.rate, steady.half_width.unwrap())
}

/// The share of intervals, of so many seeds, that hold the rate, and how wide they are on average, as a share of it.
fn coverage(told: Told, seeds: u64) -> (f64, f64) {
    let seen: Vec<(f64, f64)> = (0..seeds).map(|seed| measured(told, seed)).collect();
    let held = seen.iter().filter(|(rate, half)| (rate - RATE).abs() <= *half).count();
    let half = seen.iter().map(|(_, half)| half).sum::<f64>() / seeds as f64;
    (held as f64 / seeds as f64, half / RATE)
}

#[test]
fn intervals_hold_the_rate_of_random_work_however_it_is_told() {
    for (told, widest) in [
        (AT_ONCE, 0.16),
        (Told { by: 1, ..ONCE_A_SECOND }, 0.2),
        (ONCE_A_SECOND, 0.2),
        (Told { by: 10, ..ONCE_A_SECOND }, 0.2),
        (Told { jitter: 0.2, ..ONCE_A_SECOND }, 0.2),
        (Told { every: 0.7, ..ONCE_A_SECOND }, 0.2),
    ] {
        let (held, half) = coverage(told, 400);
        let Told { by, every, .. } = told;
        assert!((0.9..=0.99).contains(&held) && half < widest, "{by} each {every} s: {held}, ± {half}");
    }
}

/// What is regular is known well, although it is told of in portions: those are no reason to doubt the rate.
#[test]
fn portions_of_regular_work_do_not_widen_the_interval() {
    let regular = Told { at_random: false, ..ONCE_A_SECOND };
    for (told, widest) in [
        (Told { every: 0.0, ..regular }, 0.01),
        (Told { by: 1, ..regular }, 0.02),
        (Told { by: 2, every: 1.2, ..regular }, 0.03),
        (Told { by: 4, every: 1.2, ..regular }, 0.03),
        (Told { by: 10, ..regular }, 0.03),
        (Told { by: 10, jitter: 0.05, ..regular }, 0.03),
        (Told { jitter: 0.3, ..regular }, 0.1),
    ] {
        let (held, half) = coverage(told, 100);
        let Told { by, every, jitter, .. } = told;
        assert!(held >= 0.95 && half < widest, "{by} each {every} s, {jitter}: {held}, ± {half}");
    }
}

#[test]
fn a_counter_that_hardly_moves_has_no_interval() {
    let moves = |times: u32| {
        let count: EventCount = (0..=times).map(|k| (1000.0 + f64::from(k), f64::from(k))).collect();
        super::half_width(&count, 1000.0, 1000.0 + f64::from(times), 1.0)
    };
    assert_eq!(moves(4), None);
    assert!(moves(5).is_some_and(|half| half < 1e-6));
}
