//! What a reader should know beside the figures, a sentence each.

use crate::blackbox::judge::bought;
use crate::blackbox::report::{Report, StepReport};

/// What makes steps less certain, and what more of something has bought that the verdict does not rest on; each with its full
/// stop.
pub(super) fn notes(report: &Report) -> Vec<String> {
    let caveats = report
        .steps
        .iter()
        .flat_map(|step| step.seen.caveats.iter().map(|caveat| format!("At {}: {caveat}.", step.name)));
    let others = report.elasticities.iter().filter(|it| !report.conclusion.evidence.contains(&bought(it)));
    let others = others.map(|it| {
        let [one, other] = it.between_steps.map(|step| report.steps.get(step));
        let same = one.zip(other).map(|(one, other)| common(one, other)).unwrap_or_default();
        format!("{}{same}.", bought(it))
    });
    caveats.chain(others).collect()
}

/// What two steps have in common, in brackets.
fn common(one: &StepReport, other: &StepReport) -> String {
    let same = one.name.split(' ').filter(|part| other.name.split(' ').any(|it| it == *part));
    let same: Vec<&str> = same.collect();
    if same.is_empty() { String::new() } else { format!(" ({})", same.join(" ")) }
}
