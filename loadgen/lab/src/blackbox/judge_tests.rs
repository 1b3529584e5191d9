use super::super::elasticity::tests::point;
use super::*;

const PROBED: [bool; 3] = [true, true, false];

/// rng, hasher, and the workers, who are the load.
fn judged(points: &[Point]) -> Verdict {
    let all = ["rng", "hasher", "worker"].map(str::to_owned);
    judge(points, Names { all: &all, load: Some(2), closed: true, probed: &PROBED })
}

fn dockercoins(rng: f64, workers: f64, wait: f64) -> Point {
    let throughput = (workers / 0.3).min(10.0 * rng);
    point(&[rng, 1.0, workers], throughput, &[wait, 0.001])
}

fn growing_load() -> Vec<Point> {
    vec![dockercoins(1.0, 1.0, 0.017), dockercoins(1.0, 4.0, 0.15), dockercoins(1.0, 10.0, 0.75)]
}

#[test]
fn a_growing_queue_alone_names_its_service() {
    let verdict = judged(&growing_load());
    assert_eq!((verdict.culprit, verdict.step), (Some(0), 2), "{verdict:?}");
    let evidence = verdict.evidence.join("; ");
    for part in
        ["750 ms instead of 17 ms", "105 %", "probes of hasher wait no longer", "100 ms", "10.0/s", "nothing"]
    {
        assert!(evidence.contains(part), "{part}: {evidence}");
    }
}

#[test]
fn scaling_proves_what_probes_suspect() {
    let mut points = growing_load();
    points.push(dockercoins(2.0, 10.0, 0.24));
    let verdict = judged(&points);
    assert_eq!((verdict.culprit, verdict.step), (Some(0), 2));
    assert!(verdict.evidence.join("; ").contains("rng 1 → 2 buys 2.00"), "{:?}", verdict.evidence);
}

#[test]
fn load_that_is_followed_is_the_limit_itself() {
    let verdict = judged(&[dockercoins(1.0, 1.0, 0.017), dockercoins(1.0, 2.0, 0.033)]);
    assert_eq!(verdict.culprit, Some(2), "{verdict:?}");
}

/// Probes of a front wait for what is behind it: only scaling tells them apart.
#[test]
fn two_queues_that_grow_together_need_a_step_that_tells_them_apart() {
    let step =
        |hasher, workers, throughput, waits: [f64; 2]| point(&[1.0, hasher, workers], throughput, &waits);
    let mut points = vec![step(1.0, 1.0, 50.0, [0.01, 0.01]), step(1.0, 16.0, 50.0, [0.3, 0.3])];
    let verdict = judged(&points);
    assert_eq!(verdict.culprit, None);
    assert!(verdict.doubts[0].contains("rng and hasher"), "{:?}", verdict.doubts);

    points.push(step(2.0, 16.0, 50.0, [0.3, 0.3]));
    let verdict = judged(&points);
    assert_eq!(verdict.culprit, Some(0), "{verdict:?}");
    assert!(verdict.evidence.join("; ").contains("hasher 1 → 2 buys 1.00"), "{:?}", verdict.evidence);
}

#[test]
fn what_no_probe_explains_is_no_verdict() {
    let verdict = judged(&[
        point(&[1.0, 1.0, 1.0], 50.0, &[0.001, 0.001]),
        point(&[1.0, 1.0, 9.0], 50.0, &[0.001, 0.001]),
    ]);
    assert_eq!(verdict.culprit, None);
    assert!(verdict.doubts[0].contains("does not name"), "{:?}", verdict.doubts);
}

#[test]
fn scaling_that_contradicts_the_probes_is_no_verdict() {
    let mut points = growing_load();
    points.push(point(&[1.0, 2.0, 10.0], 20.0, &[0.3, 0.001]));
    let verdict = judged(&points);
    assert_eq!(verdict.culprit, None);
    assert!(
        verdict.doubts[0].contains("hasher") && verdict.doubts[0].contains("rng"),
        "{:?}",
        verdict.doubts
    );
}

#[test]
fn a_single_step_says_nothing() {
    let verdict = judged(&growing_load()[..1]);
    assert_eq!(verdict.culprit, None);
    assert!(verdict.doubts[0].contains("add steps"), "{:?}", verdict.doubts);
}

#[test]
fn without_intervals_there_is_no_verdict() {
    let mut points = growing_load();
    for point in &mut points {
        point.throughput.half_width = None;
        point.waits.iter_mut().flatten().for_each(|wait| wait.half_width = None);
    }
    assert_eq!(judged(&points).culprit, None);
}

fn doubt(points: &[Point]) -> String {
    let verdict = judged(points);
    assert_eq!(verdict.culprit, None, "{verdict:?}");
    verdict.doubts.join("; ")
}

/// Measured: requests at 10, 30 and 45 a second, all of them answered in 21 ms by a service that can do 48.
#[test]
fn throughput_that_follows_the_load_blames_nobody_for_growing_waits() {
    let verdict = judged(&[
        point(&[1.0, 1.0, 10.0], 10.0, &[0.003, 0.001]),
        point(&[1.0, 1.0, 30.0], 30.0, &[0.007, 0.001]),
        point(&[1.0, 1.0, 45.0], 45.0, &[0.150, 0.001]),
    ]);
    assert_eq!(verdict.culprit, Some(2), "{verdict:?}");
    assert!(
        verdict.evidence.join("; ").contains("rng wait longer, but nobody gets less"),
        "{:?}",
        verdict.evidence
    );
}

/// Measured on a machine that somebody else used meanwhile.
#[test]
fn a_load_that_is_followed_only_after_it_was_not_is_no_verdict() {
    let points = [
        point(&[1.0, 1.0, 1.0], 42.0, &[0.016, 0.010]),
        point(&[1.0, 1.0, 4.0], 19.2, &[0.083, 0.075]),
        point(&[1.0, 1.0, 16.0], 80.2, &[0.123, 0.020]),
    ];
    let doubt = doubt(&points);
    assert!(doubt.contains("worker 4 → 16 buys 4.18") && doubt.contains("which no queue does"), "{doubt}");
}

#[test]
fn a_load_that_still_buys_has_not_reached_the_limit() {
    let points =
        [point(&[1.0, 1.0, 1.0], 10.0, &[0.003, 0.001]), point(&[1.0, 1.0, 4.0], 30.0, &[0.040, 0.001])];
    let doubt = doubt(&points);
    assert!(
        doubt.contains("worker 1 → 4 buys 3.00") && doubt.contains("add a step with more of it"),
        "{doubt}"
    );
}

/// Measured: rng lets four requests at a time through to hasher, which takes 20 ms for each, one at a time. hasher's queue is the
/// shorter one, and it is what limits: more of it proves that, and more of rng alone clears neither.
#[test]
fn a_pool_in_front_of_a_full_service_is_not_blamed_for_it() {
    let step = |rng, hasher, workers, throughput, waits: [f64; 2]| {
        point(&[rng, hasher, workers], throughput, &waits)
    };
    let mut points = vec![
        step(1.0, 1.0, 1.0, 42.5, [0.002, 0.011]),
        step(1.0, 1.0, 4.0, 47.4, [0.013, 0.073]),
        step(1.0, 1.0, 16.0, 47.9, [0.282, 0.071]),
    ];
    assert!(doubt(&points).contains("rng and hasher all wait longer"));

    points.push(step(2.0, 1.0, 16.0, 47.9, [0.2, 0.15]));
    let alone = doubt(&points);
    assert!(alone.contains("a probe of hasher waits") && alone.contains("scale hasher alone"), "{alone}");

    points.push(step(1.0, 2.0, 16.0, 95.0, [0.15, 0.03]));
    let verdict = judged(&points);
    assert_eq!(verdict.culprit, Some(1), "{verdict:?}");
    assert!(!verdict.evidence.join("; ").contains("at most"), "{:?}", verdict.evidence);
}

/// A queue at what is not probed makes a cycle longer, and a busy machine what is.
#[test]
fn a_wait_that_explains_little_is_no_verdict() {
    let points = [
        point(&[1.0, 1.0, 1.0], 50.0, &[0.002, 0.001]),
        point(&[1.0, 1.0, 4.0], 60.0, &[0.010, 0.001]),
        point(&[1.0, 1.0, 16.0], 60.0, &[0.060, 0.001]),
    ];
    let doubt = doubt(&points);
    assert!(doubt.contains("24 % of what everything") && doubt.contains("scale rng alone"), "{doubt}");
}

#[test]
fn replicas_that_share_what_limits_them_are_told_so() {
    let mut points = growing_load();
    points.push(point(&[3.0, 1.0, 10.0], 10.0, &[0.75, 0.001]));
    let doubt = doubt(&points);
    assert!(
        doubt.contains("rng wait longer, and yet more of it buys nothing") && doubt.contains("share"),
        "{doubt}"
    );
}

#[test]
fn probes_that_are_too_few_are_told_so() {
    let mut points = growing_load();
    points[2].waits[0].as_mut().unwrap().half_width = None;
    let doubt = doubt(&points);
    assert!(doubt.contains("rng wait longer, but too few") && doubt.contains("`probe_rate`"), "{doubt}");
}

/// Two clients gave 47.7/s, the slope of whose waits has an inverse of 37/s.
#[test]
fn no_more_is_claimed_of_a_slope_than_what_was_reached() {
    let points = [
        point(&[1.0, 1.0, 1.0], 15.8, &[0.006, 0.001]),
        point(&[1.0, 1.0, 3.0], 46.7, &[0.015, 0.001]),
        point(&[1.0, 1.0, 8.0], 47.7, &[0.150, 0.001]),
    ];
    let verdict = judged(&points);
    assert_eq!(verdict.culprit, Some(0), "{verdict:?}");
    assert!(!verdict.evidence.join("; ").contains("at most"), "{:?}", verdict.evidence);
}

#[test]
fn intervals_that_are_too_wide_ask_for_longer_windows() {
    let mut points = [dockercoins(1.0, 1.0, 0.017), dockercoins(1.0, 2.0, 0.033)];
    points[1].throughput.half_width = Some(2.0);
    let verdict = judged(&points);
    assert_eq!(verdict.culprit, None, "{verdict:?}");
    assert!(verdict.doubts[0].contains("longer windows"), "{:?}", verdict.doubts);
}
