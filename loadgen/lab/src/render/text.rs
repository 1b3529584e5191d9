//! The report as text for a terminal.

use std::fmt::Write;

use comfy_table::{CellAlignment, ContentArrangement, presets};

use super::rows::Table;
use super::words::{label, percent, station};
use super::{experiment, notes, rows};
use crate::confirm::Confirmation;
use crate::laws::units::{Seconds, Throughput, Utilisation};
use crate::report::{Outcome, Report};

/// The whole report; ends with a line break.
pub(crate) fn text(report: &Report) -> String {
    let mut text = heading(report);
    if !report.steps.is_empty() {
        // Eighty columns hold them, unless hasher is scaled.
        let [achieved, spent] = [rows::achieved(report), rows::spent(report)]
            .map(|Table { header, rows }| table(header, rows.into_iter()));
        let _ = writeln!(text, "\n{achieved}\n\n{spent}\n");
        text.push_str(&noted(report));
    }
    if let Some(confirmation) = &report.confirmation {
        text.push_str(&proof(confirmation));
    }
    if let Some(experiment) = &report.experiment {
        text.push_str(&experiment::text(experiment, &report.events));
    }
    text.push_str(&conclusion(report));
    text
}

fn heading(report: &Report) -> String {
    let settings = &report.settings;
    let [think, rng, hasher] =
        [settings.think_time_seconds, settings.rng_time_seconds, settings.hasher_time_seconds].map(Seconds);
    format!(
        "DockerCoins ({}): think time {think}, rng {rng}, hasher {hasher}; windows of {:.1} on {} CPUs.\n",
        report.backend,
        Seconds(settings.window_seconds),
        report.cpus
    )
}

/// Figures in columns, all to the right; ends without a line break.
pub(crate) fn table<Row: IntoIterator<Item = String>>(
    header: impl IntoIterator<Item: Into<String>>,
    rows: impl Iterator<Item = Row>,
) -> String {
    let mut table = comfy_table::Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(header.into_iter().map(Into::into)).add_rows(rows);
    for column in table.column_iter_mut() {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table.trim_fmt()
}

fn noted(report: &Report) -> String {
    notes::notes(report).into_iter().map(|note| note + "\n").chain(["\n".to_owned()]).collect()
}

fn proof(confirmation: &Confirmation) -> String {
    let less = Utilisation(1.0 - confirmation.factor);
    let mut text = format!(
        "Proof at {}, {} as it is: {less} less time at one station at a time gives\n",
        confirmation.step,
        Throughput(confirmation.baseline_per_second)
    );
    for perturbation in &confirmation.perturbations {
        let _ = writeln!(
            text,
            "  {:<15} {:>7.2}/s   predicted {:>7.2}/s   {}",
            station(perturbation.service),
            perturbation.throughput_per_second,
            perturbation.predicted_per_second,
            percent(perturbation.deviation())
        );
    }
    text.push_str(if confirmation.confirmed { "Confirmed.\n\n" } else { "Not confirmed.\n\n" });
    text
}

fn conclusion(report: &Report) -> String {
    let conclusion = &report.conclusion;
    let mut text = String::new();
    let _ = writeln!(text, "{}", conclusion.sentence);
    for advice in &conclusion.advice {
        let _ = writeln!(text, "{advice}");
    }
    text + &reasons(conclusion.outcome, &conclusion.reasons)
}

/// Why a sweep did not end well, a line each.
pub(crate) fn reasons(outcome: Outcome, reasons: &[String]) -> String {
    reasons.iter().map(|reason| [label(outcome), ": ", reason, "\n"].concat()).collect()
}
