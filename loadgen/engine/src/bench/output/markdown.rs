//! The report for the summary of a job: what was expected, the figures, the replicas.

use std::fmt::Write;

use crate::bench::report::{Replicas, Report};
use crate::markdown::table as markdown;

use super::reading::{MOST_REPLICAS, at_least, error_share, percent, rate, time};

pub(super) fn render(report: &Report) -> String {
    let mut text = format!("### Load: {}\n\n", title(report));
    for warning in &report.warnings {
        let _ = writeln!(text, "**Warning:** {warning}.\n");
    }
    if let Some(why) = &report.load_generator.why {
        let _ = writeln!(text, "**The load generator was the limit:** {why}.\n");
    }
    for line in
        [report.knee.as_ref().map(ToString::to_string), report.aborted.as_ref().map(ToString::to_string)]
    {
        let _ = line.map(|line| writeln!(text, "\n{line}\n"));
    }
    if !report.expectations.is_empty() {
        let _ = writeln!(text, "{}", expectations(report));
    }
    text.push_str(&markdown(["", "measured", "95 % interval"], figures(report)));
    if let Some(replicas) = &report.replicas {
        let _ = write!(text, "\n{}", by_replica(replicas));
    }
    text
}

fn title(report: &Report) -> String {
    let url = report.plan.urls.first().map_or("", String::as_str);
    let more = match report.plan.urls.len() {
        0 | 1 => String::new(),
        urls => format!(" and {} more", urls - 1),
    };
    format!("`{} {url}`{more}", report.plan.method)
}

fn expectations(report: &Report) -> String {
    let rows = report.expectations.iter().map(|it| {
        let how = if it.held { "held" } else { "**failed**" };
        [it.expectation.clone(), it.measured.clone(), how.to_owned()]
    });
    markdown(["expected", "measured", ""], rows)
}

fn figures(report: &Report) -> Vec<[String; 3]> {
    let estimate = report.throughput_per_s;
    let half = estimate.half_width.map_or_else(String::new, |_| rate(estimate.mean, estimate.half_width));
    let mut rows = vec![
        ["throughput".to_owned(), rate(estimate.mean, None), half],
        ["measured for".to_owned(), time(report.measured), String::new()],
    ];
    rows.extend(times(report));
    let counts = report.requests;
    let counted = [
        ("requests", counts.scheduled),
        ("error statuses", counts.http_errors),
        ("failed", counts.failed),
        ("timed out", counts.timed_out),
        ("in flight at the end", counts.in_flight_at_end),
        ("not sent by the end", counts.unsent_at_end),
        ("never sent", counts.overflowed),
    ];
    let counted = counted.into_iter().filter(|(_, count)| *count > 0);
    rows.extend(counted.map(|(what, count)| [what.to_owned(), count.to_string(), String::new()]));
    let errors = counts.error_share().map_or_else(|| "unknown".to_owned(), error_share);
    rows.push(["errors".to_owned(), errors, String::new()]);
    rows
}

fn times(report: &Report) -> impl Iterator<Item = [String; 3]> {
    let response = &report.response_time;
    let shares = [("p50", 0.5), ("p90", 0.9), ("p95", 0.95), ("p99", 0.99), ("p99.9", 0.999)];
    let quantiles = response.times.quantiles(&shares.map(|(_, share)| share));
    shares.into_iter().zip(quantiles).map(|((name, _), quantile)| {
        let interval = match name {
            "p50" => response.p50_interval,
            "p99" => response.p99_interval,
            _ => None,
        };
        let interval = interval.map(|(low, high)| format!("{} to {}", time(low), time(high)));
        [name.to_owned(), at_least(quantile.time, quantile.lower_bound), interval.unwrap_or_default()]
    })
}

fn by_replica(replicas: &Replicas) -> String {
    let shown = replicas.busiest(MOST_REPLICAS);
    let more = replicas.by_name.len() - shown.len();
    let rows = shown
        .into_iter()
        .map(|it| [it.name.clone(), it.requests.to_string(), percent(it.share), it.errors.to_string()]);
    let table = markdown(["replica", "requests", "share", "errors"], rows);
    let even = match replicas.is_even() {
        Some(true) => "\nShares are even.\n",
        Some(false) => "\nShares are **uneven**.\n",
        None => "",
    };
    let more = match (more, replicas.others) {
        (0, 0) => String::new(),
        (more, others) => {
            format!("\nAnd {more} replicas more; {others} answers of others beyond those told apart.\n")
        }
    };
    table + &more + even
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::output::fixture;

    #[test]
    fn a_job_sees_what_was_expected_and_what_was_measured() {
        insta::assert_snapshot!(render(&fixture::report()), @r"
        ### Load: `GET http://127.0.0.1:8001/32`

        | expected | measured |  |
        |:--|--:|--:|
        | p50&lt;50ms | 22.6 ms | held |
        | errors&lt;0.1% | 1.10 % | **failed** |

        |  | measured | 95 % interval |
        |:--|--:|--:|
        | throughput | 99.11/s | 99.1 ± 1.6/s |
        | measured for | 9.00 s |  |
        | p50 | 22.9 ms | 22.9 ms to 23.0 ms |
        | p90 | 25.0 ms |  |
        | p95 | 26.1 ms |  |
        | p99 | 173 ms |  |
        | p99.9 | ≥ 2.00 s |  |
        | requests | 905 |  |
        | error statuses | 4 |  |
        | failed | 1 |  |
        | timed out | 2 |  |
        | in flight at the end | 3 |  |
        | never sent | 3 |  |
        | errors | 1.11 % |  |

        | replica | requests | share | errors |
        |:--|--:|--:|--:|
        | rng-1 | 332 | 33.4 % | 2 |
        | rng-2 | 662 | 66.6 % | 3 |

        Shares are **uneven**.
        ");
    }
}
