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
