//! The report for people. Owns the order of its parts; a part that has nothing to say is left out.

use crate::bench::output::reading::{MOST_REPLICAS, bytes, count, percent, time};
use crate::bench::output::table::{aligned, labelled};
use crate::bench::report::{Expected, LoadGenerator, Replicas, Report, Traffic};

mod hints;
mod histogram;
mod overview;
mod times;

pub(super) fn render(report: &Report) -> String {
    let parts = [
        aim(report),
        overview::render(report),
        overview::outcomes(report),
        hints::render(report),
        times::response(report),
        histogram::render(report.response_time.times.ended()),
        times::steps(report),
        report.replicas.as_ref().map(replicas).unwrap_or_default(),
        machinery(report),
        expectations(&report.expectations),
    ];
    let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    parts.join("\n")
}

/// What became of what the run was for.
fn aim(report: &Report) -> String {
    let knee = report.knee.as_ref().map(ToString::to_string);
    let aborted = report.aborted.as_ref().map(ToString::to_string);
    let warm_up = time(report.warm_up.cut);
    let nothing = report.is_all_warm_up().then(|| {
        format!("nothing was measured: the run was over before its warm-up, so give a --warmup shorter than {warm_up}")
    });
    [nothing, knee, aborted].into_iter().flatten().map(|line| sentence(&line) + "\n").collect()
}

fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    let first = letters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(letters).chain(['.']).collect()
}

fn replicas(replicas: &Replicas) -> String {
    let evenness = match (replicas.is_even(), replicas.evenness_p) {
        (Some(true), Some(p)) => format!("; shares are even (p = {p:.2})"),
        (Some(false), Some(p)) if p < 1e-4 => "; shares are uneven (p < 0.0001)".to_owned(),
        (Some(false), Some(p)) => format!("; shares are uneven (p = {p:.4})"),
        _ => String::new(),
    };
    let shown = replicas.busiest(MOST_REPLICAS);
    let more = replicas.by_name.len() - shown.len();
    let rows = shown.into_iter().map(|replica| {
        let quantile = |quantile| replica.times.quantile(quantile).map_or_else(String::new, time);
        [
            replica.name.clone(),
            replica.requests.to_string(),
            percent(replica.share),
            quantile(0.5),
            quantile(0.99),
            replica.errors.to_string(),
        ]
    });
    let header = ["Replica", "requests", "share", "p50", "p99", "errors"];
    let table = aligned(&header, rows);
    let more = match more {
        0 => String::new(),
        more => format!("  and {more} more that answered no more often; the JSON has them all\n"),
    };
    let others = match replicas.others {
        0 => String::new(),
        others => format!("  and {} of replicas beyond those told apart\n", count(others, "answer")),
    };
    format!("{table}{more}{others}  by {}{evenness}\n", replicas.header)
}

fn machinery(report: &Report) -> String {
    traffic(report.traffic) + &load_generator(&report.load_generator)
}

fn traffic(traffic: Traffic) -> String {
    if traffic == Traffic::default() {
        return String::new();
    }
    let mut parts = vec![
        format!("{} sent", bytes(traffic.sent_bytes)),
        format!("{} received ({} of bodies)", bytes(traffic.received_bytes), bytes(traffic.body_bytes)),
        count(traffic.connections, "connection"),
    ];
    if traffic.resent > 0 {
        parts.push(format!("{} sent again", count(traffic.resent, "request")));
    }
    labelled("Traffic", &parts)
}

fn load_generator(generator: &LoadGenerator) -> String {
    let mut parts = vec![
        format!("busiest thread {} busy", percent(generator.cpu_utilisation)),
        format!("{} of CPU", time(generator.cpu)),
    ];
    if !generator.run_queue_delay.is_zero() {
        parts.push(format!("{} waiting for one", time(generator.run_queue_delay)));
    }
    labelled("Load generator", &parts)
}

fn expectations(expectations: &[Expected]) -> String {
    if expectations.is_empty() {
        return String::new();
    }
    let rows = expectations.iter().map(|it| {
        let how = if it.held { "held" } else { "FAILED" };
        [it.expectation.clone(), it.measured.clone(), how.to_owned()]
    });
    aligned(&["Expected", "measured", ""], rows)
}

#[cfg(test)]
mod tests;
