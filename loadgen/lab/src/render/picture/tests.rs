//! What every picture must have, whatever the report.

use super::*;
use crate::render::fixture;

/// The text of each attribute of that name.
fn attributes<'a>(svg: &'a str, name: &str) -> Vec<&'a str> {
    let opening = format!(" {name}=\"");
    svg.split(opening.as_str()).skip(1).filter_map(|rest| rest.split('"').next()).collect()
}

/// All pictures of the default sweep.
const ALL: [&str; 6] = ["throughput-workers", "throughput-rng", "utilisation", "stages", "queue", "shares"];

fn svgs(report: &Report) -> Vec<(String, String)> {
    files(pictures(report))
}

fn names(report: &Report) -> Vec<String> {
    svgs(report).into_iter().map(|(name, _)| name).collect()
}

#[tokio::test]
async fn the_default_sweep_has_every_picture_told_in_words_and_figures() {
    let report = fixture::swept().await;
    assert_eq!(names(&report), ALL);
    assert!(names(&report).iter().all(|name| is_ours(name)) && !is_ours("photo"));
    for (picture, (name, svg)) in pictures(&report).iter().zip(svgs(&report)) {
        let labelled = attributes(&svg, "aria-labelledby")[0];
        let told = format!("<title id=\"{name}-title\">{}</title>", picture.title);
        assert!(svg.contains(&told) && labelled == format!("{name}-title {name}-description"), "{svg}");
        assert!(svg.contains("role=\"img\"") && svg.contains("prefers-color-scheme: dark"), "{name}");
        let described = ["worker=10 rng=1", "10.00 at", "at worker=10"];
        assert!(described.iter().any(|it| picture.description.contains(it)), "{}", picture.description);
        let columns = picture.table.header.len();
        assert!(
            !picture.table.rows.is_empty() && picture.table.rows.iter().all(|row| row.len() == columns),
            "{name}"
        );
        assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
    }
}

#[tokio::test]
async fn axes_have_units() {
    let units = [
        ("throughput-workers", "hashes/s"),
        ("throughput-rng", "replicas of rng"),
        ("utilisation", "slots"),
        ("stages", "ms for a unit of work"),
        ("queue", "ms of waiting"),
        ("shares", "% of the requests"),
    ];
    let files = svgs(&fixture::swept().await);
    for ((name, svg), (of, unit)) in files.iter().zip(units) {
        assert!(*name == of && svg.contains(unit), "{name} without {unit}: {svg}");
    }
}

#[tokio::test]
async fn nothing_in_a_report_can_break_out_of_a_picture() {
    let mut report = fixture::swept().await;
    let evil = "</svg><script>alert(1)</script>\"'&\u{1}\u{fffe}";
    for service in report.steps.iter_mut().flat_map(|step| &mut step.seen.services) {
        for replica in &mut service.replicas {
            replica.replica = evil.to_owned();
        }
    }
    for (name, svg) in svgs(&report) {
        assert!(svg.matches("</svg>").count() == 1 && !svg.contains("<script"), "{name}: {svg}");
        assert!(!svg.contains(['\u{1}', '\u{fffe}']), "{name}");
    }
}

#[tokio::test]
async fn figures_that_make_no_sense_make_no_nonsense_of_a_picture() {
    let mut report = fixture::swept().await;
    for step in &mut report.steps {
        step.seen.throughput_per_second = 0.0;
        step.seen.throughput_half_width_per_second = Some(f64::MAX);
        step.bound_per_second = Some(0.0);
        step.seen.stages.iter_mut().for_each(|stage| stage.seconds = f64::MAX);
        step.seen.services.iter_mut().for_each(|service| service.utilisation = Some(-f64::MAX));
    }
    for (name, svg) in svgs(&report) {
        let drawn = ["d", "x", "y", "width", "height"].map(|name| attributes(&svg, name).concat()).concat();
        assert!(!drawn.contains("NaN") && !drawn.contains("inf"), "{name}: {drawn}");
    }
}

#[tokio::test]
async fn what_was_not_measured_is_not_drawn() {
    let alone = fixture::with_flags(&["--workers=3", "--rng=1", "--no-confirm", "--probe-rate=0"]).await;
    assert_eq!(names(&alone), ["throughput-workers", "utilisation", "stages", "queue"]);
    let mut nothing = alone.clone();
    nothing.steps.clear();
    assert!(names(&nothing).is_empty());
}

#[tokio::test]
async fn bars_are_as_long_as_what_they_show() {
    let report = fixture::with_flags(&["--workers=1,10", "--rng=1", "--no-confirm"]).await;
    let (_, svg) = svgs(&report).into_iter().find(|(name, _)| name == "stages").unwrap();
    let width = |hint: &str| {
        let (before, _) = svg.split_once(hint).unwrap_or_else(|| panic!("{hint}: {svg}"));
        attributes(&before[before.rfind("<rect").unwrap()..], "width")[0].parse::<f64>().unwrap()
    };
    // Ten workers wait seven times as long as rng then takes.
    let (waits, thinks) = (width("wait for rng: 699.0 ms"), width("think: 100.0 ms"));
    assert!((waits / thinks - 6.99).abs() < 0.05, "{waits} {thinks}");
}

#[tokio::test]
async fn a_picture_stays_as_wide_however_many_steps_it_shows() {
    let many = fixture::with_flags(&[
        "--workers=1,2,3,4,5,6,7,8",
        "--rng=1,2,3",
        "--grid",
        "--no-confirm",
        "--window=1s",
    ])
    .await;
    for (name, svg) in svgs(&many) {
        assert!(attributes(&svg, "viewBox")[0].starts_with("0 0 520 "), "{name}");
        let rights = attributes(&svg, "x").into_iter().map(|x| x.parse::<f64>().unwrap());
        assert!(rights.fold(0.0, f64::max) <= WIDTH, "{name}");
    }
}
