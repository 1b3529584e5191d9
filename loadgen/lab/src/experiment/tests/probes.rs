//! Liveness asked for where requests queue.

use std::time::Duration;

use super::*;
use crate::backend::fake::Fault;
use crate::experiment::liveness::Liveness;

#[tokio::test]
async fn ten_workers_are_harmless_and_thirteen_fatal() {
    let tried = tried(App::default(), "--experiment probes").await;
    let found = tried.found();
    assert_eq!((&found["predicted_workers"], &found["liveness_is_in_use"]), (&13.into(), &false.into()));
    let levels = found["levels"].as_array().unwrap();
    assert_eq!((&levels[0]["step"]["workers"], &levels[1]["step"]["workers"]), (&10.into(), &13.into()));
    assert_between(&levels[0]["failing_share"], 0.0, 0.0);
    assert!(levels[0]["restart_after_seconds"].is_null());
    assert_between(&levels[1]["failing_share"], 0.95, 1.0);
    assert_between(&levels[1]["restart_after_seconds"], 8.0, 10.0);
    assert!(found["restarts"].is_null());
    assert!(tried.sentence().contains("must fail from worker=13 at rng=1 on"), "{}", tried.sentence());
}

#[tokio::test]
async fn where_rng_is_probed_like_that_its_restarts_are_counted() {
    let (at, down_for, every) =
        (Duration::from_secs(20), Duration::from_millis(300), Some(Duration::from_secs(12)));
    let crash = Fault::Crash { replica: "rng-1", at, down_for, every };
    let app = App { liveness: Some(Liveness::default()), faults: vec![crash], ..App::default() };
    let tried = tried(app, "--experiment probes").await;
    let found = tried.found();
    assert_eq!(found["liveness_is_in_use"], true);
    assert_between(&found["restarts"]["count"], 1.0, 4.0);
    assert_between(&found["restarts"]["workers"], 13.0, 13.0);
    assert_between(&found["restarts"]["observed_seconds"], 30.0, 40.0);
    assert!(tried.sentence().contains("with worker=13 rng was restarted"), "{}", tried.sentence());
}

#[tokio::test]
async fn an_interrupt_leaves_the_first_level_and_the_restarts_so_far() {
    let stopped = tried_until(App::default(), "--experiment probes", Some(12.0)).await;
    assert_eq!(stopped.report.conclusion.outcome, Outcome::Interrupted);
    assert_eq!(stopped.found()["levels"].as_array().unwrap().len(), 1);

    let app = App { liveness: Some(Liveness::default()), ..App::default() };
    let stopped = tried_until(app, "--experiment probes", Some(20.0)).await;
    assert_eq!(stopped.report.conclusion.outcome, Outcome::Interrupted);
    assert_between(&stopped.found()["restarts"]["observed_seconds"], 5.0, 15.0);
}

#[tokio::test]
async fn the_figures_read_well() {
    let text = render::text(&tried(App::default(), "--experiment probes").await.report);
    insta::assert_snapshot!(text.split_once('\n').unwrap().1, @r"

    `/` of rng asked for every 3 s, 1 s for an answer, restarted after 3 failures in a row:
     worker  rng  a probe waits  predicted  over 1 s  restart after
         10    1         749 ms     749 ms       0 %          never
         13    1        1049 ms    1049 ms      99 %      about 9 s

    A liveness probe of `/` that waits 1 s must fail from worker=13 at rng=1 on; with worker=10 a probe waits 749 ms on average, 0 % take over a second, and rng would not be restarted; with worker=13 a probe waits 1.05 s on average, 99 % take over a second, and rng would be restarted after about 9 s.
    Probe a port that never queues, such as the admin port's /healthz: being slow is no reason for a restart.
    ");
}
