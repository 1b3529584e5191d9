use super::*;
use proptest::prelude::*;

fn stages(texts: &[&str]) -> Stages {
    Stages::new(texts.iter().map(|text| text.parse().unwrap()).collect()).unwrap()
}

/// Every whole arrival.
fn due(stages: &Stages) -> Vec<Duration> {
    (0u32..).map_while(|k| stages.instant(k.into())).collect()
}

#[test]
fn stages_are_read_as_they_are_written() {
    for (text, lasts, from, to) in [
        ("30s:100", 30_000, 100.0, 100.0),
        ("30s:100..1000", 30_000, 100.0, 1000.0),
        ("1m 30s:10/s..0.5/s", 90_000, 10.0, 0.5),
        ("500ms:0", 500, 0.0, 0.0),
    ] {
        let stage = Stage::new(Duration::from_millis(lasts), from, to);
        assert_eq!(text.parse(), stage, "{text}");
    }
}

#[test]
fn what_makes_no_stage_is_named() {
    for (text, part) in [
        ("30s", "DURATION:RATE"),
        ("30:5", "`30` is no duration"),
        (":5", "`` is no duration"),
        ("0s:5", "longer than nothing"),
        ("30s:", "`` is no rate"),
        ("30s:-5", "`-5` is no rate"),
        ("30s:5..x", "`x` is no rate"),
        ("30s:5..inf", "`inf` is no rate"),
        ("30s:NaN", "`NaN` is no rate"),
    ] {
        let error = text.parse::<Stage>().unwrap_err().to_string();
        assert!(error.contains(part), "{text}: {error}");
    }
    assert_eq!(Stages::new(vec!["5s:0".parse().unwrap()]), Err(NothingDue));
    assert_eq!(Stages::new(vec![]), Err(NothingDue));
}

/// Stages, the number of arrivals, and some of them: which, and when in milliseconds.
type Case = (&'static [&'static str], usize, &'static [(usize, u64)]);

#[test]
fn arrivals_stand_where_the_integral_of_the_rate_is_whole() {
    let cases: [Case; 8] = [
        (&["10s:100"], 1000, &[(0, 0), (1, 10), (999, 9990)]),
        (&["1s:50"], 50, &[(49, 980)]),
        (&["300ms:10"], 3, &[(2, 200)]),
        // √(a² + 2gn) with a = 100, g = 30, n = 8250: (√505000 − 100)/30.
        (&["30s:100..1000"], 16_500, &[(0, 0), (8250, 20_354)]),
        // √(2n/g) with g = 2, and its mirror image.
        (&["10s:0..20"], 100, &[(0, 0), (1, 1000), (4, 2000), (81, 9000)]),
        (&["10s:20..0"], 100, &[(0, 0), (19, 1000), (36, 2000), (99, 9000)]),
        // A pause holds what comes after it back, whether at the start or between.
        (&["5s:0", "1s:10"], 10, &[(0, 5000), (9, 5900)]),
        (&["1s:10", "5s:0", "1s:20"], 30, &[(9, 900), (10, 6000), (29, 6950)]),
    ];
    for (texts, count, some) in cases {
        let due = due(&stages(texts));
        assert_eq!(due.len(), count, "{texts:?}");
        for (k, millis) in some {
            let off = due[*k].abs_diff(Duration::from_millis(*millis));
            assert!(
                off < Duration::from_millis(1),
                "{texts:?}: arrival {k} at {:?}, not {millis} ms",
                due[*k]
            );
        }
    }
}

#[test]
fn fractions_of_an_arrival_carry_over_from_stage_to_stage() {
    // Thirty stages of a third of an arrival.
    let third = stages(&["100ms:3.3333333333333335"; 30]);
    assert_eq!(due(&third).len(), 10);
}

#[test]
fn neither_pauses_nor_rounding_let_a_boundary_be_missed() {
    let held = due(&stages(&["1s:7", "1s:7", "1s:7"]));
    let whole = due(&stages(&["3s:7"]));
    assert_eq!(held.len(), 21);
    for (one, other) in held.iter().zip(&whole) {
        assert!(one.abs_diff(*other) <= Duration::from_nanos(2), "{one:?} {other:?}");
    }
}

fn stage() -> impl Strategy<Value = Stage> {
    (1u64..20_000, 0.0..200.0, 0.0..200.0, 0u8..4).prop_map(|(millis, from, to, kind)| {
        let (from, to) = match kind {
            0 => (0.0, 0.0),
            1 => (from, from),
            2 => (0.0, to),
            _ => (from, to),
        };
        Stage::new(Duration::from_millis(millis), from, to).unwrap()
    })
}

/// The integral of the rate up to `at`, by its definition.
fn integral(stages: &Stages, at: Duration) -> f64 {
    let (mut left, mut sum) = (at.as_secs_f64(), 0.0);
    for stage in stages.iter() {
        let lasts = stage.lasts().as_secs_f64();
        let within = left.min(lasts);
        let slope = (stage.to_per_s() - stage.from_per_s()) / lasts;
        sum += stage.from_per_s() * within + slope * within * within / 2.0;
        left -= within;
    }
    sum
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn there_are_as_many_arrivals_as_the_integral_says(stages in prop::collection::vec(stage(), 1..6)) {
        let Ok(stages) = Stages::new(stages) else { return Ok(()) };
        let due = due(&stages);
        prop_assert!(due.is_sorted());
        prop_assert!(due.last().is_none_or(|last| *last <= stages.lasts()));
        prop_assert!((due.len() as f64 - stages.arrivals()).abs() < 1.0 + 1e-5, "{} {}", due.len(), stages.arrivals());
    }

    /// A nanosecond at a rate of 200 is 2e-7 of an arrival.
    #[test]
    fn each_arrival_stands_where_the_integral_is_its_number(stages in prop::collection::vec(stage(), 1..6)) {
        let Ok(stages) = Stages::new(stages) else { return Ok(()) };
        for (k, at) in due(&stages).into_iter().enumerate() {
            prop_assert!((integral(&stages, at) - k as f64).abs() < 1e-5, "arrival {k} at {at:?}");
        }
    }

    #[test]
    fn no_text_makes_the_parser_panic(text in ".{0,20}|[0-9]{1,22}[smh]{0,2}:[0-9.e-]{0,8}") {
        if let Ok(Ok(stages)) = text.parse().map(|stage| Stages::new(vec![stage])) {
            let _ = (stages.instant(0.0), stages.instant(f64::MAX));
        }
    }
}
