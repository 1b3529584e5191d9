//! Comparisons of sweeps of the simulated application, and of noise whose size is known.

use super::*;
use crate::compare::pairing::compared;
use crate::render::fixture;
use crate::report::{Outcome, Report};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

const THRESHOLD: f64 = 0.03;

async fn swept(flags: &[&str]) -> Report {
    fixture::with_flags(&[&["--workers=1,10", "--rng=1,2", "--no-confirm"], flags].concat()).await
}

fn comparison(base: &Report, new: &Report) -> Result<Comparison, PairingError> {
    compared([(&"base.json".to_owned(), base), (&"new.json".to_owned(), new)], THRESHOLD)
}

#[tokio::test]
async fn a_sweep_is_as_good_as_itself() {
    let base = swept(&[]).await;
    let comparison = comparison(&base, &base).unwrap();
    assert_eq!((comparison.ruling, comparison.ruling.exit_code()), (Ruling::Pass, 0));
    assert_eq!(comparison.changes.len(), 6);
    assert!(comparison.changes.iter().all(|change| !change.significant), "{comparison:#?}");
}

#[tokio::test]
async fn a_slower_rng_is_a_regression_where_it_is_full() {
    let (base, new) = (swept(&[]).await, swept(&["--rng-time=105ms"]).await);
    let comparison = comparison(&base, &new).unwrap();
    assert_eq!((comparison.ruling, comparison.ruling.exit_code()), (Ruling::Regression, 1));
    insta::assert_snapshot!(render::text(&comparison), @r"
    before  base.json (loadgen 0.1.0, 2027-01-15T08:00:00Z)
    now     new.json (loadgen 0.1.0, 2027-01-15T08:00:00Z)
    Note: rng is set to 105 ms, and was 100 ms.

     worker  rng                   before       now  change     95 % interval
          1    1  throughput       3.32/s    3.27/s  -1.6 %  -1.7 % to -1.6 %
          1    1  response time  201.0 ms  206.0 ms  +2.5 %  +2.5 % to +2.5 %
         10    1  throughput      10.00/s    9.52/s  -4.7 %  -4.8 % to -4.7 %  WORSE
         10    1  response time  902.4 ms  950.0 ms  +5.3 %  +5.2 % to +5.3 %  WORSE
         10    2  throughput      19.93/s   19.05/s  -4.4 %  -4.8 % to -4.1 %  WORSE
         10    2  response time  404.3 ms  428.5 ms  +6.0 %  +5.5 % to +6.5 %  WORSE

    REGRESSION: response time at worker=10 rng=2 changed by +6.0 % (+5.5 % to +6.5 %), which is worse by more than 3 %; 4 figures in all.
    ");
    insta::assert_snapshot!(render::markdown(&comparison), @r"
    ### REGRESSION: response time at worker=10 rng=2 changed by +6.0 % (+5.5 % to +6.5 %), which is worse by more than 3 %; 4 figures in all.

    new.json against base.json

    - rng is set to 105 ms, and was 100 ms

    |  | worker | rng | before | now | change | 95 % interval |  |
    |:--|--:|--:|--:|--:|--:|--:|--:|
    | throughput | 1 | 1 | 3.32/s | 3.27/s | -1.6 % | -1.7 % to -1.6 % |  |
    | response time | 1 | 1 | 201.0 ms | 206.0 ms | +2.5 % | +2.5 % to +2.5 % |  |
    | throughput | 10 | 1 | 10.00/s | 9.52/s | -4.7 % | -4.8 % to -4.7 % | WORSE |
    | response time | 10 | 1 | 902.4 ms | 950.0 ms | +5.3 % | +5.2 % to +5.3 % | WORSE |
    | throughput | 10 | 2 | 19.93/s | 19.05/s | -4.4 % | -4.8 % to -4.1 % | WORSE |
    | response time | 10 | 2 | 404.3 ms | 428.5 ms | +6.0 % | +5.5 % to +6.5 % | WORSE |
    ");
    let junit = render::junit(&comparison);
    assert!(junit.contains(r#"tests="6" failures="4" errors="0" skipped="0""#), "{junit}");
}

/// Steps that differ in nothing else do not look alike.
#[tokio::test]
async fn hasher_has_a_column_where_it_is_scaled() {
    let mut base = swept(&[]).await;
    base.steps.truncate(1);
    let mut scaled = base.steps[0].clone();
    scaled.step.hasher = 2;
    base.steps.push(scaled);
    let comparison = comparison(&base, &base).unwrap();
    let text = render::text(&comparison);
    let rows: Vec<Vec<&str>> = text.lines().map(|line| line.split_whitespace().take(4).collect()).collect();
    for row in
        [["worker", "rng", "hasher", "before"], ["1", "1", "1", "throughput"], ["1", "1", "2", "throughput"]]
    {
        assert!(rows.contains(&row.to_vec()), "{text}");
    }
    let markdown = render::markdown(&comparison);
    for row in
        ["|  | worker | rng | hasher | before |", "| throughput | 1 | 1 | 1 |", "| throughput | 1 | 1 | 2 |"]
    {
        assert!(markdown.contains(row), "{markdown}");
    }
}

#[tokio::test]
async fn a_faster_rng_is_better_and_passes() {
    let (base, new) = (swept(&[]).await, swept(&["--rng-time=90ms"]).await);
    let comparison = comparison(&base, &new).unwrap();
    assert_eq!(comparison.ruling, Ruling::Pass);
    assert!(comparison.changes[2].is_improvement(THRESHOLD), "{comparison:#?}");
    assert!(render::text(&comparison).contains("better"));
}

#[tokio::test]
async fn what_cannot_be_told_is_inconclusive() {
    let base = swept(&[]).await;
    let mut new = base.clone();
    new.steps[0].seen.throughput_parts_per_second.truncate(5);
    let comparison = comparison(&base, &new).unwrap();
    assert_eq!((comparison.ruling, comparison.ruling.exit_code()), (Ruling::Inconclusive, 3));
    assert!(render::text(&comparison).contains("has no interval: give a longer --window"));
    assert!(render::junit(&comparison).contains(r#"failures="0" errors="0" skipped="2""#));
}

#[tokio::test]
async fn other_plans_are_refused_with_what_differs() {
    let base = swept(&[]).await;
    let mut remote = base.clone();
    remote.backend = "compose".to_owned();
    let mut cut_short = base.clone();
    cut_short.conclusion.outcome = Outcome::Interrupted;
    for (new, differs, remedy) in [
        (fixture::with_flags(&["--workers=1", "--rng=1"]).await, "worker=1 rng=1 in new.json", "--workers"),
        (swept(&["--think-time=50ms"]).await, "100 ms in base.json and 50 ms in new.json", "--think-time"),
        (swept(&["--concurrency=2"]).await, "1 in base.json and 2 in new.json", "--concurrency"),
        (remote, "fake in base.json and compose in new.json", "--backend"),
        (cut_short, "new.json was cut short (interrupted)", "run the lab again"),
    ] {
        let complaint = comparison(&base, &new).unwrap_err().to_string();
        assert!(complaint.contains(differs) && complaint.contains(remedy), "{complaint}");
    }
}

#[tokio::test]
async fn what_else_differs_is_noted() {
    let base = swept(&[]).await;
    let mut new = base.clone();
    new.cpus = 64;
    new.settings.rng_time_seconds = 0.105;
    new.conclusion.bottleneck = Some("hasher".to_owned());
    let notes = comparison(&base, &new).unwrap().notes.join("; ");
    for note in ["rng is set to 105 ms, and was 100 ms", "64 CPUs", "the bottleneck is hasher, and was rng"] {
        assert!(notes.contains(note), "{notes}");
    }
}

/// `parts` of a window whose throughput is `mean`, with normal noise of that share of it.
fn noisy(report: &Report, mean: f64, noise: f64, random: &mut StdRng) -> Report {
    let mut report = report.clone();
    let seen = &mut report.steps[0].seen;
    let normal = |random: &mut StdRng| {
        let radius = (-2.0 * (1.0 - random.random::<f64>()).ln()).sqrt();
        radius * (std::f64::consts::TAU * random.random::<f64>()).cos()
    };
    let parts: Vec<f64> = (0..40).map(|_| mean * (1.0 + noise * normal(random))).collect();
    seen.throughput_per_second = parts.iter().sum::<f64>() / 40.0;
    seen.throughput_parts_per_second = parts;
    report
}

/// How many of 400 comparisons of such noise come to a ruling, with `slower` as the share that the newer one is slower by.
async fn ruled(slower: f64, noise: f64) -> [usize; 3] {
    let one = fixture::with_flags(&["--workers=1", "--rng=1", "--no-confirm"]).await;
    let mut random = StdRng::seed_from_u64(11);
    let mut counts = [0; 3];
    for _ in 0..400 {
        let base = noisy(&one, 10.0, noise, &mut random);
        let new = noisy(&one, 10.0 * (1.0 - slower), noise, &mut random);
        // Its throughput; stages were not changed with it.
        counts[comparison(&base, &new).unwrap().changes[0].ruling as usize] += 1;
    }
    counts
}

#[tokio::test]
async fn chance_alone_regresses_as_seldom_as_the_interval_promises() {
    // As noisy as may be: the interval is about the threshold wide. At the threshold itself one in forty is worse by chance.
    let [_, _, regressed] = ruled(0.0, 0.07).await;
    assert_eq!(regressed, 0);
    let [_, _, regressed] = ruled(THRESHOLD, 0.07).await;
    assert!((1..=24).contains(&regressed), "{regressed} of 400");
}

#[tokio::test]
async fn five_percent_are_found_in_nineteen_of_twenty_and_equals_pass() {
    let [_, _, regressed] = ruled(0.05, 0.02).await;
    assert!(regressed >= 380, "{regressed} of 400");
    let [passed, ..] = ruled(0.0, 0.02).await;
    assert!(passed >= 380, "{passed} of 400");
}

#[test]
fn a_threshold_is_a_share() {
    assert_eq!((share("3%"), share("0%")), (Ok(0.03), Ok(0.0)));
    for bad in ["3", "-1%", "100%", "many%", ""] {
        assert!(share(bad).unwrap_err().contains("such as 3%"), "{bad}");
    }
}

#[tokio::test]
async fn a_figure_that_is_not_above_nothing_has_no_share_of_change() {
    let base = swept(&[]).await;
    let mut new = base.clone();
    for stage in &mut new.steps[0].seen.stages {
        stage.seconds = 0.0;
    }
    let complaint = comparison(&base, &new).unwrap_err().to_string();
    assert_eq!(complaint, "new.json has no response time above 0 at worker=1 rng=1: run the lab again");
}

#[tokio::test]
async fn neither_report_is_written_over() {
    let folder = tempfile::tempdir().unwrap();
    let [base, new] = ["base.json", "new.json"].map(|name| folder.path().join(name));
    let text = crate::render::json(&swept(&[]).await);
    for file in [&base, &new] {
        std::fs::write(file, &text).unwrap();
    }
    let over = |flag: &str, path: &PathBuf| CompareArgs {
        base: base.clone(),
        new: new.clone(),
        threshold: THRESHOLD,
        json: (flag == "--json").then(|| path.clone()),
        markdown: (flag == "--markdown").then(|| path.clone()),
        junit: (flag == "--junit").then(|| path.clone()),
    };
    for (flag, path) in [("--json", &base), ("--markdown", &new), ("--junit", &base)] {
        let error = compare(&over(flag, path), &mut Vec::new()).unwrap_err();
        assert_eq!(error.exit_code(), 2);
        assert!(error.to_string().contains(flag), "{error}");
        assert_eq!(std::fs::read_to_string(path).unwrap(), text);
    }
}
