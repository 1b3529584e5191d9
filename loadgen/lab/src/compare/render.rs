//! A comparison in the forms that people and programs read.

use std::fmt::Write;

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};
use loadgen_engine::markdown::{escaped, table};

use super::Comparison;
use super::change::{Change, Metric, Ruling};
use crate::junit::{Case, Ended, Suite, document};
use crate::render::words::percent;

const HEADER: [&str; 7] = ["worker", "rng", "", "before", "now", "change", "95 % interval"];

/// The comparison as text for a terminal; ends with a line break.
pub(super) fn text(comparison: &Comparison) -> String {
    let mut text = String::new();
    for (label, side) in [("before", &comparison.base), ("now", &comparison.new)] {
        let _ = writeln!(text, "{label:<7} {} ({}, {})", side.file, side.program, side.started_at);
    }
    for note in &comparison.notes {
        let _ = writeln!(text, "Note: {note}.");
    }
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header([&HEADER[..], &[""]].concat());
    table.add_rows(
        comparison.changes.iter().map(|change| [&row(change)[..], &[word(change, comparison)]].concat()),
    );
    for (index, column) in table.column_iter_mut().enumerate() {
        column.set_cell_alignment(if index == 2 || index == 7 {
            CellAlignment::Left
        } else {
            CellAlignment::Right
        });
    }
    let _ = writeln!(text, "\n{}\n\n{}", table.trim_fmt(), conclusion(comparison));
    text
}

/// The comparison for programs; ends with a line break.
pub(super) fn json(comparison: &Comparison) -> String {
    serde_json::to_string_pretty(comparison).unwrap_or_default() + "\n"
}

/// The comparison for the page of a job.
pub(super) fn markdown(comparison: &Comparison) -> String {
    let mut text = format!("### {}\n\n", escaped(&conclusion(comparison)));
    let [base, new] = [&comparison.base, &comparison.new];
    let _ = writeln!(text, "{} against {}\n", escaped(&new.file), escaped(&base.file));
    for note in &comparison.notes {
        let _ = writeln!(text, "- {}", escaped(note));
    }
    if !comparison.notes.is_empty() {
        text.push('\n');
    }
    let rows = comparison.changes.iter().map(|change| {
        let [worker, rng, metric, before, now, by, interval] = row(change);
        [metric, worker, rng, before, now, by, interval, word(change, comparison)]
    });
    text + &table(["", "worker", "rng", "before", "now", "change", "95 % interval", ""], rows)
}

/// A suite for each step, a case for each figure.
pub(super) fn junit(comparison: &Comparison) -> String {
    let steps = comparison.changes.chunk_by(|one, next| one.step == next.step);
    let suites: Vec<Suite> = steps
        .map(|changes| Suite {
            name: changes[0].step.to_string(),
            seconds: 0.0,
            cases: changes.iter().map(|change| case(change, comparison.threshold)).collect(),
        })
        .collect();
    document("compare", &comparison.new.started_at, &suites)
}

fn case(change: &Change, threshold: f64) -> Case {
    let said = said(change, threshold);
    let ended = match change.ruling {
        Ruling::Pass => Ended::Passed,
        Ruling::Regression => Ended::Failed(said.clone()),
        Ruling::Inconclusive => Ended::Skipped(said.clone()),
    };
    Case { name: change.metric.name(), ended, said }
}

fn row(change: &Change) -> [String; 7] {
    let figure = |value: f64| match change.metric {
        Metric::Throughput => format!("{value:.2}/s"),
        Metric::ResponseTime => format!("{:.1} ms", value * 1e3),
    };
    [
        change.step.workers.to_string(),
        change.step.rng.to_string(),
        change.metric.name().to_owned(),
        figure(change.base),
        figure(change.new),
        percent(change.change),
        interval(change).unwrap_or_default(),
    ]
}

fn interval(change: &Change) -> Option<String> {
    Some(format!("{} to {}", percent(change.change_from?), percent(change.change_to?)))
}

fn word(change: &Change, comparison: &Comparison) -> String {
    let word = match change.ruling {
        Ruling::Pass if change.is_improvement(comparison.threshold) => "better",
        Ruling::Pass => "",
        Ruling::Inconclusive => "cannot tell",
        Ruling::Regression => "WORSE",
    };
    word.to_owned()
}

/// What became of a figure, as a sentence without its full stop.
fn said(change: &Change, threshold: f64) -> String {
    let (name, step, by) = (change.metric.name(), change.step, percent(change.change));
    let threshold = share(threshold);
    match (change.ruling, interval(change)) {
        (_, None) => format!("{name} at {step} changed by {by}, and has no interval: give a longer --window"),
        (Ruling::Pass, Some(interval)) => format!("{name} at {step} changed by {by} ({interval})"),
        (Ruling::Regression, Some(interval)) => {
            format!("{name} at {step} changed by {by} ({interval}), which is worse by more than {threshold}")
        }
        (Ruling::Inconclusive, Some(interval)) => format!(
            "{name} at {step} changed by {by} ({interval}), which may be worse by more than {threshold} or not: give a longer --window"
        ),
    }
}

/// What it all comes to.
fn conclusion(comparison: &Comparison) -> String {
    let worst = comparison.changes.iter().filter(|change| change.ruling == comparison.ruling);
    let first = worst.clone().max_by(|a, b| a.change.abs().total_cmp(&b.change.abs()));
    let more = match worst.count() {
        0 | 1 => String::new(),
        count => format!("; {count} figures in all"),
    };
    let said = first.map_or_else(String::new, |change| said(change, comparison.threshold));
    match comparison.ruling {
        Ruling::Pass => {
            format!("No regression: nothing is worse by more than {}.", share(comparison.threshold))
        }
        Ruling::Inconclusive => format!("INCONCLUSIVE: {said}{more}."),
        Ruling::Regression => format!("REGRESSION: {said}{more}."),
    }
}

/// `3 %`, `0.5 %`.
fn share(share: f64) -> String {
    format!("{} %", (share * 1e6).round() / 1e4)
}
