//! Visitors who come, stay, lose patience and are refused at random, on several threads, while the settings change.

use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};

use super::*;

const VISITS: usize = 1500;
const SLOTS: [usize; 4] = [1, 2, 5, 0];

fn slots(count: usize) -> StationChange {
    let slots = NonZeroUsize::new(count).map_or("null".to_owned(), |slots| slots.to_string());
    StationChange::from_json(format!(r#"{{"slots": {slots}}}"#).as_bytes()).unwrap()
}

async fn visit_impatiently(station: &Station, random: &mut SmallRng) -> bool {
    let work = if random.random() { Work::Timed } else { Work::Free };
    let patience = Duration::from_micros(random.random_range(0..3000));
    tokio::select! {
        biased;
        _ = station.visit(work) => true,
        () = dockercoins_timer::sleep_until(Instant::now() + patience) => false,
    }
}

/// Keeps about 20 visitors in the station at a time; returns how many were served.
fn crowd(station: &Station, seed: u64) -> u64 {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let mut visitors = tokio::task::JoinSet::new();
    runtime.block_on(async {
        for visitor in 0..20 {
            let station = station.clone();
            visitors.spawn(async move {
                let mut random = SmallRng::seed_from_u64(seed * 100 + visitor);
                let mut served = 0;
                for _ in 0..VISITS / 20 {
                    served += u64::from(visit_impatiently(&station, &mut random).await);
                }
                served
            });
        }
        visitors.join_all().await.into_iter().sum()
    })
}

/// Changes the slots until `done`, then settles on two.
fn administer(station: &Station, done: &AtomicBool) {
    let mut random = SmallRng::seed_from_u64(99);
    while !done.load(Ordering::Relaxed) {
        station.change(slots(SLOTS[random.random_range(0..SLOTS.len())])).unwrap();
        let counters = station.counters();
        let free = counters.settings.slots.is_none_or(|slots| counters.in_service < slots.get());
        assert!(!free || counters.waiting == 0, "a slot is free while somebody waits: {counters:?}");
        std::thread::sleep(Duration::from_micros(random.random_range(0..2000)));
    }
    station.change(slots(2)).unwrap();
}

#[test]
fn no_slot_is_lost_or_doubled_however_visitors_leave_and_settings_change() {
    let settings = StationSettings {
        slots: NonZeroUsize::new(1),
        service_time: Duration::from_micros(300),
        distribution: crate::delay::Distribution::Exponential,
        ..StationSettings::default()
    };
    let station = Station::new(settings);
    let done = AtomicBool::new(false);
    let served: u64 = std::thread::scope(|scope| {
        let crowds: Vec<_> = (0..4)
            .map(|seed| {
                scope.spawn({
                    let station = &station;
                    move || crowd(station, seed)
                })
            })
            .collect();
        let admin = scope.spawn(|| administer(&station, &done));
        let served = crowds.into_iter().map(|crowd| crowd.join().unwrap()).sum();
        done.store(true, Ordering::Relaxed);
        admin.join().unwrap();
        served
    });
    let counters = station.counters();
    assert_eq!((counters.in_service, counters.waiting), (0, 0), "{counters:?}");
    assert_eq!(counters.timed.arrivals + counters.free.arrivals, 4 * VISITS as u64);
    let completions = counters.timed.completions + counters.free.completions;
    assert!(served > 500 && served < 4 * VISITS as u64, "some were served, some left: {served}");
    assert_eq!(completions, served);
    assert_room_for_two(&station);
}

fn assert_room_for_two(station: &Station) {
    let change = StationChange::from_json(br#"{"service_time_ms": 60000, "distribution": "constant"}"#);
    station.change(change.unwrap()).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let visits: Vec<_> = (0..5)
            .map(|_| {
                let station = station.clone();
                tokio::spawn(async move { station.visit(Work::Timed).await })
            })
            .collect();
        let deadline = Instant::now() + Duration::from_secs(5);
        while station.counters().waiting < 3 && Instant::now() < deadline {
            tokio::task::yield_now().await;
        }
        let counters = station.counters();
        assert_eq!((counters.in_service, counters.waiting), (2, 3));
        visits.iter().for_each(tokio::task::JoinHandle::abort);
    });
}
