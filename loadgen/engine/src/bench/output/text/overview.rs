//! What comes first: whether the figures are the server's at all, what was sent, how much of it came through.

use std::fmt::Write;
use std::time::Duration;

use crate::bench::output::reading::{count, error_share, percent, rate, time};
use crate::bench::output::table::{aligned, labelled};
use crate::bench::report::{Counts, How, PlanSummary, Report, Shards, WarmUp};

/// Shards that start so close together are one load: programs that are started one after the other are some milliseconds apart.
const APART: Duration = Duration::from_millis(100);

/// URLs that are named; the others are counted.
const NAMED: usize = 3;

pub(super) fn render(report: &Report) -> String {
    let mut text = String::new();
    for warning in &report.warnings {
        let _ = writeln!(text, "Warning: {warning}.\n");
    }
    if report.load_generator.was_the_limit {
        let why = report.load_generator.why.as_deref().unwrap_or("it was too busy");
        let _ = writeln!(text, "The load generator was the limit: {why}. These figures are its own.\n");
    }
    text.push_str(&plan(&report.plan));
    text.push('\n');
    text.push_str(&labelled("Throughput", &[throughput(report)]));
    text.push_str(&warm_up(report.warm_up));
    text.push_str(&requests(report.requests));
    text
}

fn plan(plan: &PlanSummary) -> String {
    let mut text = String::new();
    for url in plan.urls.iter().take(NAMED) {
        let _ = writeln!(text, "{} {url}", plan.method);
    }
    if plan.urls.len() > NAMED {
        let _ = writeln!(text, "and {} more URLs, in turn", plan.urls.len() - NAMED);
    }
    let _ = writeln!(text, "{}", load(plan));
    text
}

fn load(plan: &PlanSummary) -> String {
    let mut parts = Vec::new();
    if plan.load == "open" {
        let arrivals = plan.arrivals.as_deref().map_or_else(String::new, |it| format!(", {it} arrivals"));
        let rates = plan.rate_per_s.map_or_else(|| stages(plan), |it| rate(it, None));
        let rates = if rates.is_empty() { rates } else { format!(": {rates}") };
        parts.push(format!("open loop{rates}{arrivals}"));
    } else {
        parts.push(format!("closed loop: {}", count(plan.connections as u64, "connection")));
    }
    if plan.streams > 1 {
        parts.push(format!("{} streams each", plan.streams));
    }
    if plan.http != "1.1" {
        parts.push(format!("HTTP/{}", plan.http));
    }
    if !plan.think_time.is_zero() {
        parts.push(format!("think time {}", time(plan.think_time)));
    }
    if !plan.keep_alive {
        parts.push("a connection for each request".to_owned());
    }
    let shards = plan.shards.as_ref().map_or_else(String::new, |it| format!("; {}", shards(it)));
    parts.join(", ") + &shards
}

/// Which part of the load that is.
fn shards(shards: &Shards) -> String {
    let which = match &shards.which[..] {
        _ if shards.is_whole() => format!("{} shards of one plan", shards.of),
        [only] => format!("of it only shard {only}/{}", shards.of),
        some => {
            let some: Vec<String> = some.iter().map(|index| format!("{index}/{}", shards.of)).collect();
            format!("of it only shards {}", some.join(", "))
        }
    };
    if shards.started_apart < APART {
        which
    } else {
        format!("{which}, which started {} apart", time(shards.started_apart))
    }
}

fn stages(plan: &PlanSummary) -> String {
    let one = |stage: &crate::bench::report::Stage| {
        let (from, to) = (rate(stage.from_per_s, None), rate(stage.to_per_s, None));
        let rates = if from == to { from } else { format!("{from} to {to}") };
        format!("{rates} for {}", time(stage.lasts))
    };
    plan.stages.iter().map(one).collect::<Vec<_>>().join(", ")
}

fn throughput(report: &Report) -> String {
    let estimate = report.throughput_per_s;
    let confidence = match estimate.half_width {
        Some(_) => format!(" ({} interval)", whole_percent(estimate.confidence)),
        None => String::new(),
    };
    let stopped = if report.interrupted { ", when it was interrupted" } else { "" };
    format!(
        "{}{confidence} over {}{stopped}",
        rate(estimate.mean, estimate.half_width),
        time(report.measured)
    )
}

fn whole_percent(share: f64) -> String {
    format!("{:.0} %", 100.0 * share)
}

fn warm_up(warm_up: WarmUp) -> String {
    let cut = time(warm_up.cut);
    let what = match warm_up.how {
        How::Given if warm_up.cut > Duration::ZERO => format!("{cut} left out, as asked for"),
        How::Found => format!("{cut} left out, found in the data"),
        How::Undecided => "nothing left out: the run was too short to tell, or did not settle".to_owned(),
        How::Failures => "nothing left out: there were failures before the run settled".to_owned(),
        How::Incident => "nothing left out: it began well, and then turned bad for a while".to_owned(),
        How::Given | How::None => return String::new(),
    };
    labelled("Warm-up", &[what])
}

fn requests(counts: Counts) -> String {
    let parts = [
        (counts.successes, "succeeded"),
        (counts.http_errors, "got an error status"),
        (counts.failed, "failed"),
        (counts.timed_out, "timed out"),
        (counts.in_flight_at_end, "in flight at the end"),
        (counts.unsent_at_end, "not sent by the end"),
        (counts.overflowed, "never sent since too many waited"),
    ];
    let parts = parts.into_iter().filter(|(count, _)| *count > 0);
    let parts: Vec<String> = parts.map(|(count, what)| format!("{count} {what}")).collect();
    let none = ["none".to_owned()];
    labelled("Requests", if parts.is_empty() { &none } else { &parts }) + &errors(counts)
}

fn errors(counts: Counts) -> String {
    let Some(share) = counts.error_share().filter(|share| share.at_most > 0.0) else { return String::new() };
    let mut parts = vec![error_share(share)];
    if counts.unanswered > 0 {
        let left = count(counts.unanswered, "request");
        parts.push(format!("with {left} unanswered after longer than any success took"));
    }
    labelled("Errors", &parts)
}

/// How requests ended; left out where there were none, or all ended alike, which the line of requests says already.
pub(super) fn outcomes(report: &Report) -> String {
    if report.outcomes_all.is_empty() {
        return String::new();
    }
    if report.outcomes_all.len() <= 1 && report.outcomes_all.contains_key("200") {
        return String::new();
    }
    let reasons = report.reasons.iter().map(|(outcome, said)| format!("  {outcome}: {said}\n"));
    let table =
        if report.outcomes_all == report.outcomes { measured(report) } else { measured_and_all(report) };
    std::iter::once(table).chain(reasons).collect()
}

fn measured(report: &Report) -> String {
    let total: u64 = report.outcomes.values().sum();
    let row = |(outcome, count): (&String, &u64)| {
        [outcome.clone(), count.to_string(), percent(*count as f64 / total.max(1) as f64)]
    };
    aligned(&["Outcome", "requests", "share"], report.outcomes.iter().map(row))
}

fn measured_and_all(report: &Report) -> String {
    let total: u64 = report.outcomes.values().sum();
    let row = |(outcome, all): (&String, &u64)| {
        let measured = report.outcomes.get(outcome).copied().unwrap_or_default();
        let share = percent(measured as f64 / total.max(1) as f64);
        [outcome.clone(), measured.to_string(), share, all.to_string()]
    };
    aligned(&["Outcome", "measured", "share", "with warm-up"], report.outcomes_all.iter().map(row))
}
