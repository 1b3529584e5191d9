//! The report as text for a terminal.

use std::fmt::Write;

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};

use super::judge::bought;
use super::plan::{Plan, described};
use super::report::{Report, StepReport};
use crate::backend::ProbeObservation;
use crate::laws::units::{Seconds, Throughput};
use crate::report::Outcome;

/// The whole report; ends with a line break.
pub(super) fn text(report: &Report) -> String {
    let mut text =
        format!("{}: {} of {} steps.\n\n", report.application, report.steps.len(), report.steps_planned);
    let _ = writeln!(text, "{}\n", table(report));
    for step in &report.steps {
        for caveat in &step.seen.caveats {
            let _ = writeln!(text, "At {}: {caveat}.", step.name);
        }
    }
    let others = report.elasticities.iter().filter(|it| !report.conclusion.evidence.contains(&bought(it)));
    for it in others {
        let [one, other] = it.between_steps.map(|step| &report.steps[step]);
        let _ = writeln!(text, "{}{}.", bought(it), common(one, other));
    }
    if !text.ends_with("\n\n") {
        text.push('\n');
    }
    text.push_str(&conclusion(report));
    text
}

fn table(report: &Report) -> String {
    let any = |of: &dyn Fn(&StepReport) -> bool| report.steps.iter().any(of);
    let predicted = any(&|step| step.predicted_throughput_per_second.is_some());
    let answered = any(&|step| step.seen.response.is_some());
    let probed: Vec<usize> =
        (0..report.services.len()).filter(|index| any(&|step| step.seen.probes[*index].is_some())).collect();
    let amounts = report.steps.first().map_or("", |step| step.name.as_str()).split(' ');
    let mut header: Vec<String> =
        amounts.filter_map(|amount| Some(amount.split_once('=')?.0.to_owned())).collect();
    header.extend([format!("{}/s", report.unit), "95 %".to_owned()]);
    header.extend(["predicted", "off"].into_iter().filter(|_| predicted).map(str::to_owned));
    header.push("speed-up".to_owned());
    header.extend(["mean", "p99"].into_iter().filter(|_| answered).map(str::to_owned));
    header.extend(probed.iter().map(|index| format!("{}'s probe", report.services[*index])));
    let rows = report.steps.iter().map(|step| {
        let seen = &step.seen;
        let mut row: Vec<String> =
            step.name.split(' ').filter_map(|amount| Some(amount.split_once('=')?.1.to_owned())).collect();
        let half = seen.throughput_half_width_per_second;
        row.extend([
            number(seen.throughput_per_second),
            or_blank(half, |half| format!("± {}", number(half))),
        ]);
        if predicted {
            row.push(or_blank(step.predicted_throughput_per_second, number));
            row.push(or_blank(step.deviation_from_prediction, |off| format!("{:+.1} %", off * 100.0)));
        }
        row.push(format!("{:.2} x", step.speed_up));
        if answered {
            let time = |seconds| Seconds(seconds).to_string();
            row.push(or_blank(seen.response, |response| time(response.mean_seconds)));
            row.push(or_blank(seen.response, |response| time(response.p99_seconds)));
        }
        row.extend(probed.iter().map(|index| or_blank(seen.probes[*index].as_ref(), wait)));
        row
    });
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(header).add_rows(rows);
    for column in table.column_iter_mut() {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table.trim_fmt()
}

fn or_blank<T>(value: Option<T>, print: impl FnOnce(T) -> String) -> String {
    value.map(print).unwrap_or_default()
}

/// What two steps have in common, in brackets.
fn common(one: &StepReport, other: &StepReport) -> String {
    let same = one.name.split(' ').filter(|part| other.name.split(' ').any(|it| it == *part));
    let same: Vec<&str> = same.collect();
    if same.is_empty() { String::new() } else { format!(" ({})", same.join(" ")) }
}

fn number(value: f64) -> String {
    let decimals = if value.abs() < 100.0 { 2 } else { 0 };
    format!("{value:.decimals$}")
}

fn wait(probe: &ProbeObservation) -> String {
    let mean = probe.mean_seconds * 1e3;
    let half = probe.half_width_seconds.map(|half| format!(" ± {:.0}", half * 1e3)).unwrap_or_default();
    format!("{mean:.0}{half} ms")
}

fn conclusion(report: &Report) -> String {
    let conclusion = &report.conclusion;
    let mut text = format!("{}\n", conclusion.sentence);
    for clause in conclusion.evidence.iter().skip(1) {
        let _ = writeln!(text, "  {clause}");
    }
    let label = match conclusion.outcome {
        Outcome::Done => "",
        Outcome::ExpectationFailed => "FAILED",
        Outcome::Inconclusive => "INCONCLUSIVE",
        Outcome::BackendFailed => "ERROR",
        Outcome::Interrupted => "INTERRUPTED",
    };
    for reason in &conclusion.reasons {
        let _ = writeln!(text, "{label}: {reason}");
    }
    text
}

/// What a plan would do, as `loadgen plan check` says it.
pub(super) fn overview(plan: &Plan) -> String {
    let mut text = format!("{}: counts {}/s; ", plan.application, plan.unit);
    let each = Seconds::from(plan.warm_up + plan.window);
    let _ = writeln!(text, "{} steps of {each:.0} each, scaling not included.", plan.steps.len());
    for (number, step) in plan.steps.iter().enumerate() {
        let _ = writeln!(text, "  {}. {}", number + 1, plan.name(step));
    }
    for service in &plan.services {
        let probed = if service.probe.is_some() { "probed" } else { "not probed" };
        let _ = writeln!(text, "  {}: {probed}, {}", service.name, described(&service.way));
    }
    text
}

/// A step that has just been measured, in a line.
pub(super) fn line(plan: &Plan, index: usize, throughput: f64) -> String {
    format!("{}: {:.2}", plan.name(&plan.steps[index]), Throughput(throughput))
}
