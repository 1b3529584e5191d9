//! The timeline for spreadsheets: a row for each slice of the run, units in the header.

use crate::bench::report::{Report, SliceRow};

const HEADER: &str = "from_s,to_s,requests,successes,errors,successes_per_s,p50_ms,p99_ms\n";

pub(super) fn render(report: &Report) -> String {
    std::iter::once(HEADER.to_owned()).chain(report.timeline.iter().map(row)).collect()
}

fn row(slice: &SliceRow) -> String {
    let (from, to) = (slice.from.as_secs_f64(), slice.to.as_secs_f64());
    let millis = |millis: Option<f64>| millis.map_or_else(String::new, |it| format!("{it:.6}"));
    let rate = if to > from { format!("{:.3}", slice.successes as f64 / (to - from)) } else { String::new() };
    format!(
        "{from:.3},{to:.3},{},{},{},{rate},{},{}\n",
        slice.requests,
        slice.successes,
        slice.errors,
        millis(slice.p50_ms),
        millis(slice.p99_ms)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::output::fixture;

    #[test]
    fn each_slice_is_a_row_with_units_in_the_header() {
        let text = render(&fixture::report());
        let rows: Vec<&str> = text.lines().collect();
        insta::assert_snapshot!(rows[..4].join("\n"), @r"
        from_s,to_s,requests,successes,errors,successes_per_s,p50_ms,p99_ms
        1.000,1.400,40,40,0,100.000,22.806527,191.848000
        1.400,1.800,40,40,0,100.000,23.232511,25.660000
        1.800,2.200,40,40,0,100.000,22.544383,167.048000
        ");
        let columns = |line: &str| line.split(',').count();
        assert!(rows.iter().all(|row| columns(row) == columns(rows[0])), "{text}");
        assert_eq!(rows.len(), 1 + fixture::report().timeline.len());
    }
}
