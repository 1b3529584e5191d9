use super::*;

const START: f64 = 1.8e9;
const BEFORE: Before = Before { from: START, struck_at: START + 6.0, throughput: 10.0 };

/// Ten hashes a second, except for `gaps`: from when to when, in seconds from the start, none ends.
fn counted(gaps: &[(f64, f64)], until: f64) -> EventCount {
    let mut events = EventCount::default();
    let mut count = 0.0;
    for tick in 1..=600_u32 {
        let at = f64::from(tick) * 0.1;
        if at > until {
            break;
        }
        if !gaps.iter().any(|(from, to)| (*from..*to).contains(&at)) {
            count += 1.0;
            events.record(START + at, count);
        }
    }
    events
}

fn recovery(gaps: &[(f64, f64)], until: f64) -> Option<Recovery> {
    Recovery::of(&counted(gaps, until), BEFORE, START + until)
}

#[test]
fn throughput_is_back_when_it_has_stayed_back() {
    let found = recovery(&[(6.05, 7.55)], 20.0).unwrap();
    let after = found.recovered_after_seconds.unwrap();
    assert!((1.3..1.7).contains(&after), "{found:?}");
    assert!((found.hashes_not_mined - 15.0).abs() < 1.5, "{found:?}");
    assert!(found.lowest_per_second < 2.0 && found.was_felt(), "{found:?}");
    assert!((found.lowest_before_per_second - 10.0).abs() < 0.01, "{found:?}");
}

#[test]
fn a_dip_that_comes_late_or_twice_counts_from_the_strike() {
    let late = recovery(&[(8.05, 9.05)], 20.0).unwrap();
    assert!((2.8..3.2).contains(&late.recovered_after_seconds.unwrap()), "{late:?}");
    let twice = recovery(&[(6.05, 7.05), (8.55, 9.55)], 20.0).unwrap();
    assert!((3.3..3.7).contains(&twice.recovered_after_seconds.unwrap()), "{twice:?}");
    assert!((twice.hashes_not_mined - 20.0).abs() < 2.0, "{twice:?}");
}

#[test]
fn what_nobody_felt_takes_no_time_and_costs_nothing() {
    let found = recovery(&[], 20.0).unwrap();
    assert_eq!((found.recovered_after_seconds, found.was_felt()), (Some(0.0), false));
    assert!(found.hashes_not_mined.abs() < 1e-9, "{found:?}");
}

#[test]
fn nothing_is_told_too_early() {
    assert_eq!(recovery(&[], 11.0), None, "it may be felt yet");
    assert_eq!(recovery(&[(6.05, 7.55)], 9.0), None, "it may not stay");
    assert_eq!(recovery(&[(6.05, 19.0)], 18.0), None, "it is not back");
}

#[test]
fn what_is_not_back_at_the_end_has_cost_all_of_it() {
    let found = Recovery::missed(&counted(&[(6.05, 60.0)], 36.0), BEFORE, START + 36.0);
    assert_eq!((found.recovered_after_seconds, found.was_felt()), (None, true));
    assert!((found.hashes_not_mined - 300.0).abs() < 2.0, "{found:?}");
}
