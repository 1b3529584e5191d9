//! A replica dies.

use super::*;

#[tokio::test]
async fn with_its_only_replica_gone_throughput_is_back_once_it_is() {
    let tried = tried(App::default(), "--experiment kill").await;
    let found = tried.found();
    assert_eq!((found["name"].as_str(), found["replica"].as_str()), (Some("kill"), Some("rng-1")));
    assert_eq!(tried.report.conclusion.outcome, Outcome::Done, "{:?}", tried.report.conclusion);
    // Away for half a second, and each of the ten tries again a tenth of a second after it was refused.
    assert_between(&found["recovered_after_seconds"], 0.3, 1.2);
    assert_between(&found["hashes_not_mined"], 4.0, 9.0);
    assert_between(&found["worker_errors"], 10.0, 80.0);
    assert!(tried.sentence().starts_with("rng-1 was killed: after "), "{}", tried.sentence());
    assert_eq!(tried.report.events.len(), 1);
}

#[tokio::test]
async fn a_worker_of_many_is_not_missed() {
    let tried = tried(App::default(), "--experiment kill --target worker").await;
    let found = tried.found();
    assert_eq!(found["service"], "worker");
    // What it had in hand at rng is lost.
    assert_between(&found["recovered_after_seconds"], 0.0, 0.5);
    assert_between(&found["hashes_not_mined"], 0.0, 2.0);
    assert!(tried.sentence().starts_with("worker-1 was killed"), "{}", tried.sentence());
}

#[tokio::test]
async fn one_of_three_takes_its_share_with_it() {
    let tried = tried(App::default(), "--experiment kill --rng 3").await;
    let found = tried.found();
    assert_between(&found["throughput_before_per_second"], 29.0, 30.5);
    assert_between(&found["lowest_per_second"], 17.0, 28.0);
    assert_between(&found["recovered_after_seconds"], 0.1, 2.0);
}

#[tokio::test]
async fn the_figures_read_well() {
    let mut tried = tried(App::default(), "--experiment kill").await;
    tried.report.cpus = 2;
    let text = render::text(&tried.report);
    insta::assert_snapshot!(text, @r"
    DockerCoins (fake): think time 100 ms, rng 100 ms, hasher 100 ms; windows of 6.0 s on 2 CPUs.

    rng-1 killed at worker=10 rng=1:
      hashes/s before                  10.00 ± 0.00
      lowest over any second before    10.00
      lowest over any second after     4.87
      throughput back after            680 ms
      hashes not mined meanwhile       5
      requests that failed             42
    Note: rng-1 was killed by signal 9; started again after 500 ms.

    rng-1 was killed: after 680 ms throughput was back at 10.0/s; 5 hashes were not mined in the meantime, 42 requests failed and were sent again.
    ");
}

#[tokio::test]
async fn an_interrupt_before_the_strike_leaves_nothing_to_tell() {
    let tried = tried_until(App::default(), "--experiment kill", Some(8.0)).await;
    assert_eq!(tried.report.conclusion.outcome, Outcome::Interrupted);
    assert_eq!(tried.report.conclusion.reasons, ["stopped before the end of the experiment"]);
    assert!(tried.found().is_null());
    assert_eq!(tried.backend.replicas(Service::Rng).await.unwrap().len(), 1);
}

#[tokio::test]
async fn an_interrupt_after_it_tells_what_was_seen_until_then() {
    let whole = tried(App::default(), "--experiment kill").await;
    let watched = whole.found()["watched_seconds"].as_f64().unwrap();
    let tried = tried_until(App::default(), "--experiment kill", Some(whole.lasted() - watched / 2.0)).await;
    assert_eq!(tried.report.conclusion.outcome, Outcome::Interrupted);
    let found = tried.found();
    assert_eq!(found["replica"], "rng-1");
    assert_between(&found["watched_seconds"], 0.3 * watched, 0.7 * watched);
    assert!(found["recovered_after_seconds"].is_null());
    assert_eq!(tried.sentence(), "This is what was found until then.");
}
