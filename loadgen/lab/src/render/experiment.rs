//! What an experiment has found, as text for a terminal.

use std::fmt::Write;

use crate::experiment::Finding;
use crate::experiment::kill::Kill;
use crate::laws::units::Seconds;

/// The figures, each on a line; ends with an empty line.
pub(super) fn text(finding: &Finding) -> String {
    let mut text = match finding {
        Finding::Kill(found) => kill(found),
    };
    text.push('\n');
    text
}

/// Lines of a name and a figure.
fn figures<const N: usize>(heading: &str, lines: [(&str, String); N]) -> String {
    let mut text = format!("\n{heading}\n");
    for (what, figure) in lines {
        let _ = writeln!(text, "  {what:<34} {figure}");
    }
    text
}

fn kill(found: &Kill) -> String {
    let recovery = &found.recovery;
    let half = found.throughput_before_half_width_per_second;
    let half = half.map_or_else(String::new, |half| format!(" ± {half:.2}"));
    let after = match recovery.recovered_after_seconds {
        Some(after) if recovery.was_felt() => Seconds(after).to_string(),
        Some(_) => "not needed".to_owned(),
        None => "never".to_owned(),
    };
    figures(
        &format!("{} killed at {}:", found.replica, found.step),
        [
            ("hashes/s before", format!("{:.2}{half}", found.throughput_before_per_second)),
            ("lowest over any second before", format!("{:.2}", recovery.lowest_before_per_second)),
            ("lowest over any second after", format!("{:.2}", recovery.lowest_per_second)),
            ("throughput back after", after),
            ("hashes not mined meanwhile", format!("{:.0}", recovery.hashes_not_mined)),
            ("requests that failed", format!("{:.0}", found.worker_errors)),
        ],
    )
}
