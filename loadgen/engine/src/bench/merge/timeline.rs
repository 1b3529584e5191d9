//! The slices of several runs on one clock.

use std::time::{Duration, SystemTime};

use crate::bench::report::{Report, SliceRow};

/// As many as one run has at most.
const MOST: usize = 32;

/// Slices on the clock of `started_at`, all as wide as the widest that is merged into them. A slice goes where its middle
/// lies: its requests cannot be told apart any more.
pub(super) fn merged(reports: &[Report], started_at: SystemTime) -> Vec<SliceRow> {
    let placed: Vec<(Duration, &SliceRow)> = reports.iter().flat_map(|it| placed(it, started_at)).collect();
    let origin = placed.iter().map(|(from, _)| *from).min().unwrap_or_default();
    let end = placed.iter().map(|(from, row)| *from + length(row)).max().unwrap_or_default();
    let width = width(&placed, end.saturating_sub(origin));
    let mut slices: Vec<SliceRow> = Vec::new();
    for (from, row) in placed {
        let index = index((from + length(row) / 2).saturating_sub(origin), width);
        while slices.len() <= index {
            let from = slices.last().map_or(origin, |it| it.to);
            slices.push(SliceRow { from, to: from + width, ..SliceRow::default() });
        }
        slices[index].add(row);
    }
    if let Some(last) = slices.last_mut() {
        last.to = last.to.min(end.max(last.from));
    }
    slices
}

/// With their beginnings on the common clock.
fn placed(report: &Report, started_at: SystemTime) -> impl Iterator<Item = (Duration, &SliceRow)> {
    let late = report.started_at.duration_since(started_at).unwrap_or_default();
    report.timeline.iter().map(move |row| (late + row.from, row))
}

fn length(row: &SliceRow) -> Duration {
    row.to.saturating_sub(row.from)
}

fn width(placed: &[(Duration, &SliceRow)], span: Duration) -> Duration {
    let widest = placed.iter().map(|(_, row)| length(row)).max().unwrap_or_default();
    let mut width = widest.max(Duration::from_millis(1));
    while index(span, width) >= MOST {
        width *= 2;
    }
    width
}

fn index(at: Duration, width: Duration) -> usize {
    usize::try_from(at.as_nanos() / width.as_nanos()).unwrap_or(usize::MAX)
}
