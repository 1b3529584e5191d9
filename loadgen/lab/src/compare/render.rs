//! A comparison in the forms that people and programs read.

use std::fmt::Write;

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};
use loadgen_engine::markdown::{escaped, table};

use super::Comparison;
use super::blocks::Evidence;
use super::change::{Change, Metric, Ruling};
use super::place::Place;
use crate::interleave::Interleaved;
use crate::junit::{Case, Ended, Suite, document};
use crate::render::words::percent;
use crate::step::{Count, counts};

/// What stands behind the labels of a step.
const HEADER: [&str; 5] = ["", "before", "now", "change", "95 % interval"];

/// What stands beside it where two builds took turns.
const EVIDENCE: [&str; 3] = ["pairs", "medians", "p"];

/// The comparison as text for a terminal; ends with a line break.
pub(crate) fn text(comparison: &Comparison) -> String {
    let mut text = String::new();
    for (label, side) in [("before", &comparison.base), ("now", &comparison.new)] {
        let _ = writeln!(text, "{label:<7} {} ({}, {})", side.file, side.program, side.started_at);
    }
    for note in &comparison.notes {
        let _ = writeln!(text, "Note: {note}.");
    }
    if let Some(turns) = comparison.interleaved.as_ref().map(taking_turns) {
        let _ = writeln!(text, "{turns}");
    }
    if !comparison.changes.is_empty() {
        let _ = writeln!(text, "\n{}", figures(comparison));
    }
    let _ = writeln!(text, "\n{}", conclusion(comparison));
    text
}

/// A row for each change; ends without a line break.
fn figures(comparison: &Comparison) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    let name = labels(comparison, &sweep_counts(comparison)).len();
    table.set_header(header(comparison)).add_rows(rows(comparison));
    let last = table.column_count().saturating_sub(1);
    for (index, column) in table.column_iter_mut().enumerate() {
        column.set_cell_alignment(if index == name || index == last {
            CellAlignment::Left
        } else {
            CellAlignment::Right
        });
    }
    table.trim_fmt()
}

/// The comparison for the page of a job.
pub(crate) fn markdown(comparison: &Comparison) -> String {
    let mut text = format!("### {}\n\n", escaped(&conclusion(comparison)));
    let [base, new] = [&comparison.base, &comparison.new];
    let _ = writeln!(text, "{} against {}\n", escaped(&new.file), escaped(&base.file));
    let turns = comparison.interleaved.as_ref().map(taking_turns);
    for note in comparison.notes.iter().chain(&turns) {
        let _ = writeln!(text, "- {}", escaped(note));
    }
    if !(comparison.notes.is_empty() && turns.is_none()) {
        text.push('\n');
    }
    if comparison.changes.is_empty() {
        return text;
    }
    let counts = sweep_counts(comparison);
    let rows = comparison.changes.iter().map(|change| {
        let [name, figures @ ..] = row(change);
        [name].into_iter().chain(amounts(change, &counts)).chain(figures).chain([word(change, comparison)])
    });
    let labels = labels(comparison, &counts);
    let [name, figures @ ..] = HEADER;
    let header = [name].into_iter().chain(labels.iter().map(String::as_str)).chain(figures).chain([""]);
    text + &table(header, rows)
}

/// The counts that tell steps of the built-in sweep apart.
fn sweep_counts(comparison: &Comparison) -> Vec<Count> {
    counts(comparison.changes.iter().filter_map(|change| change.step.step()))
}

/// The names that tell steps apart.
fn labels(comparison: &Comparison, counts: &[Count]) -> Vec<String> {
    let first = comparison.changes.first().map(|change| change.step.labels(counts)).unwrap_or_default();
    first.into_iter().map(|(name, _)| name).collect()
}

/// How much there was of each at the step of a change.
fn amounts(change: &Change, counts: &[Count]) -> impl Iterator<Item = String> + use<> {
    change.step.labels(counts).into_iter().map(|(_, amount)| amount)
}

/// A suite for each step, a case for each figure.
pub(crate) fn junit(comparison: &Comparison) -> String {
    let steps = comparison.changes.chunk_by(|one, next| one.step == next.step);
    let mut suites: Vec<Suite> = steps
        .map(|changes| Suite {
            name: changes[0].step.to_string(),
            seconds: 0.0,
            cases: changes.iter().map(|change| case(change, comparison)).collect(),
        })
        .collect();
    suites.extend(comparison.interleaved.as_ref().and_then(broken_off));
    let command = if comparison.interleaved.is_some() { "interleave" } else { "compare" };
    document(command, &comparison.new.started_at, &suites)
}

/// What was measured until then may well have passed.
fn broken_off(interleaved: &Interleaved) -> Option<Suite> {
    let why = interleaved.cut_short.as_ref()?;
    let ended = Ended::Error(format!("CUT SHORT: {why}"));
    let case = Case { name: "outcome".into(), ended, said: taking_turns(interleaved) };
    Some(Suite { name: "turns".to_owned(), seconds: interleaved.seconds, cases: vec![case] })
}

fn case(change: &Change, comparison: &Comparison) -> Case {
    let said = said(change, comparison);
    let ended = match change.ruling {
        Ruling::Pass => Ended::Passed,
        Ruling::Regression => Ended::Failed(said.clone()),
        Ruling::Inconclusive => Ended::Skipped(said.clone()),
    };
    Case { name: change.name().into(), ended, said }
}

/// A figure with its unit.
pub(crate) fn figure(metric: Metric, value: f64) -> String {
    match metric {
        Metric::Throughput => format!("{value:.2}/s"),
        Metric::ResponseTime | Metric::ProbeWait | Metric::RngServiceTime | Metric::HasherServiceTime => {
            format!("{:.1} ms", value * 1e3)
        }
    }
}

fn row(change: &Change) -> [String; 5] {
    [
        change.name(),
        figure(change.metric, change.base),
        figure(change.metric, change.new),
        percent(change.change),
        interval(change).unwrap_or_default(),
    ]
}

/// What [`rows`] have in their columns.
pub(crate) fn header(comparison: &Comparison) -> Vec<String> {
    let evidence = comparison.interleaved.is_some().then_some(EVIDENCE).into_iter().flatten();
    let figures = HEADER.into_iter().chain(evidence).chain([""]).map(str::to_owned);
    labels(comparison, &sweep_counts(comparison)).into_iter().chain(figures).collect()
}

/// A row for each change, with all that is known of it.
pub(crate) fn rows(comparison: &Comparison) -> impl Iterator<Item = Vec<String>> {
    let counts = sweep_counts(comparison);
    comparison.changes.iter().map(move |change| {
        let amounts = amounts(change, &counts);
        amounts.chain(row(change)).chain(evidence(change)).chain([word(change, comparison)]).collect()
    })
}

/// What stands below [`EVIDENCE`]; nothing where there is none.
fn evidence(change: &Change) -> Vec<String> {
    let Some(evidence) = &change.evidence else { return Vec::new() };
    let medians = evidence.ratio_of_medians;
    let [low, high] = [medians.low, medians.high].map(|end| percent(end - 1.0));
    let p = evidence.mann_whitney.p_value;
    let p = if p < 0.001 { "< 0.001".to_owned() } else { format!("{p:.3}") };
    vec![evidence.pairs.to_string(), format!("{low} to {high}"), p]
}

/// How it was measured.
pub(crate) fn taking_turns(interleaved: &Interleaved) -> String {
    if interleaved.blocks.is_empty() {
        return "no pair of blocks was measured".to_owned();
    }
    format!(
        "{} pairs of blocks in {:.0} s, in turn; some process waited for a CPU for {:.0} % of the time",
        interleaved.blocks.len() / 2,
        interleaved.seconds,
        interleaved.host_cpu_pressure_share * 100.0
    )
}

fn interval(change: &Change) -> Option<String> {
    Some(format!("{} to {}", percent(change.change_from?), percent(change.change_to?)))
}

/// What it comes to, in a word or two.
pub(crate) fn word(change: &Change, comparison: &Comparison) -> String {
    let word = match change.ruling {
        Ruling::Pass if change.is_improvement(comparison.threshold) => "better",
        Ruling::Pass => "",
        Ruling::Inconclusive => "cannot tell",
        Ruling::Regression => "WORSE",
    };
    word.to_owned()
}

/// What became of a figure, as a sentence without its full stop.
pub(crate) fn said(change: &Change, comparison: &Comparison) -> String {
    let (name, step, by) = (change.name(), &change.step, percent(change.change));
    let threshold = share(comparison.threshold);
    let longer = match &change.step {
        _ if comparison.interleaved.is_some() => "give a longer --duration",
        Place::Sweep(_) => "give a longer --window",
        Place::Plan(_) => "give the plan a longer `window`",
    };
    let Some(interval) = interval(change) else {
        return format!("{name} at {step} changed by {by}, and has no interval: {longer}");
    };
    let changed = format!("{name} at {step} changed by {by} ({interval})");
    match change.ruling {
        Ruling::Pass => changed,
        Ruling::Regression => format!("{changed}, which is worse by more than {threshold}{}", doubt(change)),
        Ruling::Inconclusive => {
            format!("{changed}, which may be worse by more than {threshold} or not: {longer}")
        }
    }
}

/// What to add where what else the blocks say does not agree.
fn doubt(change: &Change) -> &'static str {
    let agrees = change.evidence.as_ref().is_none_or(Evidence::sees_a_change);
    if agrees { "" } else { ", though the medians of the blocks may be equal" }
}

/// What it all comes to.
fn conclusion(comparison: &Comparison) -> String {
    let found = found(comparison);
    let Some(interleaved) = &comparison.interleaved else { return found };
    let blame = interleaved.blame.as_ref().map_or_else(String::new, |blame| format!(" {blame}."));
    match &interleaved.cut_short {
        Some(why) => format!("CUT SHORT ({why}): until then, {found}{blame}"),
        None => found + &blame,
    }
}

fn found(comparison: &Comparison) -> String {
    let worst = worst(comparison);
    match comparison.ruling {
        Ruling::Pass => format!("No regression: {worst}"),
        Ruling::Inconclusive => format!("INCONCLUSIVE: {worst}"),
        Ruling::Regression => format!("REGRESSION: {worst}"),
    }
}

/// The change that it goes by, as a sentence.
pub(crate) fn worst(comparison: &Comparison) -> String {
    if comparison.ruling == Ruling::Pass {
        return format!("nothing is worse by more than {}.", share(comparison.threshold));
    }
    let worst = comparison.changes.iter().filter(|it| it.counts() && it.ruling == comparison.ruling);
    let first = worst.clone().max_by(|a, b| a.change.abs().total_cmp(&b.change.abs()));
    let more = match worst.count() {
        0 | 1 => String::new(),
        count => format!("; {count} figures in all"),
    };
    first.map_or_else(|| "nothing was measured.".to_owned(), |change| said(change, comparison) + &more + ".")
}

/// `3 %`, `0.5 %`.
pub(crate) fn share(share: f64) -> String {
    format!("{} %", (share * 1e6).round() / 1e4)
}
