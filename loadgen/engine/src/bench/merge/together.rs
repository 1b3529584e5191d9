//! Whether runs were one load: side by side, and of one kind.

use std::time::{Duration, SystemTime};

use crate::bench::report::Report;

/// The share of the longest run that all runs have in common, from which on they count as side by side.
const MOSTLY: f64 = 0.5;

/// How runs lie in time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Together {
    /// Whether what was measured of them overlaps for most of the longest one.
    pub(super) side_by_side: bool,
    /// The longest one; where they are not side by side, from the first one's start to the last one's end.
    pub(super) measured: Duration,
}

impl Together {
    /// `None` of no runs.
    pub(super) fn of(reports: &[Report]) -> Option<Self> {
        let stretches: Vec<_> = reports.iter().map(measured).collect();
        let longest = reports.iter().map(|it| it.measured).max()?;
        let starts = || stretches.iter().map(|(from, _)| *from);
        let ends = || stretches.iter().map(|(_, to)| *to);
        let common = ends().min()?.duration_since(starts().max()?).unwrap_or_default();
        let side_by_side = reports.len() == 1 || common >= longest.mul_f64(MOSTLY);
        let span = ends().max()?.duration_since(starts().min()?).unwrap_or_default();
        Some(Self { side_by_side, measured: if side_by_side { longest } else { span } })
    }
}

/// When what was measured began, and when it ended.
fn measured(report: &Report) -> (SystemTime, SystemTime) {
    let end = report.started_at + report.took;
    (end.checked_sub(report.measured).unwrap_or(report.started_at), end)
}

/// What a reader of the merged report must know, those of its parts included.
pub(super) fn warnings(reports: &[Report], together: &Together) -> Vec<String> {
    let mut warnings = Vec::new();
    if !together.side_by_side {
        let all = "the runs did not go on side by side";
        warnings.push(format!(
            "{all}: the throughput is all successes over the time from the first start to the last end"
        ));
    }
    let is = |load: &str| reports.iter().any(|it| it.plan.load == load);
    if is("closed") && is("open") {
        let mixed = "closed and open loops are mixed";
        warnings.push(format!("{mixed}: their response times answer different questions, read them apart"));
    }
    for warning in reports.iter().flat_map(|it| &it.warnings) {
        if !warnings.contains(warning) {
            warnings.push(warning.clone());
        }
    }
    warnings
}
