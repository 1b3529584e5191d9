//! A load step before an autoscaler.

use std::time::Duration;

use super::*;

const FLAGS: &str = "--experiment autoscale --backend kubernetes";

#[tokio::test]
async fn the_answer_and_what_it_did_are_told() {
    let app = App { autoscaler: Some((Duration::from_secs(40), 3)), ..App::default() };
    let tried = tried(app, FLAGS).await;
    let found = tried.found();
    assert_eq!((&found["before"]["replicas"], &found["after"]["replicas"]), (&1.into(), &3.into()));
    assert_between(&found["answered_after_seconds"], 20.0, 40.0);
    assert_between(&found["before"]["throughput_per_second"], 3.2, 3.4);
    assert_between(&found["after"]["throughput_per_second"], 29.0, 30.5);
    let sentence = tried.sentence();
    assert!(
        sentence.starts_with("After worker=1 → worker=10 the HorizontalPodAutoscaler rng answered in"),
        "{sentence}"
    );
    assert!(sentence.contains("rng=1 → rng=3, and throughput went from 3.3/s to 30.0/s."), "{sentence}");
}

#[tokio::test]
async fn one_that_does_nothing_is_not_waited_for_for_ever() {
    let app = App { autoscaler: Some((Duration::from_secs(5000), 3)), ..App::default() };
    let tried = tried(app, FLAGS).await;
    assert!(tried.found()["answered_after_seconds"].is_null());
    assert!(tried.sentence().contains("did nothing within 181 s: rng stayed at 1"), "{}", tried.sentence());
    assert!(tried.report.conclusion.advice[0].starts_with("rng waits, it does not compute"));
}

#[tokio::test]
async fn an_interrupt_leaves_what_it_did_until_then() {
    let app = App { autoscaler: Some((Duration::from_secs(40), 3)), ..App::default() };
    let tried = tried_until(app, FLAGS, Some(60.0)).await;
    assert_eq!(tried.report.conclusion.outcome, Outcome::Interrupted);
    let found = tried.found();
    assert_eq!((&found["changes"][0]["replicas"], &found["after"]), (&3.into(), &Value::Null));
    assert_between(&found["watched_seconds"], 30.0, 59.0);
    assert!(render::text(&tried.report).contains("This is what was found until then."));
}

#[tokio::test]
async fn without_one_a_line_says_what_to_add() {
    let tried = tried(App::default(), FLAGS).await;
    assert_eq!(tried.report.conclusion.outcome, Outcome::BackendFailed);
    assert!(tried.report.conclusion.reasons[0].contains("no HorizontalPodAutoscaler scales rng here: add"));
}

#[tokio::test]
async fn the_figures_read_well() {
    let app = App { autoscaler: Some((Duration::from_secs(40), 3)), ..App::default() };
    let text = render::text(&tried(app, FLAGS).await.report);
    insta::assert_snapshot!(text.split_once('\n').unwrap().1, @r"

      after  rng  worker  hashes/s
     before    1       1      3.32
       33 s    3      10
      109 s    3      10     30.00

    After worker=1 → worker=10 the HorizontalPodAutoscaler rng answered in 33 s: rng=1 → rng=3, and throughput went from 3.3/s to 30.0/s.
    ");
}
