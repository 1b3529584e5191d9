//! How long requests took, as a whole and step by step.

use std::time::Duration;

use crate::bench::output::reading::{at_least, time};
use crate::bench::output::table::aligned;
use crate::bench::report::{Report, TimesReport};
use crate::times::Times;

const QUANTILES: [(&str, f64); 5] =
    [("p50", 0.5), ("p90", 0.9), ("p95", 0.95), ("p99", 0.99), ("p99.9", 0.999)];

/// In an open loop beside what the load generator's own lateness hides or adds.
pub(super) fn response(report: &Report) -> String {
    let response = &report.response_time;
    if response.times.count() == 0 {
        return String::new();
    }
    let open = report.plan.load == "open";
    let mut columns = vec![("Response time", names().collect())];
    columns.push((if open { "from schedule" } else { "" }, column(&response.times)));
    if response.p50_interval.is_some() || response.p99_interval.is_some() {
        columns.push(("95 % interval", intervals(response)));
    }
    if open {
        columns.push(("once sent", column(&report.uncorrected_time.times)));
        columns.push(("sent late by", column(&report.lag.times)));
    }
    let header: Vec<&str> = columns.iter().map(|(title, _)| *title).collect();
    let row = |index: usize| columns.iter().map(|(_, cells)| cells[index].clone()).collect::<Vec<_>>();
    aligned(&header, (0..names().count()).map(row))
}

fn names() -> impl Iterator<Item = String> {
    ["mean"].into_iter().chain(QUANTILES.map(|(name, _)| name)).chain(["max"]).map(str::to_owned)
}

fn column(times: &Times) -> Vec<String> {
    let (all, censored) = (times.at_least(), times.censored().count() > 0);
    let or_blank = |it: Option<Duration>, bound| it.map_or_else(String::new, |it| at_least(it, bound));
    let mut column = vec![or_blank(all.mean(), censored)];
    let mut quantiles = times.quantiles(&QUANTILES.map(|(_, quantile)| quantile)).into_iter();
    column.extend(QUANTILES.map(|_| {
        quantiles.next().map_or_else(String::new, |quantile| at_least(quantile.time, quantile.lower_bound))
    }));
    // The longest that ended may well be longer than what others were waited for.
    column.push(or_blank(all.max(), censored));
    column
}

fn intervals(report: &TimesReport) -> Vec<String> {
    let interval = |name: &str| match name {
        "p50" => report.p50_interval,
        "p99" => report.p99_interval,
        _ => None,
    };
    let text = |(low, high)| format!("{} .. {}", time(low), time(high));
    names().map(|name| interval(name.as_str()).map_or_else(String::new, text)).collect()
}

/// Where the time of requests went, and what the server says of its own.
pub(super) fn steps(report: &Report) -> String {
    let (steps, server) = (&report.steps, &report.server_timing);
    let rows = [
        ("resolve", &steps.resolve),
        ("connect", &steps.connect),
        ("TLS", &steps.tls),
        ("request to head", &steps.head),
        ("  queue, says the server", &server.queue),
        ("  service, says the server", &server.service),
    ];
    let mut rows: Vec<_> = rows.into_iter().filter_map(|(name, times)| step(name, times)).collect();
    rows.extend(elsewhere(report));
    rows.extend(step("body", &steps.body));
    if rows.is_empty() {
        return String::new();
    }
    let warm_up = if report.warm_up.cut.is_zero() { "" } else { " (with the warm-up)" };
    let heading = format!("Where the time goes{warm_up}");
    aligned(&[heading.as_str(), "times", "mean", "p50", "p99"], rows)
}

fn step(name: &str, report: &TimesReport) -> Option<[String; 5]> {
    let all = report.times.ended();
    let quantile = |quantile| all.quantile(quantile).map(time);
    let count = all.count().to_string();
    Some([name.to_owned(), count, time(all.mean()?), quantile(0.5)?, quantile(0.99)?])
}

/// A server that speaks for fewer of its answers than this says nothing of the mean of all.
const NEARLY_ALL: f64 = 0.99;

/// What the server does not account for: the network, and waiting before the handler saw the request. Only means can be
/// subtracted from each other; quantiles of a difference are not differences of quantiles.
fn elsewhere(report: &Report) -> Option<[String; 5]> {
    let head = report.steps.head.times.ended();
    let told = [&report.server_timing.queue, &report.server_timing.service].map(|it| it.times.ended());
    let most = told.iter().map(|it| it.count()).max()?;
    if most == 0 || (most as f64) < NEARLY_ALL * head.count() as f64 {
        return None;
    }
    let at_server: Duration = told.iter().filter_map(|it| it.mean()).sum();
    let rest = head.mean()?.saturating_sub(at_server);
    let name = "  before the handler, and network".to_owned();
    Some([name, String::new(), time(rest), String::new(), String::new()])
}
