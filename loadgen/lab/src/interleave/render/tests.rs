//! The forms of an A/B, of simulated builds.

use crate::backend::Service;
use crate::backend::fake::App;
use crate::compare::{Comparison, Ruling};
use crate::interleave::tests::{comparison, of_equals, slower};
use crate::render::forms::Forms;
use crate::render::picture::is_ours;
use crate::report::Outcome;
use crate::saved::Measured;

async fn worse() -> Comparison {
    comparison(App::default(), slower(Service::Rng), 120).await
}

#[tokio::test]
async fn the_page_has_the_verdict_first_and_a_picture_of_every_figure() {
    let page = worse().await.page();
    let position = |text: &str| page.find(text).unwrap_or_else(|| panic!("no {text} in {page}"));
    assert!(position("<h1>The new build is worse</h1>") < position("rng is to blame"));
    assert!(position("rng is to blame") < position("<table>") && position("<table>") < position("<svg"));
    assert_eq!((page.matches("<svg").count(), page.matches("<details>").count()), (5, 5));
    for text in
        ["regression</p>", "base/loadgen (loadgen", "loadgen lab --interleave base/loadgen", "Any CPU 3000"]
    {
        position(text);
    }
    assert!(!page.contains("NaN") && !page.contains("inf%"), "{page}");
}

#[tokio::test]
async fn what_was_cut_short_is_not_said_to_be_as_good() {
    let mut comparison = of_equals().await;
    comparison.ruling = Ruling::Pass;
    assert!(comparison.page().contains("<h1>The new build is not worse</h1>"));
    let turns = comparison.interleaved.as_mut().unwrap();
    (turns.outcome, turns.cut_short) = (Outcome::Interrupted, Some("interrupted".to_owned()));
    let page = comparison.page();
    assert!(page.contains("<h1>The A/B was cut short</h1>") && !page.contains("is not worse"), "{page}");
    assert!(page.contains("The A/B was cut short: until then, nothing is worse by more than 3 %."), "{page}");
}

#[tokio::test]
async fn every_picture_is_told_in_words_and_is_known_as_one_of_a_report() {
    let pictures = worse().await.pictures();
    let names: Vec<&str> = pictures.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        ["changes", "blocks-throughput", "blocks-response-time", "blocks-rng", "blocks-hasher"]
    );
    for (name, svg) in &pictures {
        assert!(
            is_ours(name) && svg.contains("worker=10 rng=1") && svg.contains("threshold")
                || svg.contains("worse")
        );
        assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
    }
    // Three steps with four figures each, of which the table of changes has a mark each, and that of blocks one for each build.
    let marks = |svg: &str| svg.matches("class=\"mark ").count();
    assert_eq!((marks(&pictures[0].1), marks(&pictures[1].1)), (12 + 3, 6 + 2));
    assert_eq!(pictures[1].1.matches("<circle").count(), 2 * 23);
}

#[tokio::test]
async fn worse_is_to_the_right_of_the_threshold_whichever_figure_it_is() {
    let comparison = worse().await;
    let svg = &comparison.pictures()[0].1;
    let x = |path: &str| path.split(['M', ' ']).nth(1).and_then(|x| x.parse::<f64>().ok()).unwrap();
    let threshold = svg.split("class=\"axis dashed\" d=\"").nth(1).map(x).unwrap();
    let regressions = svg.split("class=\"interval line1\" d=\"").skip(1).map(x);
    let count = regressions.clone().count();
    assert_eq!(count, comparison.changes.iter().filter(|it| it.ruling == Ruling::Regression).count());
    assert!(count >= 3 && regressions.clone().all(|from| from > threshold), "{svg}");
}

#[tokio::test]
async fn each_block_is_a_row_of_the_table_in_the_order_of_measurement() {
    let comparison = of_equals().await;
    let csv = comparison.csv();
    let mut rows = csv.lines();
    assert!(
        rows.next().unwrap().starts_with("workers,rng,hasher,build,from_unix_s,seconds,throughput_per_s,")
    );
    let cells: Vec<Vec<&str>> = rows.map(|row| row.split(',').collect()).collect();
    assert_eq!(cells.len(), comparison.interleaved.as_ref().unwrap().blocks.len());
    assert_eq!(cells[..4].iter().map(|row| row[3]).collect::<Vec<_>>(), ["base", "new", "new", "base"]);
    assert!(cells.iter().all(|row| row.len() == 13) && cells.is_sorted_by(|a, b| a[4] <= b[4]), "{csv}");
}

#[tokio::test]
async fn trackers_get_the_new_builds_throughput_and_response_time() {
    let comparison = of_equals().await;
    let read = |text: String| serde_json::from_str::<serde_json::Value>(&text).unwrap();
    let (throughput, latency) =
        (read(comparison.benchmark_throughput()), read(comparison.benchmark_latency()));
    assert_eq!(
        (&throughput[0]["name"], &throughput[0]["unit"]),
        (&"throughput at worker=1 rng=1".into(), &"hashes/s".into())
    );
    assert_eq!((&latency[0]["unit"], latency.as_array().map(Vec::len)), (&"ms".into(), Some(3)));
    assert!((throughput[1]["value"].as_f64().unwrap() - 10.0).abs() < 0.1, "{throughput}");
}

#[tokio::test]
async fn what_stands_in_the_json_is_all_that_the_forms_need() {
    let comparison = worse().await;
    let text = comparison.json();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ab.json");
    std::fs::write(&path, &text).unwrap();
    let Measured::Interleaved(read) = crate::saved::read(&path).unwrap().report else { panic!("{text}") };
    assert_eq!(
        (read.page(), read.markdown(), read.csv()),
        (comparison.page(), comparison.markdown(), comparison.csv())
    );
    assert_eq!((read.pictures(), read.text()), (comparison.pictures(), comparison.text()));
}

#[tokio::test]
async fn hostile_names_and_numbers_draw_no_tags_and_no_nonsense() {
    let mut comparison = of_equals().await;
    comparison.new.file = "<img src=x>|`\u{1b}[31m".to_owned();
    let turns = comparison.interleaved.as_mut().unwrap();
    turns.blame = Some("<script>".to_owned());
    turns.outcome = Outcome::BackendFailed;
    turns.cut_short = Some("<b>why</b>".to_owned());
    for (block, figure) in turns.blocks.iter_mut().zip([0.0, -1.0, 1e19, 5e-324]) {
        block.throughput_per_second = figure;
    }
    let page = comparison.page();
    assert!(!page.contains("<img") && !page.contains("<script") && !page.contains("<b>"), "{page}");
    assert!(!page.contains('\u{1b}') && page.contains("cut short: &lt;b&gt;why"), "{page}");
    for (_, svg) in comparison.pictures() {
        let places = svg.split(" d=\"").skip(1).filter_map(|rest| rest.split('"').next());
        assert!(places.into_iter().all(|path| !path.contains("NaN") && !path.contains("inf")), "{svg}");
    }
    assert!(!comparison.markdown().contains("<img"));
}
