use super::*;
use crate::share::Share;
use std::num::NonZeroUsize;

const DEADLINE: Duration = Duration::from_secs(20);

fn station(slots: usize, service_ms: u64) -> Station {
    Station::new(StationSettings {
        slots: NonZeroUsize::new(slots),
        service_time: Duration::from_millis(service_ms),
        ..StationSettings::default()
    })
}

/// Visits side by side, in order of arrival, and when each of them arrived.
async fn arrivals(station: &Station, works: &[Work]) -> Vec<(Instant, Visit)> {
    let tasks: Vec<_> = works
        .iter()
        .map(|&work| {
            let station = station.clone();
            tokio::spawn(async move { (Instant::now(), station.visit(work).await) })
        })
        .collect();
    let mut visits = Vec::new();
    for task in tasks {
        visits.push(task.await.unwrap());
    }
    visits
}

async fn visits(station: &Station, works: &[Work]) -> Vec<Visit> {
    arrivals(station, works).await.into_iter().map(|(_, visit)| visit).collect()
}

#[tokio::test]
async fn one_slot_serves_in_order_of_arrival_without_losing_a_moment_in_between() {
    let station = station(1, 10);
    let started = Instant::now();
    let visits = arrivals(&station, &[Work::Timed; 5]).await;
    assert!(started.elapsed() >= Duration::from_millis(50));
    let (first, _) = visits[0];
    for (ahead, (arrived, visit)) in visits.iter().enumerate() {
        let due = Duration::from_millis(10) * u32::try_from(ahead).unwrap();
        // However far apart they arrive, each begins where the one before ends.
        let began = arrived.duration_since(first) + visit.queue;
        assert!(due.abs_diff(began) < Duration::from_millis(5), "{ahead}: {visit:?}");
        assert_eq!(visit.service, Duration::from_millis(10));
    }
}

#[tokio::test]
async fn a_free_visit_takes_its_turn_behind_the_timed_ones() {
    let station = station(1, 20);
    let visits = arrivals(&station, &[Work::Timed, Work::Timed, Work::Free]).await;
    let ((first, _), (arrived, free)) = (visits[0], visits[2]);
    assert!(arrived.duration_since(first) + free.queue > Duration::from_millis(35), "{visits:?}");
    assert_eq!(free.service, Duration::ZERO);
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
    station.change(StationChange::from_json(br#"{"slots": null}"#).unwrap()).unwrap();
    assert_eq!((station.counters().in_service, station.counters().waiting), (4, 0));
    station.change(StationChange::from_json(br#"{"slots": 1}"#).unwrap()).unwrap();
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

#[tokio::test]
async fn where_nothing_takes_time_visits_are_counted_all_the_same() {
    let station = station(0, 0);
    for visit in visits(&station, &[Work::Timed, Work::Free, Work::Timed]).await {
        assert_eq!(visit, Visit::default());
    }
    let counters = station.counters();
    assert_eq!((counters.timed.arrivals, counters.timed.completions, counters.in_service), (2, 2, 0));
    assert_eq!((counters.free.arrivals, counters.free.completions), (1, 1));
}

#[tokio::test]
async fn a_longer_visit_takes_the_service_time_and_so_much_more() {
    let station = station(1, 10);
    let visit = station.visit(Work::Longer(Duration::from_millis(15))).await;
    assert_eq!(visit.service, Duration::from_millis(25));
    assert_eq!(station.counters().timed.service, Duration::from_millis(25));
}

#[tokio::test]
async fn a_stall_holds_up_every_visit_even_where_none_takes_time() {
    let station = station(0, 0);
    station.change(change(r#"{"stall_every_ms": 20, "stall_for_ms": 19.9}"#).unwrap()).unwrap();
    let deadline = Instant::now() + DEADLINE;
    while station.visit(Work::Free).await.service.is_zero() {
        assert!(Instant::now() < deadline, "no visit is held up");
        tokio::task::yield_now().await;
    }
}

#[test]
fn stalls_keep_their_period_unless_they_are_set_again() {
    let station = station(0, 10);
    station.change(change(r#"{"stall_every_ms": 100, "stall_for_ms": 30}"#).unwrap()).unwrap();
    let set_at = station.state().stalls_set_at;
    let ends_ms = |starts_ms| {
        let ends_at = station.end_of(Work::Timed, set_at + Duration::from_millis(starts_ms));
        (ends_at - set_at).as_millis()
    };
    let expected = [(0, 10), (95, 130), (119, 130), (125, 135), (989, 999), (990, 1030)];
    assert_eq!(expected.map(|(starts_ms, _)| ends_ms(starts_ms)), expected.map(|(_, ends_ms)| ends_ms));
    station.change(change(r#"{"service_time_ms": 0}"#).unwrap()).unwrap();
    assert_eq!(station.state().stalls_set_at, set_at);
    station.change(change(r#"{"stall_for_ms": 31}"#).unwrap()).unwrap();
    assert!(station.state().stalls_set_at > set_at);
}

#[test]
fn a_seed_repeats_its_choices_and_starts_anew_when_it_is_set_again() {
    let settings = StationSettings {
        service_time: Duration::from_millis(10),
        distribution: crate::delay::Distribution::Exponential,
        seed: Some(7),
        ..StationSettings::default()
    };
    let draw = |station: &Station| [(); 5].map(|()| station.state().draw(Work::Timed));
    let [one, other] = [Station::new(settings), Station::new(settings)];
    let choices = draw(&one);
    assert_eq!(draw(&other), choices);
    assert_ne!(draw(&other), choices);
    other.change(change(r#"{"seed": 7}"#).unwrap()).unwrap();
    assert_eq!(draw(&other), choices);
    let strange = Station::new(StationSettings { seed: None, ..settings });
    assert_ne!(draw(&strange), choices);
}

fn change(json: &str) -> Result<StationChange, String> {
    StationChange::from_json(json.as_bytes())
}

#[test]
fn what_is_shown_can_be_set_again_and_what_is_not_named_stays() {
    let station = station(2, 10);
    let bimodal = r#"{"distribution": "bimodal", "slow_share": 0.05, "stall_every_ms": 10000}"#;
    let settings = station.change(change(bimodal).unwrap()).unwrap();
    assert_eq!((settings.slots, settings.slow.share), (NonZeroUsize::new(2), Share::percent(5)));
    assert_eq!(settings.mean_service_time(), Duration::from_micros(14_500));
    let shown = serde_json::to_string(&settings).unwrap();
    assert_eq!(station.change(change(&shown).unwrap()), Ok(settings));
    for none in ["null", "0"] {
        let change = change(&format!(r#"{{"stall_every_ms": {none}}}"#)).unwrap();
        assert_eq!(station.change(change).unwrap().stall.every, None);
    }
}

#[test]
fn stalls_without_time_between_them_are_refused_and_change_nothing() {
    let station = station(0, 10);
    let before = station.settings();
    let endless = change(r#"{"stall_every_ms": 500, "service_time_ms": 1}"#).unwrap();
    assert!(station.change(endless).unwrap_err().contains("stall_for_ms"));
    assert_eq!(station.settings(), before);
}

#[test]
fn a_change_names_the_key_that_is_wrong() {
    for (json, key) in [
        (r#"{"slot": 1}"#, "slot"),
        (r#"{"service_time_ms": -1}"#, "service_time_ms"),
        (r#"{"slots": 0}"#, "nonzero"),
        (r#"{"distribution": "normal"}"#, "normal"),
        (r#"{"slow_time_ms": -1}"#, "slow_time_ms"),
        (r#"{"slow_share": 1.5}"#, "slow_share"),
        (r#"{"stall_every_ms": 1e9}"#, "stall_every_ms"),
        (r#"{"stall_for_ms": -1}"#, "stall_for_ms"),
        (r#"{"seed": -1}"#, "-1"),
    ] {
        let error = StationChange::from_json(json.as_bytes()).unwrap_err();
        assert!(error.contains(key), "{json}: {error}");
    }
}

async fn until(condition: impl Fn() -> bool) {
    let waited = tokio::time::timeout(DEADLINE, async {
        while !condition() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    });
    waited.await.expect("the condition holds in time");
}
