//! A new version rolls out.

use super::*;

#[tokio::test]
async fn what_is_done_with_care_loses_nothing_and_the_rest_is_counted() {
    let tried = tried(App::default(), "--experiment rolling-update").await;
    let found = tried.found();
    let phases = found["phases"].as_array().unwrap();
    for phase in &phases[..2] {
        assert_between(&phase["worker_errors"], 0.0, 0.0);
        assert_between(&phase["recovered_after_seconds"], 0.0, 0.0);
        assert!(phase["without"].is_null() && phase["probes"].is_null(), "{phase}");
    }
    assert_eq!((&phases[2]["kind"], &phases[2]["without"]), (&"unprotected-update".into(), &"care".into()));
    assert_between(&phases[2]["worker_errors"], 10.0, 80.0);
    assert_between(&phases[2]["hashes_not_mined"], 4.0, 10.0);
    let sentence = tried.sentence();
    assert!(sentence.starts_with("Replacing rng at worker=10 rng=1 took "), "{sentence}");
    assert!(sentence.contains("none of the workers' requests failed; the rollback took"), "{sentence}");
    assert!(sentence.contains("without care it took"), "{sentence}");
    assert!(tried.report.conclusion.advice[0].starts_with("What was taken away had spared"));
}

#[tokio::test]
async fn the_figures_read_well() {
    let text = render::text(&tried(App::default(), "--experiment rolling-update").await.report);
    insta::assert_snapshot!(text.split_once('\n').unwrap().1, @r"

    rng at worker=10 rng=1, 10.00 hashes/s before:
                         took  workers' errors  probes failed  lowest hashes/s  hashes not mined
                 update   0 s                0                           10.00                 0
               rollback   0 s                0                           10.00                 0
     unprotected update   0 s               42                            4.82                 5
    Note: rng-1 was killed by signal 9; started again after 500 ms.

    Replacing rng at worker=10 rng=1 took 0 s, none of the workers' requests failed; the rollback took 0 s, none of the workers' requests failed; without care it took 0 s, 42 of the workers' requests failed.
    What was taken away had spared 42 failed requests, and 5 hashes.
    ");
}
