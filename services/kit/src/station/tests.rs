use super::*;
use std::num::NonZeroUsize;

fn station(slots: usize, service_ms: u64) -> Station {
    Station::new(StationSettings {
        slots: NonZeroUsize::new(slots),
        service_time: Duration::from_millis(service_ms),
        distribution: crate::delay::Distribution::Constant,
    })
}

async fn visits(station: &Station, works: &[Work]) -> Vec<Visit> {
    let tasks: Vec<_> = works
        .iter()
        .map(|&work| {
            let station = station.clone();
            tokio::spawn(async move { station.visit(work).await })
        })
        .collect();
    let mut visits = Vec::new();
    for task in tasks {
        visits.push(task.await.unwrap());
    }
    visits
}

#[tokio::test]
async fn one_slot_serves_in_order_of_arrival_without_losing_a_moment_in_between() {
    let station = station(1, 10);
    let started = Instant::now();
    let visits = visits(&station, &[Work::Timed; 5]).await;
    assert!(started.elapsed() >= Duration::from_millis(50));
    for (ahead, visit) in visits.iter().enumerate() {
        let due = Duration::from_millis(10) * u32::try_from(ahead).unwrap();
        // Arrivals are microseconds apart, the service times between them exactly 10 ms.
        assert!(due.abs_diff(visit.queue) < Duration::from_millis(5), "{ahead}: {visit:?}");
        assert_eq!(visit.service, Duration::from_millis(10));
    }
}

#[tokio::test]
async fn a_free_visit_takes_its_turn_behind_the_timed_ones() {
    let station = station(1, 20);
    let visits = visits(&station, &[Work::Timed, Work::Timed, Work::Free]).await;
    assert!(visits[2].queue > Duration::from_millis(35), "{visits:?}");
    assert_eq!(visits[2].service, Duration::ZERO);
}

#[tokio::test]
async fn without_a_limit_nobody_waits() {
    let station = station(0, 10);
    for visit in visits(&station, &[Work::Timed; 50]).await {
        assert_eq!(visit.queue, Duration::ZERO);
    }
}

#[tokio::test]
async fn whoever_leaves_the_queue_or_the_slot_makes_room() {
    let station = station(1, 60_000);
    let in_slot = tokio::spawn({
        let station = station.clone();
        async move { station.visit(Work::Timed).await }
    });
    let in_queue = tokio::spawn({
        let station = station.clone();
        async move { station.visit(Work::Timed).await }
    });
    until(|| station.counters().waiting == 1).await;
    in_queue.abort();
    until(|| station.counters().waiting == 0).await;
    in_slot.abort();
    until(|| station.counters().in_service == 0).await;
    assert_eq!(station.visit(Work::Free).await.service, Duration::ZERO);
}

#[tokio::test]
async fn more_slots_admit_the_waiting_at_once_and_fewer_take_effect_as_visits_end() {
    let station = station(1, 30);
    let mut tasks = Vec::new();
    for _ in 0..4 {
        let station = station.clone();
        tasks.push(tokio::spawn(async move { station.visit(Work::Timed).await }));
    }
    until(|| station.counters().waiting == 3).await;
    station.change(StationChange::from_json(br#"{"slots": null}"#).unwrap());
    assert_eq!((station.counters().in_service, station.counters().waiting), (4, 0));
    station.change(StationChange::from_json(br#"{"slots": 1}"#).unwrap());
    for task in tasks {
        task.await.unwrap();
    }
    let counters = station.counters();
    assert_eq!((counters.in_service, counters.timed.completions), (0, 4));
}

#[tokio::test]
async fn busy_time_is_known_half_way_through_a_visit() {
    let station = station(1, 60_000);
    let visit = tokio::spawn({
        let station = station.clone();
        async move { station.visit(Work::Timed).await }
    });
    until(|| station.counters().busy > Duration::from_millis(5)).await;
    assert_eq!(station.counters().timed.completions, 0);
    visit.abort();
}

#[test]
fn a_change_names_the_key_that_is_wrong() {
    for (json, key) in [
        (r#"{"slot": 1}"#, "slot"),
        (r#"{"service_time_ms": -1}"#, "service_time_ms"),
        (r#"{"slots": 0}"#, "nonzero"),
        (r#"{"distribution": "normal"}"#, "normal"),
    ] {
        let error = StationChange::from_json(json.as_bytes()).unwrap_err();
        assert!(error.contains(key), "{json}: {error}");
    }
}

async fn until(condition: impl Fn() -> bool) {
    let waited = tokio::time::timeout(Duration::from_secs(5), async {
        while !condition() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    });
    waited.await.expect("the condition holds within 5 s");
}
