use super::*;
use proptest::prelude::*;

const fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

fn times(ended: &[u64], censored: &[u64]) -> Times {
    let mut times = Times::default();
    for millis in ended {
        times.record(ms(*millis));
    }
    for millis in censored {
        times.record_censored(ms(*millis));
    }
    times
}

/// To the histogram's three digits.
fn assert_near(quantile: Quantile, millis: u64) {
    let off = quantile.time.as_secs_f64() / ms(millis).as_secs_f64() - 1.0;
    assert!(off.abs() < 1e-3 && !quantile.lower_bound, "{quantile:?} is not {millis} ms");
}

#[test]
fn requests_given_up_early_do_not_make_the_service_look_fast() {
    // One takes 100 ms, half of the others were given up at 10 ms: nothing says that those were any faster.
    let times = times(&[100; 50], &[10; 50]);
    assert_near(times.quantile(0.01).unwrap(), 100);
    assert_eq!(times.lower_bound_from(), None);
}

#[test]
fn the_textbook_estimate_is_met() {
    // Ended at 1, 3, 4; given up at 2 and 5. S: 4/5 after 1, 4/5·2/3 after 3, 4/5·1/3 after 4.
    let times = times(&[1, 3, 4], &[2, 5]);
    assert_near(times.quantile(0.2).unwrap(), 1);
    assert_near(times.quantile(0.21).unwrap(), 3);
    assert_near(times.quantile(0.46).unwrap(), 3);
    assert_near(times.quantile(0.47).unwrap(), 4);
    let beyond = times.quantile(0.74).unwrap();
    assert_eq!(beyond, Quantile { time: ms(5), lower_bound: true });
    assert!((times.lower_bound_from().unwrap() - 11.0 / 15.0).abs() < 1e-9);
}

#[test]
fn timeouts_hold_the_upper_quantiles_up() {
    let times = times(&[1; 99], &[20_000]);
    assert_near(times.quantile(0.99).unwrap(), 1);
    assert_eq!(times.quantile(0.995), Some(Quantile { time: ms(20_000), lower_bound: true }));
}

/// One request each 50 ms at a server that takes 100 ms for each, for 10 s: half of them have their answer by then.
fn growing_queue() -> Times {
    let (mut times, second) = (Times::default(), ms(1000));
    for k in 0..200 {
        let (due, done) = (ms(50 * k), ms(100 * (k + 1)));
        if done <= 10 * second {
            times.record(done.saturating_sub(due));
        } else {
            times.record_censored((10 * second).saturating_sub(due));
        }
    }
    times.with_informative_censoring(true)
}

#[test]
fn in_a_growing_queue_quantiles_are_bounds_below_what_they_would_have_been() {
    let times = growing_queue();
    // All answered, they would have taken from 0.1 s to 10.05 s.
    for (quantile, truth) in [(0.5, 5_050), (0.9, 9_050), (0.99, 9_950), (1.0, 10_050)] {
        let found = times.quantile(quantile).unwrap();
        assert!(found.lower_bound && found.time <= ms(truth) && found.time >= ms(2000), "{found:?}");
    }
    assert!(times.lower_bound_from().unwrap() < 0.5);
}

#[test]
fn a_few_in_flight_leave_quantiles_known_even_if_they_may_be_late() {
    let mut times = Times::default().with_informative_censoring(true);
    for k in 0..100_000_u64 {
        times.record(Duration::from_micros(1000 + k * 7919 % 5000));
    }
    (0..64).for_each(|k| times.record_censored(Duration::from_micros(60 * k)));
    for quantile in [0.5, 0.99] {
        assert!(!times.quantile(quantile).unwrap().lower_bound, "{quantile}");
    }
    assert!(times.quantile(1.0).unwrap().lower_bound);
}

#[test]
fn nothing_has_no_quantile_and_only_censored_requests_a_bound() {
    assert_eq!(Times::default().quantile(0.5), None);
    let waiting = times(&[], &[7, 9]);
    assert_eq!(waiting.quantile(0.5), Some(Quantile { time: ms(9), lower_bound: true }));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn without_censoring_it_is_the_plain_quantile(
        millis in prop::collection::vec(1u64..10_000, 1..100), quantile in 0.0..=1.0,
    ) {
        let times = times(&millis, &[]);
        let plain = times.ended().quantile(quantile);
        prop_assert_eq!(times.quantile(quantile).map(|it| it.time), plain);
        prop_assert_eq!(times.lower_bound_from(), None);
    }

    #[test]
    fn a_censored_request_never_lowers_a_quantile(
        ended in prop::collection::vec(1u64..1000, 1..50),
        censored in prop::collection::vec(1u64..1000, 0..50),
        quantile in 0.0..=1.0,
    ) {
        let with = times(&ended, &censored);
        let all: Vec<u64> = ended.iter().chain(&censored).copied().collect();
        let (with, plain) = (with.quantile(quantile).unwrap(), times(&all, &[]).quantile(quantile).unwrap());
        prop_assert!(with.time.as_secs_f64() * 1.001 >= plain.time.as_secs_f64(), "{with:?} {plain:?}");
    }
}
