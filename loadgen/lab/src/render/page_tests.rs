//! The page as a browser gets it.

use super::*;
use crate::render::fixture;

#[tokio::test]
async fn the_verdict_comes_first_and_each_picture_has_its_figures() {
    let page = page(&fixture::swept().await);
    let position = |text: &str| page.find(text).unwrap_or_else(|| panic!("no {text} in {page}"));
    assert!(position("<h1>The bottleneck is rng, in software</h1>") < position("<table>"));
    assert!(position("<h2>The steps</h2>") < position("<svg") && position("<svg") < position("The proof"));
    assert_eq!((page.matches("<svg").count(), page.matches("<details>").count()), (6, 6));
    for text in [
        "measured and proved",
        "loadgen lab --expect=bottleneck=rng",
        "Any CPU 3000",
        "Linux 6.1.0, x86_64",
        "8.0 GiB",
    ] {
        position(text);
    }
}

#[tokio::test]
async fn the_page_needs_nothing_and_lets_nothing_run() {
    let page = page(&fixture::swept().await);
    assert!(page.contains("default-src 'none'; style-src 'sha256-"), "{page}");
    for active in [
        "<script",
        "javascript:",
        " onload",
        " onclick",
        " style=",
        "<img",
        "<link",
        "<iframe",
        "src=",
        "@import",
        "url(http",
    ] {
        assert!(!page.contains(active), "{active}");
    }
    assert_eq!(page.matches("://").count(), page.matches("http://www.w3.org/2000/svg").count());
}

#[tokio::test]
async fn each_id_stands_once() {
    let page = page(&fixture::swept().await);
    let mut ids: Vec<&str> = page.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    let all = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert!(ids.len() == all && all >= 12, "{ids:?}");
}

#[tokio::test]
async fn text_from_a_report_stays_text() {
    let mut report = fixture::swept().await;
    let evil = "<img src=x onerror=alert(1)> & \"more\"";
    report.conclusion.sentence = evil.to_owned();
    report.program = evil.to_owned();
    report.conclusion.reasons = vec![evil.to_owned()];
    report.provenance.as_mut().unwrap().command_line = evil.to_owned();
    let page = page(&report);
    assert!(!page.contains("<img") && page.contains("&lt;img src=x onerror=alert(1)&gt; &amp;"), "{page}");
}

#[tokio::test]
async fn every_ending_has_its_words() {
    let mut report = fixture::with_flags(&["--workers=1", "--rng=1", "--no-confirm"]).await;
    report.provenance = None;
    for (outcome, words) in [
        (Outcome::Done, "measured</p>"),
        (Outcome::ExpectationFailed, "an expectation failed</p>"),
        (Outcome::Inconclusive, "inconclusive</p>"),
        (Outcome::BackendFailed, "the application could not be run</p>"),
        (Outcome::Interrupted, "interrupted</p>"),
    ] {
        report.conclusion.outcome = outcome;
        assert!(page(&report).contains(words), "{words}");
    }
    report.steps.clear();
    let page = page(&report);
    assert!(!page.contains("<svg") && page.contains("How this was measured"), "{page}");
}
