//! Kept connections while rng is scaled.

use super::*;

#[tokio::test]
async fn kept_connections_stay_where_they_are_and_fresh_ones_follow() {
    let tried = tried(App::default(), "--experiment sticky").await;
    let found = tried.found();
    let rounds = found["rounds"].as_array().unwrap();
    assert_eq!(rounds.len(), 6);
    for (round, expected) in rounds.iter().zip([10.0, 10.0, 10.0, 10.0, 20.0, 30.0]) {
        assert_between(&round["throughput_per_second"], 0.98 * expected, 1.02 * expected);
    }
    assert_between(&rounds[2]["shares"][0]["share"], 0.999, 1.0);
    assert_between(&rounds[5]["bound_per_second"], 29.0, 30.5);
    let sentence = tried.sentence();
    for part in [
        "With kept connections rng=1 → rng=3 changes nothing: 10.0/s → 10.0/s",
        "all requests go to rng-1",
        "it gives 10.0/s → 29.9/s, of 30.0/s at most.",
    ] {
        assert!(sentence.contains(part), "{sentence}");
    }
    assert!(tried.report.conclusion.advice[0].starts_with("After scaling, have clients open"));
    assert_eq!(tried.report.conclusion.outcome, Outcome::Done);
}

#[tokio::test]
async fn the_figures_read_well() {
    let text = render::text(&tried(App::default(), "--experiment sticky").await.report);
    insta::assert_snapshot!(text.split_once('\n').unwrap().1, @r"

     connections  worker  rng  hashes/s    95 %  at most  shares of rng's requests
            kept      10    1     10.00  ± 0.00    10.00                     100 %
            kept      10    2     10.00  ± 0.00    20.00                100 %, 0 %
            kept      10    3     10.00  ± 0.00    30.00           100 %, 0 %, 0 %
           fresh      10    1     10.00  ± 0.00    10.00                     100 %
           fresh      10    2     19.97  ± 0.00    20.00                50 %, 50 %
           fresh      10    3     29.93  ± 0.00    30.00          33 %, 33 %, 33 %

    With kept connections rng=1 → rng=3 changes nothing: 10.0/s → 10.0/s, and all requests go to rng-1; with a fresh connection for each request it gives 10.0/s → 29.9/s, of 30.0/s at most.
    After scaling, have clients open their connections anew: restart them, limit how long a connection lives, or balance requests instead of connections.
    ");
}

#[tokio::test]
async fn what_was_found_until_an_interrupt_is_told() {
    let tried = tried_until(App::default(), "--experiment sticky", Some(14.0)).await;
    assert_eq!(tried.report.conclusion.outcome, Outcome::Interrupted);
    assert_eq!(tried.found()["rounds"].as_array().unwrap().len(), 1);
    assert_eq!(tried.sentence(), "This is what was found until then.");
}
